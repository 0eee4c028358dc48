"""Random draws in float32."""

from __future__ import annotations

import numpy as np

from dakit_astro_mergers.mock.populations import Range
from dakit_astro_mergers.mock.scene import Floats

Rng = np.random.Generator


def directions(rng: Rng, count: int) -> Floats:
    """Return unit vectors ``(count, 3)`` that favour no direction."""
    vectors = normal(rng, count, 3)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def normal(rng: Rng, *shape: int) -> Floats:
    """Return standard normal numbers in float32."""
    return rng.standard_normal(shape, dtype=np.float32)


def uniform(rng: Rng, bounds: Range, shape: int | tuple[int, ...]) -> Floats:
    """Return uniform numbers in float32."""
    return rng.uniform(*bounds, shape).astype(np.float32)


def log_uniform(rng: Rng, bounds: Range, shape: int | tuple[int, ...]) -> Floats:
    """Return numbers whose logarithm is uniform, in float32."""
    return np.exp(rng.uniform(np.log(bounds[0]), np.log(bounds[1]), shape)).astype(np.float32)
