"""The digits_shift dataset: one half of scikit-learn's digits, and the other half turned."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import rotate
from sklearn.datasets import load_digits

from dakit.builtin.datasets.digits_shift import DigitsShift
from dakit.contracts import BuildContext, Domain, DomainPair, Provenance

MAXIMUM = 16.0
"""Largest grey value in scikit-learn's copy."""


def make_digits_shift(spec: DigitsShift, context: BuildContext) -> DomainPair:
    """Return clean digits as source, turned and noisy others as target, ``(N, 1, 8, 8)``."""
    digits = load_digits()
    images = (digits.images / MAXIMUM).astype(np.float32)[:, None]
    rng = np.random.default_rng(spec.data_seed)
    order = rng.permutation(len(images))
    half = len(order) // 2
    source, target = np.sort(order[:half]), np.sort(order[half:])
    shifted = _shift(images[target], spec, rng)
    labels = digits.target.astype(np.int64)
    return DomainPair(
        Domain("upright digits", images[source], labels[source], source),
        Domain("turned digits", shifted, labels[target], target),
        tuple(str(digit) for digit in range(10)),
        Provenance(
            "generated",
            f"scikit-learn's digits; target turned by {spec.angle:g} degrees, noise {spec.noise:g}",
            {"source": _checksum(images[source]), "target": _checksum(shifted)},
        ),
    )


def _shift(
    images: NDArray[np.float32], spec: DigitsShift, rng: np.random.Generator
) -> NDArray[np.float32]:
    turned = rotate(images, spec.angle, axes=(2, 3), reshape=False, order=1)
    noisy: NDArray[np.float32] = turned + spec.noise * rng.standard_normal(images.shape)
    return noisy.astype(np.float32)


def _checksum(array: NDArray[np.float32]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
