"""From a pair of domains to data that can be trained on: checked, split, normalised."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import final

from dakit.components import DatasetSpec
from dakit.contracts import DomainPair, PairSplit
from dakit.data.checks import check_pair
from dakit.data.leakage import LeakageReport, leakage
from dakit.data.mapping import MappedFiles
from dakit.data.normalization import PairNormalization, fit_pair
from dakit.data.splits import check_split, draw_split
from dakit.data.symmetries import augmentation
from dakit.errors import InputError


def fingerprint(pair: DomainPair) -> str:
    """Return 16 hex digits of the origin, the checksums, the shapes and the class names."""
    facts = {
        "origin": pair.provenance.origin,
        "checksums": dict(pair.provenance.checksums),
        "shapes": [list(domain.inputs.shape) for domain in (pair.source, pair.target)],
        "classes": list(pair.class_names),
        "shared_groups": pair.shared_groups,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


@final
@dataclass(frozen=True)
class PreparedData:
    """Two domains with their split and their normalisation."""

    pair: DomainPair
    split: PairSplit
    normalization: PairNormalization
    leakage: LeakageReport
    fingerprint: str
    files: MappedFiles


def prepare(
    pair: DomainPair,
    spec: DatasetSpec,
    seed: int,
    *,
    split: PairSplit | None = None,
    normalization: PairNormalization | None = None,
    known_as: str = "",
) -> PreparedData:
    """Check ``pair``, split it and fit its normalisation.

    A ``split`` or ``normalization`` given here, or a split prescribed by the pair's protocol, is
    used instead of a new one; ``known_as`` is the fingerprint, where it was taken before. Raises
    InputError where the data cannot be trained on, or what is given does not fit them.
    """
    check_pair(pair)
    augmentation(spec.augment, pair.source.input_shape)
    stored = "" if split is None else "the stored split.npz does not fit the data: "
    split = split or pair.split or draw_split(pair, spec.split, seed)
    try:
        check_split(pair, split)
    except InputError as error:
        raise InputError(f"{stored}{error}") from error
    if normalization is None:
        normalization = fit_pair(pair, split, spec.normalize)
    _check_fit(pair, normalization)
    files = MappedFiles.of(pair.source.inputs, pair.target.inputs)
    known_as = known_as or fingerprint(pair)
    return PreparedData(pair, split, normalization, leakage(pair, split), known_as, files)


def _check_fit(pair: DomainPair, normalization: PairNormalization) -> None:
    channels = pair.source.input_shape[0]
    for side, given in (("source", normalization.source), ("target", normalization.target)):
        if len(given.scale) != channels:
            raise InputError(
                f"the inherited normalisation of the {side} has {len(given.scale)} channels, "
                f"the inputs {pair.source.input_shape} have {channels}"
            )
        given.check_type(getattr(pair, side).inputs.dtype, getattr(pair, side).name)
