"""Groups from a file: which galaxy each row shows, as `dakit inspect` found it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from dakit import InputError
from dakit.checksums import file_sha256
from dakit.contracts import Domain, DomainPair
from dakit.images.npy import FAULTS, NpzArrays

NOTE = (
    "Galaxies are known from a file of groups: where these come from a search for near-duplicates, "
    "copies that it missed may still fall on both sides of the split."
)


def with_groups(pair: DomainPair, path: Path) -> DomainPair:
    """Return ``pair`` with the groups in ``path`` instead of its own.

    Raises:
        InputError: the file cannot be read, or its arrays do not fit the rows.
    """
    source, target = (_with_groups(d, path) for d in (pair.source, pair.target))
    known = pair.provenance
    provenance = replace(
        known,
        checksums={**known.checksums, "groups": file_sha256(path)},
        notes=(*known.notes, NOTE),
    )
    return replace(pair, source=source, target=target, provenance=provenance)


def _with_groups(domain: Domain, path: Path) -> Domain:
    groups = read_groups(path, domain.name)
    if groups.shape != (len(domain),) or groups.dtype.kind not in "iuSU":
        raise InputError(
            f"{path}: '{domain.name}' is {groups.dtype} of shape {groups.shape}; expected whole "
            f"numbers or names of shape ({len(domain)},), one for each row"
        )
    return replace(domain, groups=groups)


def read_groups(path: Path, name: str) -> NDArray[Any]:
    """Return the groups of one domain.

    Raises:
        InputError: the file has none.
    """
    try:
        with NpzArrays(path) as archive:
            groups = archive[name]
    except (*FAULTS, KeyError) as error:
        raise InputError(
            f"{path}: no .npz with arrays 'source' and 'target' of groups ({error})"
        ) from error
    return groups
