"""The planes of an image as a file holds them, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

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
