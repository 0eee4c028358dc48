"""The planes of an image as a file holds them, the choice among them, and their resampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

ALPHA = "alpha"


@final
@dataclass(frozen=True)
class Planes:
    """Planes ``(B, H, W)`` of any real type, and the name of each, empty where it has none."""

    values: NDArray[Any]
    names: tuple[str, ...]
    turned: bool = False
    """Whether its EXIF orientation was applied."""

    @property
    def shape(self) -> str:
        """Bands, height and width, in words."""
        return " x ".join(map(str, self.values.shape))


def checked_planes(values: NDArray[Any], name: str = "") -> Planes:
    """Return ``(H, W)`` or ``(B, H, W)`` as planes; ``name`` is that of a single plane.

    Raises ValueError where the values have another shape or are not real numbers.
    """
    if values.ndim not in (2, 3) or values.size == 0:
        raise ValueError(f"an array {values.shape}; an image has two axes, or three with its bands")
    if values.dtype.kind not in "fiub":
        raise ValueError(f"values of type {values.dtype}; real numbers are needed")
    planes = values.reshape(-1, *values.shape[-2:])
    return Planes(planes, (name,) if len(planes) == 1 else ("",) * len(planes))


def joined(parts: Sequence[Planes], names: Sequence[str] = ()) -> Planes:
    """Return the planes of several parts as one image.

    ``names``, one for each part, name its plane, or stand before a dot and the plane's own name.
    Raises ValueError where the parts differ in height or width.
    """
    shapes = {part.values.shape[1:] for part in parts}
    if len(shapes) > 1:
        sizes = ", ".join(part.shape for part in parts)
        raise ValueError(f"its files or HDUs differ in size: {sizes}")
    if names:
        parts = [_renamed(part, name) for part, name in zip(parts, names, strict=True)]
    if len(parts) == 1:
        return parts[0]
    values = np.concatenate([part.values for part in parts])
    return Planes(values, tuple(name for part in parts for name in part.names))


def select(planes: Planes, bands: Sequence[int | str] | None) -> NDArray[Any]:
    """Return the bands asked for, by default all but alpha. Raises ValueError where one lacks."""
    if bands is None:
        wanted = [i for i, name in enumerate(planes.names) if name.split(".")[-1] != ALPHA]
        return planes.values if len(wanted) == len(planes.names) else planes.values[wanted]
    return planes.values[[_index(planes, band) for band in bands]]


def _index(planes: Planes, band: int | str) -> int:
    count = len(planes.names)
    if isinstance(band, int):
        if band >= count:
            raise ValueError(f"there is no band {band} (it has {count}, counted from 0)")
        return band
    if planes.names.count(band) != 1:
        problem = "there is no band" if band not in planes.names else "several bands are called"
        named = ", ".join(name or "unnamed" for name in planes.names)
        raise ValueError(f"{problem} {band!r} (it has: {named})")
    return planes.names.index(band)


def _renamed(part: Planes, name: str) -> Planes:
    if len(part.names) == 1:
        return Planes(part.values, (name,))
    own = (own or str(number) for number, own in enumerate(part.names))
    return Planes(part.values, tuple(f"{name}.{text}" for text in own))


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
