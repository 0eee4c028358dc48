"""Counts by class and part."""

from __future__ import annotations

import numpy as np

from dakit.contracts import Domain, DomainSplit
from dakit.inspecting.counts import balanced, counts

SPLIT = DomainSplit(np.array([0, 1, 2, 3, 4]), np.array([5, 6]), np.array([7]))


def domain(labels: list[int] | None) -> Domain:
    known = None if labels is None else np.array(labels)
    return Domain("source", np.zeros((8, 3)), known, np.arange(8), np.arange(8) // 2)


def test_by_class_and_part() -> None:
    told = counts(domain([0, 0, 0, 0, 1, 1, 1, 2]), ("a", "b", "c"), SPLIT)
    assert told.objects == 4
    assert told.by_class == {"a": 4, "b": 3, "c": 1}
    assert told.by_part == {"train": 5, "validation": 2, "test": 1}
    assert told.by_class_and_part is not None
    assert told.by_class_and_part["train"] == {"a": 4, "b": 1, "c": 0}


def test_unknown_labels_and_no_split() -> None:
    told = counts(domain(None), ("a", "b"), None)
    assert (told.images, told.by_class, told.by_part, told.by_class_and_part) == (8, *[None] * 3)


def test_balancing_repeats_the_rarer_class() -> None:
    labels = [0, 0, 0, 0, 1, 1, 1, 2]
    assert balanced(domain(labels), SPLIT, ("a", "b", "c")) == {"a": 4, "b": 4, "c": 0}
