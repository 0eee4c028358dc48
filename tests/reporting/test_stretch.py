"""Images made visible: in grey, and in colour, against the formula of Lupton et al. 2004."""

from __future__ import annotations

import numpy as np
import pytest

from dakit.reporting.stretch import log_stretch, visible


def galaxies(count: int = 3, noise: float = 0.1, colour: tuple[float, ...] = (1, 2, 4)):
    y, x = np.mgrid[-20:21, -20:21]
    light = 300 * np.exp(-np.hypot(x, y) / 3) * np.asarray(colour)[:, None, None]
    sky = np.random.default_rng(0).normal(5, noise, size=(count, len(colour), 41, 41))
    return (light + sky).astype(np.float32)


def test_each_filter_is_multiplied_by_asinh_of_the_mean() -> None:
    images = galaxies()
    seen = visible(images)
    assert "asinh stretch (Lupton et al. 2004)" in seen.stretch
    light = images.astype(np.float64)
    light -= np.median(light, axis=(2, 3), keepdims=True)
    typical = np.median(np.percentile(light, 99.8, axis=(2, 3)), axis=0)
    for k, image in enumerate(light):
        bands = image / typical[:, None, None]
        peak = np.percentile(np.maximum(bands.mean(axis=0), 0), 99.8)
        for row, column in ((20, 23), (14, 20), (26, 27)):
            b, g, r = np.maximum(bands[:, row, column], 0)
            mean = bands[:, row, column].mean()
            factor = np.arcsinh(10 * mean / peak) / np.arcsinh(10) / mean
            expected = np.array([r, g, b]) * factor
            expected /= max(expected.max(), 1)
            np.testing.assert_allclose(seen.pixels[k, row, column], expected, rtol=1e-9)


def test_a_red_galaxy_among_white_ones_is_red_and_a_dark_sky_is_dark() -> None:
    images = np.concatenate([galaxies(4), galaxies(1, colour=(0.3, 2, 8))])
    pixels = visible(images).pixels
    assert pixels.shape == (5, 41, 41, 3)
    assert pixels.min() >= 0
    assert pixels.max() <= 1
    np.testing.assert_allclose(pixels[0, 20, 20], pixels[0, 20, 20].max(), rtol=0.05)
    red, green, blue = pixels[4, 20, 24]
    assert red > 1.5 * green > 1.5 * blue
    assert np.median(pixels[:, :8]) < 0.02


def test_noise_alone_stays_faint_beside_a_galaxy() -> None:
    noise = np.random.default_rng(1).normal(5, 0.1, size=(1, 3, 41, 41)).astype(np.float32)
    pixels = visible(np.concatenate([galaxies(3), noise])).pixels
    assert pixels[3].mean() < 0.3


@pytest.mark.parametrize("white", [1.0, 255.0])
def test_pictures_stay_as_they_are(white: float) -> None:
    pictures = np.random.default_rng(0).uniform(0, 1, (2, 3, 9, 9)) * white
    seen = visible(pictures)
    assert seen.stretch == "in colour as stored"
    np.testing.assert_allclose(seen.pixels * white, np.moveaxis(pictures, 1, -1))


def test_a_dark_picture_is_one_and_fluxes_below_255_are_none() -> None:
    dark = np.zeros((2, 3, 9, 9), np.float32)
    dark[:, :, 4, 4] = 60
    assert visible(dark).stretch == "in colour as stored"
    y, x = np.mgrid[-20:21, -20:21]
    flux = np.tile(200 * np.exp(-np.hypot(x, y) / 3), (2, 3, 1, 1))
    assert "Lupton" in visible(flux).stretch


def test_one_channel_stays_grey_and_of_five_the_first_three_are_shown() -> None:
    images = galaxies()
    one = visible(images[:, :1])
    assert one.stretch == "log stretch"
    np.testing.assert_array_equal(one.pixels[1], log_stretch(images[1, :1]))
    five = visible(np.concatenate([images, images[:, :2]], axis=1))
    np.testing.assert_array_equal(five.pixels, visible(images).pixels)
    assert five.stretch.startswith("first three channels, ")


def test_a_constant_image_is_dark_not_broken() -> None:
    assert not visible(np.full((2, 3, 5, 5), 400.0)).pixels.any()


def galaxy() -> np.ndarray:
    y, x = np.mgrid[-20:21, -20:21]
    light = 100 * np.exp(-np.hypot(x, y) / 3)
    noise = np.random.default_rng(0).normal(scale=0.1, size=(3, 41, 41))
    return (light + noise + 7).astype(np.float32)


def test_faint_light_is_lifted_and_order_kept() -> None:
    image = galaxy()
    stretched = log_stretch(image)
    grey = image.astype(float).mean(axis=0)
    assert stretched.shape == (41, 41)
    assert stretched.min() == 0
    assert stretched.max() == 1
    linear = (grey - np.median(grey)) / (grey.max() - np.median(grey))
    assert stretched[20, 28] > 3 * linear[20, 28] > 0
    order = np.argsort(grey, axis=None)
    assert (np.diff(stretched.ravel()[order]) >= 0).all()


def test_the_sky_of_a_faint_galaxy_in_noise_is_dark() -> None:
    y, x = np.mgrid[-20:21, -20:21]
    light = 8 * np.exp(-np.hypot(x, y) / 3)
    noise = np.random.default_rng(0).normal(size=(1, 41, 41))
    stretched = log_stretch(light + noise)
    assert (stretched[:5] == 0).mean() > 0.4


def test_a_mostly_bright_image_keeps_its_dark_half() -> None:
    image = np.ones((1, 8, 8))
    image[:, :3] = np.linspace(0, 0.5, 8)
    assert log_stretch(image)[0, 4] > 0


def test_a_constant_image_is_dark_in_grey_too() -> None:
    assert not log_stretch(np.full((3, 5, 5), 4.0)).any()
