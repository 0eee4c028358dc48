"""Images that are there twice: equal, or turned, flipped and slightly zoomed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from dakit.contracts import SIDES, Domain, DomainPair, PairSplit
from dakit.data.mapping import chunks
from dakit.inspecting.polar_maps import SMALLEST, Spectra, similarities

LOWEST = 0.85
"""Pairs less alike than this are not even kept."""
THRESHOLD = 0.97
"""From this similarity on two images are taken for copies; chosen for precision, see
docs/inspecting.md."""
NEIGHBOURS = 20
"""Candidates looked at for each image: groups larger than that still join, link by link."""
COMPONENTS = 48
"""Principal components of the descriptors that neighbours are found by."""

Rows = NDArray[np.int64]


@final
@dataclass(frozen=True)
class NearDuplicates:
    """Pairs of rows ``(P, 2)``, the first the smaller, and how alike they are ``(P,)``."""

    pairs: Rows
    similarity: NDArray[np.float64]

    def at(self, threshold: float) -> NearDuplicates:
        """Return the pairs that are at least so alike."""
        alike = self.similarity >= threshold
        return NearDuplicates(self.pairs[alike], self.similarity[alike])


def why_not(shape: tuple[int, ...]) -> str | None:
    """Return why inputs of this shape cannot be searched, None where they can."""
    if len(shape) != 3:
        return f"inputs {shape} are no images (C, H, W)"
    if min(shape[1:]) < SMALLEST:
        return f"images {shape} are smaller than {SMALLEST} pixels"
    return None


def near_duplicates(spectra: Spectra, rows: Rows) -> NearDuplicates:
    """Find copies among images of the given ``rows``, whose ``spectra (n, C, R, M)`` these are.

    All pairs from the similarity ``LOWEST`` on are returned; ``THRESHOLD`` says which to believe.

    Candidates are nearest neighbours of descriptors that turns and flips leave as they are and
    small zooms change little; each is then verified by aligning the two images. Of a large group
    not every pair is found, only the links that hold it together.
    """
    if len(rows) < 2:
        return NearDuplicates(np.zeros((0, 2), np.int64), np.zeros(0))
    pairs = _candidates(_descriptors(spectra))
    return NearDuplicates(rows[pairs], similarities(spectra, pairs)).at(LOWEST)


def _descriptors(spectra: Spectra) -> NDArray[np.float64]:
    """Return ``(n, D)``: amplitudes of the angular waves, averaged over three rings."""
    mean = spectra[..., :1].real
    size = np.concatenate([mean, np.abs(spectra[..., 1:])], axis=-1)
    rings = size.shape[2] // 3 * 3
    coarse = size[:, :, :rings].reshape(*size.shape[:2], -1, 3, size.shape[3]).mean(axis=3)
    flat = coarse.reshape(len(coarse), -1)
    components = min(COMPONENTS, *flat.shape)
    reduced: NDArray[np.float64] = PCA(components, random_state=0).fit_transform(flat)
    return reduced


def _candidates(descriptors: NDArray[np.float64]) -> Rows:
    """Return each pair ``(i, j)``, i < j, of which one is among the other's neighbours."""
    count = min(NEIGHBOURS, len(descriptors) - 1)
    search = NearestNeighbors(n_neighbors=count).fit(descriptors)
    neighbours = search.kneighbors(return_distance=False)
    pairs = np.stack([np.repeat(np.arange(len(descriptors)), count), neighbours.ravel()], axis=1)
    unique: Rows = np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int64)
    return unique


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
