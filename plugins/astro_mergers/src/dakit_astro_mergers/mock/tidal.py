"""What tides make: tails, a bridge, shells and a central starburst."""

from __future__ import annotations

import numpy as np

from dakit_astro_mergers.mock.cameras import plane_of
from dakit_astro_mergers.mock.draws import Rng, directions, normal, uniform
from dakit_astro_mergers.mock.encounters import Encounters
from dakit_astro_mergers.mock.galaxies import Galaxies, colours
from dakit_astro_mergers.mock.populations import Population
from dakit_astro_mergers.mock.scene import Floats, Particles, shared_light, together

TAIL_PARTICLES = 24
BRIDGE_PARTICLES = 12
SHELLS = 3
SHELL_PARTICLES = 16
STARBURST_PARTICLES = 3


def tidal_debris(rng: Rng, encounters: Encounters, population: Population) -> Particles:
    """Return a tail of each galaxy, the bridge between them, and shells around remnants."""
    shares = _shares(rng, encounters) * encounters.debris[:, None]
    return together(
        [
            _tail(rng, encounters.primary, shares[:, 0], population),
            _tail(rng, encounters.secondary, shares[:, 1], population),
            _bridge(rng, encounters, shares[:, 2], population),
            _shells(rng, encounters.primary, shares[:, 3], population),
        ]
    )


def central_starburst(rng: Rng, encounters: Encounters, population: Population) -> Particles:
    """Return compact knots of young stars around the nucleus of the primary (gas has sunk in)."""
    primary, count = encounters.primary, len(encounters.debris)
    scatter = 0.12 * primary.radius[:, None, None]
    return shared_light(
        primary.centre[:, None] + scatter * normal(rng, count, STARBURST_PARTICLES, 3),
        uniform(rng, (0.4, 0.9), (count, STARBURST_PARTICLES)),
        np.exp(normal(rng, count, STARBURST_PARTICLES)),
        encounters.starburst,
        colours(np.full(count, 0.15, np.float32), population),
    )


def _shares(rng: Rng, encounters: Encounters) -> Floats:
    """Return how tails (2), bridge and shells share the debris, ``(G, 4)``, by stage."""
    weight = rng.gamma(1.0, 1.0, (len(encounters.debris), 4)).astype(np.float32) + 0.1
    weight[encounters.merged, 2] = 0
    weight[~encounters.merged, 3] = 0
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _tail(rng: Rng, galaxy: Galaxies, light: Floats, population: Population) -> Particles:
    """Return a curved tail that leaves the disc near its plane and fades outwards."""
    count = len(galaxy.radius)
    along = np.linspace(0, 1, TAIL_PARTICLES, dtype=np.float32)
    length = uniform(rng, (1.5, 4.5), count)[:, None]
    turn = uniform(rng, (0.8, 2.6), count)[:, None]
    start = uniform(rng, (0, 2 * np.pi), count)[:, None]
    r = galaxy.radius[:, None] * (0.9 + length * along)
    phi = start + turn * along
    first, second = plane_of(galaxy.axis)
    path = (r * np.cos(phi))[..., None] * first[:, None]
    path += (r * np.sin(phi))[..., None] * second[:, None]
    width = galaxy.radius[:, None] * (0.15 + 0.15 * along)
    return shared_light(
        galaxy.centre[:, None]
        + path
        + 0.5 * width[..., None] * normal(rng, count, TAIL_PARTICLES, 3),
        width,
        np.exp(-1.5 * along) * np.exp(0.5 * normal(rng, count, TAIL_PARTICLES)),
        light,
        colours(0.6 * galaxy.redness, population),
    )


def _bridge(rng: Rng, encounters: Encounters, light: Floats, population: Population) -> Particles:
    """Return debris along the line between the galaxies."""
    a, b = encounters.primary, encounters.secondary
    along = np.linspace(0, 1, BRIDGE_PARTICLES, dtype=np.float32)[None, :, None]
    path = a.centre[:, None] * (1 - along) + b.centre[:, None] * along
    width = 0.25 * b.radius[:, None, None]
    wobble = normal(rng, len(light), BRIDGE_PARTICLES, 3)
    return shared_light(
        path + width * wobble,
        np.broadcast_to(width[..., 0] * 1.2, path.shape[:2]),
        np.exp(0.3 * wobble[..., 0]),
        light,
        colours(0.7 * a.redness, population),
    )


def _shells(rng: Rng, galaxy: Galaxies, light: Floats, population: Population) -> Particles:
    """Return caps of stars at their turning points, on alternating sides of one axis."""
    count = len(galaxy.radius)
    axis = directions(rng, count)
    first, second = plane_of(axis)
    shape = (count, SHELLS * SHELL_PARTICLES)
    shell = np.repeat(np.arange(SHELLS), SHELL_PARTICLES)
    side = np.where(shell % 2, -1.0, 1.0).astype(np.float32)
    r = galaxy.radius[:, None] * (1.3 + 0.8 * shell) * (1 + 0.03 * normal(rng, *shape))
    opening = uniform(rng, (0.0, 0.7), shape)
    around = uniform(rng, (0, 2 * np.pi), shape)
    cap = (side * np.cos(opening))[..., None] * axis[:, None]
    cap += (np.sin(opening) * np.cos(around))[..., None] * first[:, None]
    cap += (np.sin(opening) * np.sin(around))[..., None] * second[:, None]
    return shared_light(
        galaxy.centre[:, None] + r[..., None] * cap,
        np.broadcast_to(0.16 * galaxy.radius[:, None], shape),
        np.ones(shape, np.float32) / (1 + shell),
        light,
        colours(galaxy.redness, population),
    )
