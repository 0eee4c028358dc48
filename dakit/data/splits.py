"""Training, validation and test parts: drawn once by object, stored, never drawn again."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.components import SplitSpec
from dakit.contracts import Domain, DomainPair, DomainSplit, PairSplit
from dakit.errors import InputError, RunError
from dakit.randomness import generator

PARTS = ("train", "validation", "test")


def draw_split(pair: DomainPair, spec: SplitSpec, seed: int) -> PairSplit:
    """Split both domains by object: all rows of one group end up in one part.

    The source is stratified by class (a group's class is the most frequent of its labels). The
    target is split at random and never by its labels. With ``pair.shared_groups`` an object that
    both domains show is in the same part of both. Raises InputError where a domain has too few
    objects for three parts, or a class too few to be trained on.
    """
    seed = seed if spec.seed is None else spec.seed
    source_objects, source_of_row = _objects(pair.source)
    classes = _classes(pair.source, source_of_row, len(source_objects))
    source_parts = _assign(classes, spec, generator(seed, "source split"), pair.source.name)
    target_objects, target_of_row = _objects(pair.target)
    strata = np.zeros(len(target_objects), np.int64)
    target_parts = _assign(strata, spec, generator(seed, "target split"), pair.target.name)
    if pair.shared_groups:
        _follow(target_objects, target_parts, source_objects, source_parts)
    split = PairSplit(
        _rows_of_parts(source_parts[source_of_row]), _rows_of_parts(target_parts[target_of_row])
    )
    _check(pair, split)
    return split


def save_split(path: Path, split: PairSplit) -> None:
    """Write the rows of every part to ``path`` (.npz), whole or not at all."""
    arrays = {
        f"{side}_{part}": getattr(getattr(split, side), part)
        for side in ("source", "target")
        for part in PARTS
    }
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.part")
    try:
        with open(temporary, "xb") as file:
            np.savez(file, **arrays)
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error


def load_split(path: Path) -> PairSplit:
    """Read a split that :func:`save_split` wrote. Raises InputError where it is none."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            source, target = (
                DomainSplit(*(arrays[f"{side}_{part}"] for part in PARTS))
                for side in ("source", "target")
            )
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path} is not a stored split: {error}") from error
    return PairSplit(source, target)


def _objects(domain: Domain) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the domain's objects and, for each row, the index of its object."""
    if domain.groups is None:
        rows = np.arange(len(domain))
        return rows, rows
    objects, of_row = np.unique(domain.groups, return_inverse=True)
    return objects, of_row.reshape(-1)


def _classes(domain: Domain, of_row: NDArray[np.int64], objects: int) -> NDArray[np.int64]:
    assert domain.labels is not None  # checked when the pair was
    counts = np.zeros((objects, int(domain.labels.max()) + 1), np.int64)
    np.add.at(counts, (of_row, domain.labels), 1)
    return counts.argmax(axis=1)


def _assign(
    strata: NDArray[np.int64], spec: SplitSpec, rng: np.random.Generator, name: str
) -> NDArray[np.int64]:
    """Return the part (0, 1, 2) of each object, each stratum in the fractions of ``spec``."""
    if len(strata) < len(PARTS):
        raise InputError(
            f"{name}: {len(strata)} object(s) cannot be split into train, validation and test"
        )
    parts = np.empty(len(strata), np.int64)
    for stratum in np.unique(strata):
        members = rng.permutation(np.flatnonzero(strata == stratum))
        train, validation = _sizes(len(members), spec)
        parts[members[:train]] = 0
        parts[members[train : train + validation]] = 1
        parts[members[train + validation :]] = 2
    return parts


def _sizes(n: int, spec: SplitSpec) -> tuple[int, int]:
    """Return the sizes of train and validation among ``n``; every part has one where n >= 3."""
    train = max(1, round(n * spec.train))
    validation = max(1, round(n * spec.validation)) if n >= len(PARTS) else 0
    excess = max(0, train + validation - (n - 1)) if n >= len(PARTS) else max(0, train - n)
    return train - excess, validation


def _follow(
    target_objects: NDArray[Any],
    target_parts: NDArray[np.int64],
    source_objects: NDArray[Any],
    source_parts: NDArray[np.int64],
) -> None:
    _shared, in_target, in_source = np.intersect1d(
        target_objects, source_objects, assume_unique=True, return_indices=True
    )
    target_parts[in_target] = source_parts[in_source]


def _rows_of_parts(parts: NDArray[np.int64]) -> DomainSplit:
    return DomainSplit(*(np.flatnonzero(parts == part) for part in range(len(PARTS))))


def _check(pair: DomainPair, split: PairSplit) -> None:
    for domain, sides in ((pair.source, split.source), (pair.target, split.target)):
        for part in PARTS:
            if len(getattr(sides, part)) == 0:
                raise InputError(f"{domain.name}: too few objects, its {part} part is empty")
    assert pair.source.labels is not None
    known = set(np.unique(pair.source.labels).tolist())
    missing = known - set(np.unique(pair.source.labels[split.source.train]).tolist())
    if missing:
        names = ", ".join(pair.class_names[label] for label in sorted(missing))
        raise InputError(f"{pair.source.name}: too few objects to train on class {names}")
