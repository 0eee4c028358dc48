"""Mergers of all stages."""

from __future__ import annotations

import numpy as np
import pytest

from dakit_astro_mergers.mock.encounters import draw_companions, draw_encounters
from dakit_astro_mergers.mock.galaxies import draw_galaxies
from dakit_astro_mergers.mock.populations import ILLUSTRIS_Z0, ILLUSTRIS_Z2, SDSS, Population

COUNT = 3000
POPULATIONS = [ILLUSTRIS_Z2, ILLUSTRIS_Z0, SDSS]


@pytest.mark.parametrize("population", POPULATIONS)
def test_stages_come_in_their_shares(population: Population) -> None:
    pairs = draw_encounters(np.random.default_rng(0), COUNT, population)
    assert pairs.future.mean() == pytest.approx(population.future, abs=0.03)
    expected = (1 - population.future) * population.single_nucleus
    assert pairs.merged.mean() == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("population", POPULATIONS)
def test_distances_follow_the_stage(population: Population) -> None:
    pairs = draw_encounters(np.random.default_rng(0), COUNT, population)
    apart = np.linalg.norm(pairs.primary.centre - pairs.secondary.centre, axis=1)
    apart /= pairs.primary.radius
    np.testing.assert_allclose(apart[pairs.merged], 0, atol=1e-5)
    for stage, bounds in (
        (pairs.future, population.approach),
        (~pairs.future & ~pairs.merged, population.nuclei),
    ):
        assert apart[stage].min() > bounds[0] * 0.999
        assert apart[stage].max() < bounds[1] * 1.001


def test_the_centre_of_light_is_the_centre_of_the_frame() -> None:
    pairs = draw_encounters(np.random.default_rng(0), 50, SDSS)
    weighted = sum(g.centre * g.luminosity[:, None] for g in (pairs.primary, pairs.secondary))
    np.testing.assert_allclose(weighted, 0, atol=1e-4)


def test_simulated_mergers_are_later_than_observed_ones() -> None:
    assert ILLUSTRIS_Z0.future < SDSS.future
    assert ILLUSTRIS_Z0.single_nucleus > SDSS.single_nucleus


def test_some_isolated_galaxies_have_a_companion() -> None:
    rng = np.random.default_rng(0)
    companions = draw_companions(rng, draw_galaxies(rng, COUNT, ILLUSTRIS_Z2), ILLUSTRIS_Z2)
    share = (companions.luminosity > 0).mean()
    assert share == pytest.approx(ILLUSTRIS_Z2.companion_chance, abs=0.03)
