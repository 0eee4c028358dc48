"""Sérsic profiles: the light of discs and bulges."""

from __future__ import annotations

import math

import numpy as np

from dakit_astro_mergers.mock.scene import Floats, Numbers

SOFTENING = 0.5
"""Pixels: the finite size of a pixel rounds off the cusp of steep profiles."""


def b_of(index: Floats) -> Floats:
    """Return b_n, which makes R the half-light radius: 2n - 1/3 + 4/(405 n) + 46/(25515 n^2).

    Ciotti & Bertin 1999, equation 18, to that order; good to 1e-3 for n > 0.5.
    """
    n = index
    return np.asarray(2 * n - 1 / 3 + 4 / (405 * n) + 46 / (25515 * n**2), dtype=np.float32)


def sersic_images(
    x: Floats, y: Floats, angle: Floats, radius: Floats, ratio: Floats, index: Floats, size: int
) -> Floats:
    """Return images ``(B, size, size)`` of I(r) = I_0 exp(-b_n (r/R)^(1/n)) with total light 1.

    The isophotes are ellipses around ``(x, y)`` (pixels from the centre of the frame) with axis
    ratio ``ratio`` and the long axis at ``angle`` from the x axis; all arguments ``(B,)``. The
    total includes what falls outside the frame.
    """
    r2 = _elliptical_radius_squared(x, y, angle, ratio, size)
    r2 += np.float32(SOFTENING**2)
    r2 *= _column(1 / radius**2)
    np.log(r2, out=r2)
    r2 *= _column(0.5 / index)
    np.exp(r2, out=r2)
    r2 *= _column(-b_of(index))
    np.exp(r2, out=r2)
    r2 /= _column(total_light(radius, ratio, index))
    return r2


def total_light(radius: Floats, ratio: Floats, index: Floats) -> Floats:
    """Return the integral of exp(-b_n (r/R)^(1/n)): 2 pi n q R^2 Gamma(2n) / b_n^(2n)."""
    gamma = np.array([math.gamma(2 * n) for n in index], dtype=np.float32)
    return 2 * np.float32(np.pi) * index * ratio * radius**2 * gamma / b_of(index) ** (2 * index)


def _elliptical_radius_squared(
    x: Floats, y: Floats, angle: Floats, ratio: Floats, size: int
) -> Floats:
    grid = np.arange(size, dtype=np.float32) - np.float32((size - 1) / 2)
    dx = grid[None, None, :] - _column(x)
    dy = grid[None, :, None] - _column(y)
    cos, sin = _column(np.cos(angle)), _column(np.sin(angle))
    along = dx * cos + dy * sin
    across = dy * cos - dx * sin
    across /= _column(ratio)
    along *= along
    across *= across
    along += across
    return along


def _column(values: Numbers) -> Floats:
    return values.astype(np.float32)[:, None, None]
