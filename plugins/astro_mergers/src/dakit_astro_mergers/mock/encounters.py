"""Mergers: two galaxies on their way to being one, from first approach to relaxed remnant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit_astro_mergers.mock.draws import Rng, directions, log_uniform, normal, uniform
from dakit_astro_mergers.mock.galaxies import Galaxies, draw_galaxies
from dakit_astro_mergers.mock.populations import Population
from dakit_astro_mergers.mock.scene import Floats


@final
@dataclass(frozen=True)
class Encounters:
    """G pairs of galaxies; every field is ``(G, ...)``."""

    primary: Galaxies
    secondary: Galaxies
    future: NDArray[np.bool_]
    """Before coalescence"""
    merged: NDArray[np.bool_]
    """One nucleus left"""
    debris: Floats
    """Light in tails, bridge and shells"""
    starburst: Floats
    """Light of the central starburst"""


def draw_encounters(rng: Rng, count: int, population: Population) -> Encounters:
    """Draw mergers of all stages; the midpoint of light is the centre of the frame."""
    primary = draw_galaxies(rng, count, population)
    ratio = log_uniform(rng, population.mass_ratio, count)
    future = rng.random(count) < population.future
    merged = ~future & (rng.random(count) < population.single_nucleus)
    apart = _distance(rng, population, future, merged) * primary.radius
    secondary = _secondary(rng, primary, ratio, population)
    offset = directions(rng, count) * apart[:, None]
    pull = (ratio / (1 + ratio))[:, None]
    total = primary.luminosity + secondary.luminosity
    fading = np.where(future, np.exp(-apart / (3 * primary.radius)), 1.0)
    return Encounters(
        primary=replace(primary, centre=-pull * offset),
        secondary=replace(secondary, centre=(1 - pull) * offset),
        future=future,
        merged=merged,
        debris=(total * fading * uniform(rng, population.debris, count)).astype(np.float32),
        starburst=(total * fading * uniform(rng, population.starburst, count)).astype(np.float32),
    )


def draw_companions(rng: Rng, galaxies: Galaxies, population: Population) -> Galaxies:
    """Draw unrelated galaxies, far along the line of sight of some camera; most have no light."""
    count = len(galaxies.radius)
    companions = draw_galaxies(rng, count, population)
    present = rng.random(count) < population.companion_chance
    apart = galaxies.radius * log_uniform(rng, (1.5, 6.0), count)
    faintness = uniform(rng, (0.1, 0.8), count) * present
    return replace(
        companions,
        centre=directions(rng, count) * apart[:, None],
        radius=companions.radius * 0.7,
        luminosity=galaxies.luminosity * faintness,
    )


def _distance(
    rng: Rng, population: Population, future: NDArray[np.bool_], merged: NDArray[np.bool_]
) -> Floats:
    """Return the distance of the nuclei ``(G,)``, in disc radii of the primary."""
    count = len(future)
    before = log_uniform(rng, population.approach, count)
    close = log_uniform(rng, population.nuclei, count)
    return np.where(future, before, np.where(merged, 0.0, close)).astype(np.float32)


def _secondary(rng: Rng, primary: Galaxies, ratio: Floats, population: Population) -> Galaxies:
    """Return the lighter galaxy: R follows L^0.4, the colour that of the primary, scattered."""
    count = len(ratio)
    other = draw_galaxies(rng, count, population)
    redness = np.clip(primary.redness + 0.2 * normal(rng, count), 0, 1)
    return replace(
        other,
        radius=primary.radius * ratio**0.4,
        luminosity=primary.luminosity * ratio,
        redness=redness,
    )
