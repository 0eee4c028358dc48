"""What is known of 12 source and 8 target images, written down by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dakit.contracts import Domain, DomainPair, DomainSplit, PairSplit, Provenance
from dakit.data.leakage import leakage
from dakit.inspecting.counts import balanced, counts
from dakit.inspecting.faults import OUTLIER, ZERO, Faults
from dakit.inspecting.flux import flux_histograms
from dakit.inspecting.joining import agreement, join
from dakit.inspecting.near_duplicates import ExactCopies, NearDuplicates
from dakit.reporting.inspection.facts import Found, InspectionFacts
from dakit.reporting.stretch import Mosaic

CLASSES = ("round", "odd")


def domain(role: str, labels: list[int], groups: list[int] | None) -> Domain:
    images = np.random.default_rng(len(labels)).gamma(1, size=(len(labels), 1, 6, 6))
    ids = np.array([f"{role[0]}{row}" for row in range(len(labels))])
    known = None if groups is None else np.array(groups)
    return Domain(role, images.astype(np.float32), np.array(labels), ids, known)


def found(size: int, known: Any, pairs: list[tuple[int, int]], similarity: list[float]) -> Found:
    near = NearDuplicates(np.array(pairs, np.int64).reshape(-1, 2), np.array(similarity))
    offered = near.at(0.97).pairs
    agrees = None if known is None else agreement(join(size, offered), known)
    return Found(near, 0.97, offered, 0, join(size, offered, known), agrees)


def make() -> InspectionFacts:
    source = domain("source", [0] * 9 + [1] * 3, [0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    target = domain("target", [0, 1] * 4, None)
    pair = DomainPair(source, target, CLASSES, Provenance("mock", "made up <here>", {}, ("n1",)))
    split = PairSplit(
        DomainSplit(np.array([0, 2, 4, 5, 6, 9]), np.array([7, 10]), np.array([1, 3, 8, 11])),
        DomainSplit(np.array([0, 1, 2, 3]), np.array([4, 5]), np.array([6, 7])),
    )
    sides = {"source": source, "target": target}
    return InspectionFacts(
        name="mine",
        pair=pair,
        counts={r: counts(d, CLASSES, getattr(split, r)) for r, d in sides.items()},
        balance=False,
        balanced=balanced(source, split.source, CLASSES),
        faults={
            "source": Faults({ZERO: np.array([2, 5]), OUTLIER: np.array([11])}),
            "target": Faults(),
        },
        split=split,
        leakage=leakage(pair, split),
        copies=ExactCopies((((0, 1), ()), ((4,), (6, 7)))),
        found={
            "source": found(12, source.groups, [(0, 1), (2, 3), (4, 5)], [0.99, 0.98, 0.9]),
            "target": found(8, None, [(0, 1), (1, 2)], [0.975, 0.99]),
        },
        flux={"before": flux_histograms({r: d.inputs for r, d in sides.items()})},
        mosaics=[Mosaic("source", ("odd",), (source.inputs[9:11],), (("s9", "s10"),))],
        normalization="asinh",
        groups_file="found.npz",
    )


@pytest.fixture
def facts() -> InspectionFacts:
    return make()


@pytest.fixture
def changed() -> Callable[..., InspectionFacts]:
    """Return what makes the same facts with some of them changed."""
    return lambda **changes: replace(make(), **changes)
