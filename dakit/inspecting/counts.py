"""How many images there are, by class and part, and what balancing would add."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np

from dakit.contracts import PARTS, Domain, DomainSplit
from dakit.data.batches import balanced_rows


@final
@dataclass(frozen=True)
class Counts:
    """Images of one domain: in all, by class, by part, and by class in each part.

    Without labels the classes are None, without a split the parts.
    """

    images: int
    objects: int | None
    by_class: dict[str, int] | None
    by_part: dict[str, int] | None
    by_class_and_part: dict[str, dict[str, int]] | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def counts(domain: Domain, class_names: tuple[str, ...], split: DomainSplit | None) -> Counts:
    """Count the images of one domain; ``split`` is None where the data cannot be split."""
    everything = np.arange(len(domain))
    parts = {part: getattr(split, part) for part in PARTS} if split is not None else None
    by_class = _by_class(domain, class_names, everything)
    return Counts(
        images=len(domain),
        objects=None if domain.groups is None else len(np.unique(domain.groups)),
        by_class=by_class,
        by_part=None if parts is None else {part: len(rows) for part, rows in parts.items()},
        by_class_and_part=None
        if parts is None or by_class is None
        else {part: _by_class(domain, class_names, rows) or {} for part, rows in parts.items()},
    )


def balanced(source: Domain, split: DomainSplit, class_names: tuple[str, ...]) -> dict[str, int]:
    """Return the training images of each class that ``balance`` would make, repeated ones too."""
    assert source.labels is not None  # the source has them
    rows, _ = balanced_rows(split.train, source.labels[split.train], seed=0)
    return _by_class(source, class_names, rows) or {}


def _by_class(domain: Domain, class_names: tuple[str, ...], rows: Any) -> dict[str, int] | None:
    if domain.labels is None:
        return None
    numbers = np.bincount(domain.labels[rows], minlength=len(class_names))
    return dict(zip(class_names, numbers.tolist(), strict=True))
