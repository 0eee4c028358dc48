"""A split that a file prescribes, for both domains or for one of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from dakit.components import SplitSpec
from dakit.contracts import PARTS, SIDES, DomainPair, DomainSplit, PairSplit
from dakit.data.splits import check_split, draw_split, stored_rows
from dakit.errors import InputError
from dakit.images.npy import FAULTS, NpzArrays, reason

FORMS = (
    "an .npz like split.npz of a run (arrays source_train, source_validation, source_test and the "
    'same of the target), or JSON: {"target": {"train": [0, 1], "validation": [2], "test": [3]}}'
)


def with_given_split(pair: DomainPair, spec: SplitSpec, seed: int, base_dir: Path) -> DomainPair:
    """Return ``pair`` with the split of ``spec.file``; as it is where there is none.

    A domain that the file leaves out keeps the split of its protocol, or is split as the other
    fields say. The checksum of the file is one of the data, so that the run id depends on it.

    Raises:
        InputError: the file cannot be read, lacks a part, or does not fit the data.
    """
    if spec.file is None:
        return pair
    path = base_dir / spec.file
    try:
        content = path.read_bytes()
        given = _of_json(content) if path.suffix == ".json" else _of_npz(path)
    except (*FAULTS, KeyError, TypeError, OverflowError) as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else reason(error)
        raise InputError(f"data.split.file: {path} is no split: {what}. It must be {FORMS}") from (
            error
        )
    if not given:
        raise InputError(f"data.split.file: {path} names no part of a domain. It must be {FORMS}")
    rest = {} if len(given) == len(SIDES) else vars(pair.split or draw_split(pair, spec, seed))
    split = PairSplit(**{**rest, **given})
    try:
        check_split(pair, split)
    except InputError as error:
        raise InputError(f"data.split.file: {path} does not fit the data: {error}") from error
    provenance = pair.provenance
    told = f"The parts of the {' and the '.join(given)} are those of the file {path.name}."
    checksums = {**provenance.checksums, "data.split.file": hashlib.sha256(content).hexdigest()}
    known = replace(provenance, checksums=checksums, notes=(*provenance.notes, told))
    return replace(pair, split=split, provenance=known)


def _of_npz(path: Path) -> dict[str, DomainSplit]:
    with NpzArrays(path) as arrays:
        named = [side for side in SIDES if any(name in arrays.keys for name in _names(side))]
        return {
            side: DomainSplit(*(stored_rows(arrays[n], n) for n in _names(side))) for side in named
        }


def _names(side: str) -> list[str]:
    return [f"{side}_{part}" for part in PARTS]


def _of_json(content: bytes) -> dict[str, DomainSplit]:
    told = json.loads(content)
    if not isinstance(told, Mapping) or not set(told) <= set(SIDES):
        raise ValueError(f"its keys must be {' and '.join(SIDES)}")
    return {
        side: DomainSplit(*(stored_rows(np.array(of[part]), part) for part in PARTS))
        for side, of in told.items()
    }
