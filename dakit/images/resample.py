"""The middle of an image, and an image on other pixels with its flux kept."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Conserve = Literal["flux", "surface_brightness"]


def extent(value: int | tuple[int, int]) -> tuple[int, int]:
    """Return ``(height, width)``; one number stands for both."""
    return (value, value) if isinstance(value, int) else value


def cut_middle(planes: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Return the middle ``(B, h, w)`` of ``(B, H, W)``, as a view.

    Where the margin is odd, the larger part lies below and to the right. Raises ValueError where
    the image is smaller.
    """
    (height, width), (h, w) = planes.shape[1:], size
    if h > height or w > width:
        raise ValueError(f"{height} x {width} pixels, smaller than the cut-out of {h} x {w}")
    top, left = (height - h) // 2, (width - w) // 2
    return planes[:, top : top + h, left : left + w]


def resize(planes: NDArray[Any], size: tuple[int, int], conserve: Conserve) -> Floats:
    """Return ``(B, H, W)`` on ``size = (h, w)`` pixels over the same area, as float64.

    Area-weighted and separable: ``y = R_h x R_w^T`` with the weights of :func:`area_weights`. With
    ``conserve="flux"`` a pixel's flux is shared out by area, so ``sum(y) = sum(x)``. With
    ``surface_brightness`` the result is further multiplied by ``h w / (H W)``, so that
    ``mean(y) = mean(x)`` and a constant image stays that constant.
    """
    height, width = planes.shape[1:]
    rows, columns = area_weights(height, size[0]), area_weights(width, size[1])
    resized: Floats = rows @ planes.astype(np.float64) @ columns.T
    if conserve == "surface_brightness":
        resized *= size[0] * size[1] / (height * width)
    return resized


@lru_cache(maxsize=64)
def area_weights(before: int, after: int) -> Floats:
    """Return ``R (after, before)``: the fraction of old pixel j that lies in new pixel i.

    With ``s = before / after``, new pixel i reaches from ``i s`` to ``(i + 1) s`` in old pixels and
    ``R_ij = max(0, min((i + 1) s, j + 1) - max(i s, j))``. Every column sums to 1.
    """
    edges = np.arange(after + 1) * before / after
    old = np.arange(before)
    overlap = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    weights: Floats = np.maximum(overlap, 0.0)
    weights.flags.writeable = False  # shared by all who ask
    return weights
