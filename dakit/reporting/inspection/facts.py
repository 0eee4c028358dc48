"""Everything that an inspection tells, gathered before anything is drawn or written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import DomainPair, PairSplit
from dakit.data.leakage import LeakageReport
from dakit.inspecting.counts import Counts
from dakit.inspecting.faults import Faults
from dakit.inspecting.flux import FluxHistograms
from dakit.inspecting.joining import Agreement, join
from dakit.inspecting.near_duplicates import ExactCopies, NearDuplicates
from dakit.reporting.stretch import Mosaic

THRESHOLDS = (0.88, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)


@final
@dataclass(frozen=True)
class Found:
    """Near-duplicates of one domain: the pairs, the groups they make, and some of the groups.

    ``offered (P, 2)`` are the pairs at ``threshold`` whose groups may each be one object, and
    ``contradicting`` is the number of those at ``threshold`` that differ in class, None where that
    is not known. ``groups (N,)`` join the pairs offered and the groups that were known before;
    ``agreement`` compares the pairs alone with those, None where no groups are known.
    """

    near: NearDuplicates
    threshold: float
    offered: NDArray[np.int64]
    contradicting: int | None
    groups: NDArray[np.int64]
    agreement: Agreement | None
    examples: tuple[tuple[NDArray[Any], tuple[str, ...]], ...] = ()
    chains: tuple[int, int] = (0, 0)
    """Groups that could be one object but for being chains, and the images in them."""
    random: bool = False
    """Whether the pairs contradict the labels about as often as any two images: none is offered."""

    @property
    def refused(self) -> tuple[int, int]:
        """How many groups are not offered, and the images in them."""
        (_, images, groups, _), (_, kept, left, _) = self.sizes(self.threshold), self.sizes()
        return groups - left, images - kept

    @property
    def images(self) -> int:
        """How many images stand in a pair that is offered."""
        return len(np.unique(self.offered))

    def sizes(self, threshold: float | None = None) -> tuple[int, int, int, int]:
        """Return pairs, images in them, groups of two or more, and the largest group.

        Of all pairs at ``threshold``, by default of those that are offered.
        """
        pairs = self.offered if threshold is None else self.near.at(threshold).pairs
        joined = join(len(self.groups), pairs)
        sizes = np.bincount(joined)
        return len(pairs), len(np.unique(pairs)), int((sizes > 1).sum()), int(sizes.max())


@final
@dataclass(frozen=True)
class InspectionFacts:
    """What is known of the data of a spec; empty parts are explained in ``missing``."""

    name: str
    pair: DomainPair
    counts: Mapping[str, Counts]
    balance: bool
    balanced: Mapping[str, int] | None
    faults: Mapping[str, Faults]
    split: PairSplit | None
    leakage: LeakageReport | None
    copies: ExactCopies | None
    found: Mapping[str, Found] = field(default_factory=dict)
    flux: Mapping[str, FluxHistograms] = field(default_factory=dict)
    """By ``before`` and ``after`` normalisation."""
    mosaics: Sequence[Mosaic] = ()
    normalization: str = ""
    groups_file: str | None = None
    untrainable: str | None = None
    """Why nothing can be trained on these data as they are."""
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def mock(self) -> bool:
        """Whether the images are mock data."""
        return self.pair.provenance.origin == "mock"

    def ids(self, role: str, rows: NDArray[np.int64]) -> list[str]:
        """Return the ids of some rows of a domain."""
        return [str(name) for name in getattr(self.pair, role).ids[rows]]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain values, for scripts."""
        source, target = self.pair.source, self.pair.target
        return {
            "name": self.name,
            "data": {
                "origin": self.pair.provenance.origin,
                "mock": self.mock,
                "description": self.pair.provenance.description,
                "notes": list(self.pair.provenance.notes),
                "class_names": list(self.pair.class_names),
                "input_shape": list(source.input_shape),
                "dtypes": {"source": str(source.inputs.dtype), "target": str(target.inputs.dtype)},
                "untrainable": self.untrainable,
            },
            "counts": {role: numbers.to_dict() for role, numbers in self.counts.items()},
            "balance": {"asked": self.balance, "source_train": self.balanced},
            "faults": {
                role: {kind: self.ids(role, rows) for kind, rows in found.rows.items()}
                for role, found in self.faults.items()
            },
            "leakage": None if self.leakage is None else self.leakage.to_dict(),
            "exact_copies": self._copies(),
            "near_duplicates": {role: self._near(role) for role in self.found},
            "groups_file": self.groups_file,
            "missing": dict(self.missing),
        }

    def _copies(self) -> dict[str, Any] | None:
        if self.copies is None:
            return None
        return {
            "source": self.copies.within("source"),
            "target": self.copies.within("target"),
            "across": self.copies.across,
            "test_in_train": None if self.split is None else self.copies.between_parts(self.split),
            "sets": [
                {
                    "source": self.ids("source", np.array(source, np.int64)),
                    "target": self.ids("target", np.array(target, np.int64)),
                }
                for source, target in self.copies.sets
            ],
        }

    def _near(self, role: str) -> dict[str, Any]:
        found = self.found[role]
        pairs, images, groups, largest = found.sizes(found.threshold)
        chosen = found.near.at(found.threshold)
        known = found.agreement
        return {
            "threshold": found.threshold,
            "pairs": pairs,
            "images": images,
            "groups": groups,
            "largest_group": largest,
            "contradicting_pairs": found.contradicting,
            "not_offered": {
                **dict(zip(("groups", "images"), found.refused, strict=True)),
                "all": found.random,
                "chains": dict(zip(("groups", "images"), found.chains, strict=True)),
            },
            "known_groups": None
            if known is None
            else {"pair_precision": known.precision, "pair_recall": known.recall},
            "found": [
                [*self.ids(role, pair), round(float(alike), 4)]
                for pair, alike in zip(chosen.pairs, chosen.similarity, strict=True)
            ],
        }
