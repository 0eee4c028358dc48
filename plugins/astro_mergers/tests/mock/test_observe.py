"""What the telescope does to an image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dakit_astro_mergers.mock.observe import add_intruders, add_noise, expose, stretch
from dakit_astro_mergers.mock.surveys import (
    HST_NOISY,
    HST_PRISTINE,
    SDSS_CUTOUTS,
    SDSS_SIMULATED,
    Survey,
)

GRID = np.arange(75) - 37.0


@pytest.mark.parametrize("survey", [HST_PRISTINE, SDSS_SIMULATED, SDSS_CUTOUTS])
def test_a_point_is_spread_as_the_survey_says_and_keeps_its_light(survey: Survey) -> None:
    point = np.zeros((1, 3, 75, 75), np.float32)
    point[:, :, 37, 37] = 1
    image = expose(point, survey)[0].astype(np.float64)
    for band in range(3):
        assert image[band].sum() == pytest.approx(survey.gain[band], rel=1e-3)
        variance = (image[band] * GRID**2).sum() / image[band].sum()
        wing = survey.wing_light
        expected = (1 - wing) * survey.psf_core[band] ** 2 + wing * survey.psf_wing**2
        assert variance == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("survey", [HST_NOISY, SDSS_CUTOUTS])
def test_noise_has_zero_mean_and_the_stated_sd(survey: Survey) -> None:
    dark = np.zeros((40, 3, 75, 75), np.float32)
    noise = add_noise(np.random.default_rng(0), dark, survey)[:, :, 10:-10, 10:-10]
    np.testing.assert_allclose(noise.std(axis=(0, 2, 3)), survey.sky_noise, rtol=0.03)
    np.testing.assert_allclose(noise.mean(axis=(0, 2, 3)), 0, atol=0.02 * survey.sky_noise[0])


def test_a_pristine_survey_adds_nothing() -> None:
    light = np.ones((2, 3, 75, 75), np.float32)
    rng = np.random.default_rng(0)
    assert add_noise(rng, light, HST_PRISTINE) is light
    assert add_intruders(rng, light, HST_PRISTINE) is light


def test_intruders_add_light_here_and_there() -> None:
    dark = np.zeros((200, 3, 75, 75), np.float32)
    many = replace(SDSS_CUTOUTS, stars=1.0, neighbours=0.0)
    totals = add_intruders(np.random.default_rng(0), dark, many).sum(axis=(1, 2, 3))
    assert (totals >= 0).all()
    assert (totals == 0).mean() == pytest.approx(np.exp(-1), abs=0.1), "their number is Poisson"


def test_a_linear_survey_is_not_stretched() -> None:
    images = np.ones((2, 3, 75, 75), np.float32)
    assert stretch(images, None) is images


def test_the_composite_is_whole_numbers_in_0_255_with_red_first() -> None:
    rng = np.random.default_rng(0)
    images = rng.normal(0, 1, (4, 3, 75, 75)).astype(np.float32)
    images[:, 2] += 5  # the reddest filter
    composite = stretch(images, 0.1)
    assert composite.min() >= 0
    assert composite.max() == 255
    np.testing.assert_array_equal(composite, np.round(composite))
    assert composite[:, 0].mean() > composite[:, 2].mean()


def test_the_composite_follows_the_asinh_law_for_grey_light() -> None:
    grey = np.array([0.0, 0.01, 0.05], np.float32)
    composite = stretch(np.broadcast_to(grey, (1, 3, 1, 3)).copy(), 0.2)[0, 0, 0]
    np.testing.assert_allclose(composite, np.round(255 * np.arcsinh(8 * grey / 0.2) / 8), atol=1)
