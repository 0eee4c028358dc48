"""Where the cameras stand: four directions of a tetrahedron, as in Illustris' mock images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit_astro_mergers.mock.scene import Floats

TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], np.float32) / 3**0.5


@final
@dataclass(frozen=True)
class Cameras:
    """One camera for each of B images."""

    frame: Floats
    """``(B, 3, 3)``: rows are the image's x and y axes and the line of sight"""
    zoom: Floats
    """``(B,)``"""

    def pick(self, rows: slice) -> Cameras:
        """Return the cameras of some of the images."""
        return Cameras(self.frame[rows], self.zoom[rows])


def cameras(direction: NDArray[np.int64], roll: Floats, zoom: Floats) -> Cameras:
    """Return cameras at the corners ``direction`` (0-3), rolled around the line of sight."""
    sight = TETRAHEDRON[direction % len(TETRAHEDRON)]
    x, y = plane_of(sight)
    cos, sin = np.cos(roll)[:, None], np.sin(roll)[:, None]
    frame = np.stack([cos * x + sin * y, cos * y - sin * x, sight], axis=1)
    return Cameras(frame.astype(np.float32), zoom.astype(np.float32))


def plane_of(axis: Floats) -> tuple[Floats, Floats]:
    """Return two unit vectors ``(B, 3)`` that span the plane across each ``axis (B, 3)``."""
    helper = np.where(np.abs(axis[:, 2:]) < 0.9, [[0, 0, 1]], [[1, 0, 0]])
    first = np.cross(helper, axis)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return first.astype(np.float32), np.cross(axis, first).astype(np.float32)
