"""What both domains look like to a trained network, to tell when new images look like neither."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from dakit.contracts import SIDES
from dakit.data.batches import reader_of
from dakit.data.prepare import PreparedData
from dakit.errors import InputError
from dakit.evaluation.predict import features_of
from dakit.files.writing import write_bytes
from dakit.images.npy import FAULTS, NpzArrays
from dakit.network import Network
from dakit.randomness import generator

FILE = "reference.npz"
FORMAT_VERSION = 1
SAMPLE = 512
"""At most so many training images, and as many of validation, describe a domain."""
DIRECTIONS = 32
FAR = 0.01
"""So large a share of a domain's own new images is to be called far."""
TIMES_EXPECTED = 5
FEWEST = 3
SMALLEST = float(np.finfo(np.float32).tiny)
"""Stands for the length of features that are all 0."""
POSITIVE = {"variances", "rest_variance", "threshold", "validation"}
ROUNDING = 1e-12
"""The least variance: float32 rounds so, and whoever differs more from constant ones is far."""


@final
@dataclass(frozen=True)
class DomainReference:
    """The features of one domain as a normal distribution, and how far its own images lie out.

    Features have heavy tails: a few bright images would make any other look near. So each row is
    first split into direction and length, ``f = (x / |x|, log |x|)``; that the direction alone
    tells unknown images better is the finding of Mueller & Hein (2025, Mahalanobis++), the length
    is kept here because it tells wrong units.

    The covariance is the one of Ledoit & Wolf (2004), ``(1 - r) S + r m I`` with ``m`` the mean
    variance and their estimate of r (section 3.2), of which the ``d`` leading eigenvectors
    ``v_j`` are kept and the other ``D - d`` share their mean variance, as in probabilistic
    principal components (Tipping & Bishop 1999):

    ``t^2(f) = sum_j (v_j . (f - mean))^2 / variances_j + rest^2(f) / rest_variance``,

    where ``rest^2`` is the squared length of what the ``v_j`` leave of ``f - mean``.
    ``threshold`` is the smallest validation distance t that 99 % of new images of the domain are
    not to pass: number ``ceil(0.99 (n + 1))`` of the n sorted ones, or the last; at least 1.
    """

    mean: NDArray[np.float64]
    basis: NDArray[np.float32]
    """``(d, D)``, orthonormal rows; D is one more than the network has features."""
    variances: NDArray[np.float64]
    rest_variance: float
    threshold: float
    validation: int
    """How many validation images the threshold comes from."""

    def distance(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return ``t / threshold`` ``(N,)`` of features ``(N, D)``: above 1 is far."""
        return np.asarray(_mahalanobis(self, features) / self.threshold, np.float64)

    @property
    def expected(self) -> float:
        """The share of the domain's own new images that are far: 1 %, more if few were seen."""
        return max(FAR, 1 / (self.validation + 1))


@final
@dataclass(frozen=True)
class PairReference:
    """The reference of both domains."""

    source: DomainReference
    target: DomainReference

    def distance(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the distance ``(N,)`` from the nearer domain: above 1 is far from both."""
        return np.minimum(self.source.distance(features), self.target.distance(features))

    def are_far(self, far: int, images: int) -> bool:
        """Return whether ``far`` of ``images`` is more than chance: whether to warn.

        At least five times the share that each domain's own images would have, and at least three
        images or half of them.
        """
        expected = max(self.source.expected, self.target.expected)
        enough = far >= FEWEST or (far > 0 and 2 * far >= images)
        return enough and far >= TIMES_EXPECTED * expected * images


def make_reference(
    network: Network, data: PreparedData, *, seed: int, batch_size: int, device: torch.device
) -> PairReference:
    """Describe both domains by up to 512 training and 512 validation images each, drawn by lot.

    No labels are read. The same for the same seed, data and weights. Without a source the target
    stands for both: images are far from either or near it.
    """
    sides = {}
    for side in SIDES if len(data.pair.source) else SIDES[1:]:
        split, rng = getattr(data.split, side), generator(seed, f"reference {side}")
        parts = []
        for rows in (split.train, split.validation):
            chosen = np.sort(rng.permutation(rows)[:SAMPLE])
            read = reader_of(data, side, device)
            parts.append(features_of(network, read, chosen, role=side, batch_size=batch_size))
        sides[side] = describe(*parts)
    return PairReference(sides.get("source", sides["target"]), sides["target"])


def describe(train: NDArray[np.floating], validation: NDArray[np.floating]) -> DomainReference:
    """Fit the distribution to ``train (n, D)`` and its threshold to ``validation (m, D)``."""
    from sklearn.covariance import ledoit_wolf_shrinkage  # half a second

    rows = direction_and_length(train)
    mean = rows.mean(axis=0)
    centred = rows - mean
    _, singular, directions = np.linalg.svd(centred, full_matrices=False)
    eigenvalues = singular**2 / len(rows)
    dimensions = rows.shape[1]
    shrinkage = ledoit_wolf_shrinkage(centred, assume_centered=True) if len(rows) > 1 else 1.0
    kept = min(DIRECTIONS, len(eigenvalues))
    rest = eigenvalues[kept:].sum() / max(1, dimensions - kept)
    added = shrinkage * eigenvalues.sum() / dimensions
    fitted = DomainReference(
        mean=mean,
        basis=directions[:kept].astype(np.float32),
        variances=np.maximum((1 - shrinkage) * eigenvalues[:kept] + added, ROUNDING),
        rest_variance=max(float((1 - shrinkage) * rest + added), ROUNDING),
        threshold=1.0,
        validation=len(validation),
    )
    distances = np.sort(_mahalanobis(fitted, validation))
    place = min(math.ceil((1 - FAR) * (len(distances) + 1)), len(distances)) - 1
    return replace(fitted, threshold=max(float(distances[place]), 1.0))


def direction_and_length(features: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return ``(x / |x|, log |x|)`` ``(N, D + 1)`` of features x ``(N, D)``."""
    rows = features.astype(np.float64)
    length = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), SMALLEST)
    return np.hstack([rows / length, np.log(length)])


def save_reference(folder: Path, reference: PairReference) -> None:
    """Write ``reference.npz`` into the model folder. Raises RunError."""
    arrays: dict[str, Any] = {"format_version": FORMAT_VERSION}
    for side in SIDES:
        described = getattr(reference, side)
        for field in fields(described):
            arrays[f"{side}_{field.name}"] = getattr(described, field.name)
    content = io.BytesIO()
    np.savez(content, **arrays)
    write_bytes(folder / FILE, content.getvalue())


def load_reference(folder: Path, features: int) -> PairReference | None:
    """Return what :func:`save_reference` wrote; None where a run has none, as older ones.

    Raises InputError where the file is damaged, of a later format, or not of a network with so
    many ``features``.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        with NpzArrays(path) as arrays:
            if arrays["format_version"].tolist() != FORMAT_VERSION:
                raise InputError(f"{path} was written by a later dakit: see its format_version")
            return PairReference(*(_side(arrays, side, features) for side in SIDES))
    except (*FAULTS, KeyError, TypeError) as error:
        raise InputError(f"{path} is damaged: {error}") from error


def _side(arrays: NpzArrays, side: str, features: int) -> DomainReference:
    found = {field.name: arrays[f"{side}_{field.name}"] for field in fields(DomainReference)}
    kept = found["variances"].size
    shapes = {"mean": (features + 1,), "basis": (kept, features + 1), "variances": (kept,)}
    for name, array in found.items():
        if array.shape != shapes.get(name, ()) or array.dtype.kind not in "fiu":
            raise ValueError(f"{side}_{name} holds {array.dtype}, {array.shape}")
        if name in POSITIVE and not (array > 0).all():
            raise ValueError(f"{side}_{name} holds numbers that are not positive")
    values: dict[str, Any] = {k: v if v.ndim else v.item() for k, v in found.items()}
    return DomainReference(**values)


def _mahalanobis(reference: DomainReference, features: NDArray[np.floating]) -> NDArray[np.float64]:
    centred = direction_and_length(features) - reference.mean
    along = centred @ reference.basis.T.astype(np.float64)
    rest = np.maximum((centred**2).sum(axis=1) - (along**2).sum(axis=1), 0)
    inside = (along**2 / reference.variances).sum(axis=1)
    left = reference.basis.shape[1] - reference.basis.shape[0]
    distances: NDArray[np.float64] = np.sqrt(
        inside + (rest / reference.rest_variance if left else 0)
    )
    return distances
