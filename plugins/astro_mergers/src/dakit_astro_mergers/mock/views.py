"""Which galaxy each mock image shows, from which camera: the order of the published arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit_astro_mergers.mock.cameras import Cameras, cameras
from dakit_astro_mergers.mock.draws import Rng, uniform

ZOOM = (0.9, 1.1)


@final
@dataclass(frozen=True)
class Views:
    """B images of G galaxies."""

    galaxy: NDArray[np.int64]
    """``(B,)``, from 0 to G - 1"""
    cameras: Cameras

    @property
    def galaxies(self) -> int:
        """G, the number of galaxies."""
        return int(self.galaxy.max()) + 1


def several_cameras(images: int, per_galaxy: int) -> Views:
    """Return ``per_galaxy`` consecutive camera directions of each galaxy."""
    rows = np.arange(images)
    still = np.zeros(images, np.float32)
    return Views(rows // per_galaxy, cameras(rows % per_galaxy, still, still + 1))


def turned_and_zoomed(rng: Rng, images: int, galaxies: int, directions: int) -> Views:
    """Return few galaxies blown up to many images, by turning and zooming ``directions`` views."""
    rows = np.arange(images)
    galaxy = rows * min(galaxies, images) // images
    roll = uniform(rng, (0, 2 * np.pi), images)
    return Views(galaxy, cameras(rows % directions, roll, uniform(rng, ZOOM, images)))
