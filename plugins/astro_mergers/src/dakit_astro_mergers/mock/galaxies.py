"""Single galaxies: a disc, a bulge, spiral arms, clumps of young stars, satellites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from dakit_astro_mergers.mock.cameras import plane_of
from dakit_astro_mergers.mock.draws import Rng, directions, log_uniform, normal, uniform
from dakit_astro_mergers.mock.populations import Population
from dakit_astro_mergers.mock.scene import Bodies, Floats, Particles, shared_light

ARM_PARTICLES = 40
CLUMPS = 24
SATELLITES = 16
DISC_INDEX = 1.0
BRIGHTEST = 1.8
"""Cut-off of ln L in standard deviations, for the exponential end of Schechter's law."""
HALO_INDEX = 2.0
HALO_RADIUS = 4.0
"""Over the radius of the disc."""
SPHERICAL = 0.75
"""Thickness of bulges."""


@final
@dataclass(frozen=True)
class Galaxies:
    """G galaxies; every field is ``(G, ...)``."""

    centre: Floats
    axis: Floats
    radius: Floats
    luminosity: Floats
    redness: Floats
    """0: young stars only, 1: old stars only"""


def draw_galaxies(rng: Rng, count: int, population: Population) -> Galaxies:
    """Draw galaxies at the centre of the frame, of random orientation; larger ones are redder."""
    brightness = np.minimum(normal(rng, count), BRIGHTEST)
    luminosity = np.exp(population.luminosity_scatter * brightness)
    size = np.exp(population.radius_scatter * normal(rng, count)) * luminosity**0.15
    return Galaxies(
        centre=np.zeros((count, 3), np.float32),
        axis=directions(rng, count),
        radius=(population.radius * size).astype(np.float32),
        luminosity=luminosity.astype(np.float32),
        redness=np.clip(0.5 + 0.15 * np.log(luminosity) + 0.3 * normal(rng, count), 0, 1),
    )


def stellar_bodies(rng: Rng, galaxies: Galaxies, population: Population, warp: Floats) -> Bodies:
    """Return disc and bulge of each galaxy; ``warp (G,)`` shifts the bulge, in disc radii."""
    count = len(galaxies.radius)
    fraction = uniform(rng, population.bulge_fraction, count)
    offset = directions(rng, count) * (warp * galaxies.radius)[:, None]
    disc_colour = colours(0.7 * galaxies.redness, population)
    bulge_colour = colours(0.5 + 0.5 * galaxies.redness, population)
    light = galaxies.luminosity[:, None]
    disc_index = np.full(count, DISC_INDEX, np.float32)
    return Bodies(
        centre=_pairs(galaxies.centre + offset, galaxies.centre),
        axis=_pairs(galaxies.axis, galaxies.axis),
        radius=_pairs(
            galaxies.radius, galaxies.radius * uniform(rng, population.bulge_radius, count)
        ),
        thickness=_pairs(
            uniform(rng, population.thickness, count), np.full(count, SPHERICAL, np.float32)
        ),
        index=_pairs(disc_index, uniform(rng, population.bulge_index, count)),
        flux=_pairs(
            disc_colour * light * (1 - fraction)[:, None], bulge_colour * light * fraction[:, None]
        ),
    )


def stellar_halo(rng: Rng, galaxies: Galaxies, population: Population) -> Bodies:
    """Return one large, round body of old stars around each galaxy."""
    count = len(galaxies.radius)
    light = galaxies.luminosity * uniform(rng, population.halo_fraction, count)
    colour = colours(0.6 + 0.4 * galaxies.redness, population)
    fields = (
        galaxies.centre,
        galaxies.axis,
        HALO_RADIUS * galaxies.radius,
        uniform(rng, (0.5, 0.9), count),
        np.full(count, HALO_INDEX),
        colour * light[:, None],
    )
    return Bodies(*(field[:, None].astype(np.float32) for field in fields))


def spiral_arms(rng: Rng, galaxies: Galaxies, population: Population) -> Particles:
    """Return two logarithmic spirals, r = r_0 exp(phi tan(pitch)), of young stars."""
    count = len(galaxies.radius)
    pitch = uniform(rng, (0.2, 0.5), count)[:, None]
    phase = uniform(rng, (0, 2 * np.pi), count)[:, None]
    along = np.tile(np.linspace(0.0, 1.0, ARM_PARTICLES // 2, dtype=np.float32), 2)
    arm = np.repeat(np.array([0, np.pi], np.float32), ARM_PARTICLES // 2)
    reach = np.log(5.0) * along / np.tan(pitch)
    r = galaxies.radius[:, None] * 0.35 * np.exp(reach * np.tan(pitch))
    position = in_disc(galaxies, r, phase + arm + reach)
    light = np.exp(-1.2 * along) * np.exp(0.4 * normal(rng, count, ARM_PARTICLES))
    return shared_light(
        position + 0.08 * galaxies.radius[:, None, None] * normal(rng, count, ARM_PARTICLES, 3),
        0.14 * galaxies.radius[:, None] * (0.7 + 0.6 * along),
        light,
        uniform(rng, population.arm_fraction, count) * galaxies.luminosity,
        colours(0.3 * galaxies.redness, population),
    )


def clumps(rng: Rng, galaxies: Galaxies, population: Population, disorder: Floats) -> Particles:
    """Return star-forming clumps; ``disorder (G,)`` 0: in the disc, 1: scattered around it."""
    count = len(galaxies.radius)
    r = galaxies.radius[:, None] * rng.gamma(2.0, 0.6, (count, CLUMPS)).astype(np.float32)
    position = in_disc(galaxies, r, uniform(rng, (0, 2 * np.pi), (count, CLUMPS)))
    scatter = (0.05 + 0.8 * disorder) * galaxies.radius
    position += scatter[:, None, None] * normal(rng, count, CLUMPS, 3)
    return shared_light(
        position,
        uniform(rng, population.clump_size, (count, CLUMPS)),
        np.exp(1.2 * normal(rng, count, CLUMPS)),
        uniform(rng, population.clump_fraction, count) * galaxies.luminosity,
        colours(0.2 * galaxies.redness, population),
    )


def satellites(rng: Rng, galaxies: Galaxies, population: Population) -> Particles:
    """Return faint satellites, distance log-uniform from 1 to 8 disc radii, in all directions."""
    count = len(galaxies.radius)
    shape = (count, SATELLITES)
    r = galaxies.radius[:, None] * log_uniform(rng, (1.0, 8.0), shape)
    away = directions(rng, count * SATELLITES).reshape(count, SATELLITES, 3)
    return shared_light(
        galaxies.centre[:, None] + r[..., None] * away,
        uniform(rng, (0.8, 2.0), shape),
        np.exp(1.3 * normal(rng, *shape)),
        uniform(rng, population.satellite_fraction, count) * galaxies.luminosity,
        colours(galaxies.redness, population),
    )


def in_disc(galaxies: Galaxies, r: Floats, phi: Floats) -> Floats:
    """Return points ``(G, P, 3)`` at polar coordinates ``(G, P)`` in the plane of each disc."""
    first, second = plane_of(galaxies.axis)
    points = (r * np.cos(phi))[..., None] * first[:, None]
    points += (r * np.sin(phi))[..., None] * second[:, None]
    return (points + galaxies.centre[:, None]).astype(np.float32)


def colours(redness: Floats, population: Population) -> Floats:
    """Return the light ``(G, 3)`` of luminosity 1 at each redness ``(G,)``."""
    young = np.asarray(population.young, np.float32)
    old = np.asarray(population.old, np.float32)
    return (1 - redness)[:, None] * young + redness[:, None] * old


def _pairs(first: Floats, second: Floats) -> Floats:
    return np.stack([first, second], axis=1).astype(np.float32)
