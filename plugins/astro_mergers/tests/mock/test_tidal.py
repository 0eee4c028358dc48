"""Tides move light, they do not lose it."""

from __future__ import annotations

import numpy as np

from dakit_astro_mergers.mock.encounters import draw_encounters
from dakit_astro_mergers.mock.populations import ILLUSTRIS_Z2
from dakit_astro_mergers.mock.tidal import central_starburst, tidal_debris

GREY = ILLUSTRIS_Z2.__class__(
    **{**vars(ILLUSTRIS_Z2), "young": (1.0, 1.0, 1.0), "old": (1.0, 1.0, 1.0)}
)


def test_debris_and_starburst_hold_their_light() -> None:
    rng = np.random.default_rng(0)
    pairs = draw_encounters(rng, 50, GREY)
    for particles, light in (
        (tidal_debris(rng, pairs, GREY), pairs.debris),
        (central_starburst(rng, pairs, GREY), pairs.starburst),
    ):
        np.testing.assert_allclose(
            particles.flux.sum(axis=1), light[:, None] + [0, 0, 0], rtol=1e-4
        )


def test_debris_reaches_beyond_the_discs_and_the_starburst_does_not() -> None:
    rng = np.random.default_rng(0)
    pairs = draw_encounters(rng, 200, GREY)
    single = pairs.merged
    reach = {}
    for name, particles in (
        ("debris", tidal_debris(rng, pairs, GREY)),
        ("starburst", central_starburst(rng, pairs, GREY)),
    ):
        away = np.linalg.norm(particles.position - pairs.primary.centre[:, None], axis=2)
        reach[name] = np.median((away / pairs.primary.radius[:, None])[single])
    assert reach["debris"] > 1.5
    assert reach["starburst"] < 0.5
