"""Training, validation and test parts: drawn once by object, stored, never drawn again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.components import SplitSpec
from dakit.contracts import PARTS, SIDES, Domain, DomainPair, DomainSplit, PairSplit
from dakit.errors import InputError
from dakit.files.writing import writing
from dakit.images.npy import FAULTS, NpzArrays
from dakit.randomness import generator

Indices = NDArray[np.int64]


def draw_split(pair: DomainPair, spec: SplitSpec, seed: int) -> PairSplit:
    """Split both domains by object: all rows of one group end up in one part.

    The source is stratified by class (a group's class is the most frequent of its labels): each
    class is trained on and, where it has two objects or more, tested on. The
    target is split at random, and by its labels only under ``stratify: both``, each class then
    like those of the source. With ``pair.shared_groups`` an object that
    both domains show is in the same part of both, and the target's own objects make up what is
    missing to its fractions.

    Raises:
        InputError: a domain has too few objects for three parts, a class too few to be trained
            on, or the target cannot be stratified.
    """
    seed = seed if spec.seed is None else spec.seed
    fractions = np.array([spec.train, spec.validation, spec.test])
    fractions /= fractions.sum()
    objects, of_row = _objects(pair.source)
    parts = np.empty(0, np.int64)
    if len(pair.source):
        classes = _classes(pair.source, of_row, len(objects))
        parts = _assign(classes, fractions, generator(seed, "source split"))
    known = dict(zip(objects.tolist(), parts.tolist(), strict=True)) if pair.shared_groups else {}
    target_objects, target_of_row = _objects(pair.target)
    rng = generator(seed, "target split")
    if spec.stratify == "both":
        _check_stratified(pair)
        target_classes = _classes(pair.target, target_of_row, len(target_objects))
        target_parts = _assign(target_classes, fractions, rng)
    else:
        target_parts = _complete(target_objects, known, fractions, rng)
    split = PairSplit(_rows_of_parts(parts[of_row]), _rows_of_parts(target_parts[target_of_row]))
    check_split(pair, split)
    return split


def _check_stratified(pair: DomainPair) -> None:
    why = "the target has no labels" if pair.target.labels is None else ""
    if pair.shared_groups:
        why = "objects that both domains show have their part from the source"
    if why:
        raise InputError(f"data.split.stratify 'both' cannot be: {why}; leave it at 'source'")


def save_split(path: Path, split: PairSplit) -> None:
    """Write the rows of every part to ``path`` (.npz), whole or not at all.

    Raises:
        RunError: it cannot be written.
    """
    arrays = {
        f"{side}_{part}": getattr(getattr(split, side), part) for side in SIDES for part in PARTS
    }
    with writing(path) as file:
        np.savez(file, **arrays)


def load_split(path: Path) -> PairSplit:
    """Read a split that :func:`save_split` wrote.

    Raises:
        InputError: it is no such file.
    """
    try:
        with NpzArrays(path) as arrays:
            source, target = (
                DomainSplit(
                    *(stored_rows(arrays[n], n) for n in (f"{side}_{part}" for part in PARTS))
                )
                for side in SIDES
            )
    except (*FAULTS, KeyError) as error:
        raise InputError(f"{path} is not a stored split: {error}") from error
    return PairSplit(source, target)


def stored_rows(rows: NDArray[Any], name: str) -> Indices:
    """Return row numbers as they are counted with; ValueError where they are none."""
    if rows.ndim != 1 or rows.dtype.kind not in "iu" or (len(rows) and rows.min() < 0):
        raise ValueError(f"{name} holds {rows.dtype}, {rows.shape}, and no row numbers")
    return rows.astype(np.int64, copy=False)


def check_split(pair: DomainPair, split: PairSplit) -> None:
    """Raise InputError where a part is empty, parts overlap, or a class is not trained on."""
    if len(pair.source):
        _check_parts(pair.source, split.source)
        _check_classes(pair, split)
    _check_parts(pair.target, split.target)


def _check_classes(pair: DomainPair, split: PairSplit) -> None:
    labels = pair.source.labels
    assert labels is not None  # checked when the pair was
    missing = np.setdiff1d(labels, labels[split.source.train])
    if len(missing):
        names = ", ".join(pair.class_names[label] for label in missing)
        raise InputError(f"{pair.source.name}: no object of class {names} is left to train on")


def _objects(domain: Domain) -> tuple[NDArray[Any], Indices]:
    """Return the domain's objects and, for each row, the index of its object."""
    if domain.groups is None:
        rows = np.arange(len(domain))
        return rows, rows
    objects, of_row = np.unique(domain.groups, return_inverse=True)
    return objects, of_row.reshape(-1)


def _classes(domain: Domain, of_row: Indices, objects: int) -> Indices:
    assert domain.labels is not None  # checked when the pair was
    counts = np.zeros((objects, int(domain.labels.max()) + 1), np.int64)
    np.add.at(counts, (of_row, domain.labels), 1)
    classes: Indices = counts.argmax(axis=1)
    return classes


def _assign(strata: Indices, fractions: NDArray[np.float64], rng: np.random.Generator) -> Indices:
    """Return the part (0, 1, 2) of each object, every stratum in the given fractions."""
    names, counts = np.unique(strata, return_counts=True)
    parts = np.empty(len(strata), np.int64)
    sizes = apportion(counts, fractions)
    fill_every_part(sizes)
    for name, of_part in zip(names, sizes, strict=True):
        members = rng.permutation(np.flatnonzero(strata == name))
        parts[members] = np.repeat(np.arange(len(PARTS)), of_part)
    return parts


def _complete(
    objects: NDArray[Any],
    known: dict[Any, int],
    fractions: NDArray[np.float64],
    rng: np.random.Generator,
) -> Indices:
    """Return the part of each object: the known one, or one that fills up the fractions."""
    parts = np.array([known.get(name, -1) for name in objects.tolist()])
    own = rng.permutation(np.flatnonzero(parts < 0))
    empty = np.setdiff1d(np.arange(len(PARTS)), parts)[: len(own)]
    parts[own[: len(empty)]] = empty
    own = own[len(empty) :]
    if len(own):
        present = np.bincount(parts[parts >= 0], minlength=len(PARTS))
        missing = np.maximum(0.0, fractions * len(objects) - present)
        sizes = apportion(np.array([len(own)]), missing / missing.sum())[0]
        parts[own] = np.repeat(np.arange(len(PARTS)), sizes)
    return parts


def _rows_of_parts(parts: Indices) -> DomainSplit:
    return DomainSplit(*(np.flatnonzero(parts == part) for part in range(len(PARTS))))


def _check_parts(domain: Domain, split: DomainSplit) -> None:
    rows = {part: getattr(split, part) for part in PARTS}
    for part, members in rows.items():
        if len(members) == 0:
            raise InputError(
                f"{domain.name}: {len(_objects(domain)[0])} object(s) are too few, "
                f"its {part} part is empty"
            )
    together = np.concatenate(list(rows.values()))
    if together.min() < 0 or together.max() >= len(domain):
        raise InputError(f"{domain.name}: the split names rows beyond its {len(domain)} inputs")
    if len(np.unique(together)) < len(together):
        raise InputError(f"{domain.name}: the split puts a row into more than one part")


Part = int | np.intp

TOLERANCE = 1e-9
"""What a share may fall short of a whole number by rounding."""


def apportion(counts: NDArray[np.int64], fractions: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many objects ``(S, P)`` of each of S strata go to each of P parts.

    In every stratum each part gets its share rounded down or up, rounded up where the part is
    furthest behind its share over the strata so far: many small strata do not add up their
    rounding.
    """
    shares = counts[:, None] * fractions
    sizes = np.floor(shares + TOLERANCE).astype(np.int64)
    behind = np.zeros(len(fractions))
    for stratum, count in enumerate(counts):
        rest = shares[stratum] - sizes[stratum]
        behind += rest
        left = int(count - sizes[stratum].sum())
        # a share that is a whole number is not rounded up; there are always enough others
        furthest = np.argsort(np.where(rest > TOLERANCE, -behind, np.inf), kind="stable")[:left]
        sizes[stratum, furthest] += 1
        behind[furthest] -= 1
    return sizes


def fill_every_part(sizes: NDArray[np.int64]) -> None:
    """Move single objects in ``sizes (S, P)``, in place, as far as there are enough.

    Every stratum then has one object in the first part at least, one in the last if it has two,
    and every part one at least (if need be the last object of a stratum in the last part).
    """
    for part in (0, -1):
        for stratum in np.flatnonzero((sizes[:, part] == 0) & (sizes.sum(axis=1) > -part)):
            _move(sizes, stratum, (sizes[stratum] - [1, 0, 0]).argmax(), part)
    for empty in np.flatnonzero(sizes.sum(axis=0) == 0):
        richest, crowded = sizes[:, 0].argmax(), sizes[:, -1].argmax()
        if sizes[richest, 0] > 1:
            _move(sizes, richest, 0, empty)
        elif sizes[:, -1].sum() > 1:
            _move(sizes, crowded, -1, empty)


def _move(sizes: NDArray[np.int64], stratum: np.intp, giver: Part, taker: Part) -> None:
    sizes[stratum, giver] -= 1
    sizes[stratum, taker] += 1
