"""Images that are equal, value by value, within a domain and across both."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from dakit.contracts import SIDES, Domain, DomainPair, PairSplit
from dakit.data.mapping import chunks


@final
@dataclass(frozen=True)
class ExactCopies:
    """Sets of equal images, each as the rows it has in the source and in the target."""

    sets: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]

    def within(self, role: str) -> int:
        """Return how many images of a domain have an equal one in it."""
        side = SIDES.index(role)
        return sum(len(rows[side]) for rows in self.sets if len(rows[side]) > 1)

    @property
    def across(self) -> int:
        """How many images of the target have an equal one in the source."""
        return sum(len(target) for source, target in self.sets if source)

    def between_parts(self, split: PairSplit) -> dict[str, int]:
        """Return how many test images have an equal one among training images, by domain.

        ``across`` counts target test images that are equal to labelled source training images.
        """
        train = [set(getattr(split, role).train.tolist()) for role in SIDES]
        test = [set(getattr(split, role).test.tolist()) for role in SIDES]
        pairs = {"source": (0, 0), "target": (1, 1), "across": (0, 1)}
        return {
            name: sum(
                len(test[tested].intersection(rows[tested]))
                for rows in self.sets
                if train[trained].intersection(rows[trained])
            )
            for name, (trained, tested) in pairs.items()
        }


def exact_copies(pair: DomainPair) -> ExactCopies:
    """Find equal images by a hash of their float32 values, read once in pieces."""
    places: dict[bytes, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, domain in enumerate((pair.source, pair.target)):
        for row, digest in _digests(domain):
            places[digest][side].append(row)
    several = [rows for rows in places.values() if len(rows[0]) + len(rows[1]) > 1]
    return ExactCopies(tuple((tuple(source), tuple(target)) for source, target in several))


def _digests(domain: Domain) -> Iterator[tuple[int, bytes]]:
    for rows, chunk in chunks(domain.inputs, np.arange(len(domain))):
        values: Any = chunk.astype(np.float32, order="C") + np.float32(0)  # -0 and 0 are equal
        for row, image in zip(rows.tolist(), values, strict=True):
            yield row, hashlib.blake2b(image.tobytes(), digest_size=16).digest()
