"""Whole scenes: isolated galaxies, some with clumps and companions, and mergers."""

from __future__ import annotations

import numpy as np

from dakit_astro_mergers.mock.draws import Rng, normal, uniform
from dakit_astro_mergers.mock.encounters import draw_companions, draw_encounters
from dakit_astro_mergers.mock.galaxies import (
    clumps,
    draw_galaxies,
    satellites,
    spiral_arms,
    stellar_bodies,
    stellar_halo,
)
from dakit_astro_mergers.mock.populations import Population
from dakit_astro_mergers.mock.scene import FILTERS, Floats, Scene, together
from dakit_astro_mergers.mock.tidal import central_starburst, tidal_debris

ISOLATED_WARP = 0.06
MERGING_WARP = 0.2
"""Typical shift of the bulge from the disc, in disc radii."""
ISOLATED_DISORDER = (0.0, 0.4)
MERGING_DISORDER = (0.2, 1.0)
REDDENING = (1.0, 0.75, 0.55)
"""Optical depth in the three filters, blue to red, over that in the first."""


def isolated_systems(rng: Rng, count: int, population: Population) -> Scene:
    """Return scenes of single galaxies; a fraction has an unrelated companion."""
    galaxies = draw_galaxies(rng, count, population)
    companions = draw_companions(rng, galaxies, population)
    warp = ISOLATED_WARP * normal(rng, count)
    return Scene(
        together(
            [
                stellar_bodies(rng, galaxies, population, warp),
                stellar_bodies(rng, companions, population, np.zeros_like(warp)),
                stellar_halo(rng, galaxies, population),
            ]
        ),
        together(
            [
                spiral_arms(rng, galaxies, population),
                clumps(rng, galaxies, population, uniform(rng, ISOLATED_DISORDER, count)),
                satellites(rng, galaxies, population),
            ]
        ),
        _dust(rng, count, population),
    )


def merging_systems(rng: Rng, count: int, population: Population) -> Scene:
    """Return scenes of mergers of all stages."""
    pairs = draw_encounters(rng, count, population)
    warp = MERGING_WARP * normal(rng, count)
    disorder = np.where(pairs.future, 0.5, 1.0) * uniform(rng, MERGING_DISORDER, count)
    return Scene(
        together(
            [
                stellar_bodies(rng, pairs.primary, population, warp),
                stellar_bodies(rng, pairs.secondary, population, warp),
                stellar_halo(rng, pairs.primary, population),
            ]
        ),
        together(
            [
                clumps(rng, pairs.primary, population, disorder),
                clumps(rng, pairs.secondary, population, disorder),
                tidal_debris(rng, pairs, population),
                central_starburst(rng, pairs, population),
                satellites(rng, pairs.primary, population),
            ]
        ),
        _dust(rng, count, population),
    )


def _dust(rng: Rng, count: int, population: Population) -> Floats:
    depth = uniform(rng, population.dust, count)[:, None] * np.asarray(REDDENING, np.float32)
    return np.broadcast_to(depth, (count, FILTERS))
