"""Equal images within and across domains and parts."""

from __future__ import annotations

import numpy as np

from dakit.contracts import Domain, DomainPair, DomainSplit, PairSplit, Provenance
from dakit.inspecting.near_duplicates import exact_copies


def planted() -> DomainPair:
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(2, 9, 1, 4, 4))
    source[8] = source[0]
    target[4] = target[3]
    target[7] = source[1]
    domains = (
        Domain("source", source, np.arange(9) % 2, np.arange(9)),
        Domain("target", target.astype(np.float32), None, np.arange(9)),
    )
    return DomainPair(*domains, ("a", "b"), Provenance("generated", "noise"))


def test_they_are_counted_whatever_type_they_are_stored_as() -> None:
    copies = exact_copies(planted())
    assert set(copies.sets) == {((0, 8), ()), ((), (3, 4)), ((1,), (7,))}
    assert copies.within("source") == 2
    assert copies.within("target") == 2
    assert copies.across == 1


def test_test_images_that_equal_training_images_are_counted() -> None:
    split = PairSplit(
        DomainSplit(np.arange(5), np.array([5]), np.arange(6, 9)),
        DomainSplit(np.array([0, 1, 2, 5, 6]), np.array([8]), np.array([3, 4, 7])),
    )
    assert exact_copies(planted()).between_parts(split) == {"source": 1, "target": 0, "across": 1}
