"""Images made visible."""

from __future__ import annotations

import numpy as np

from dakit.reporting.stretch import log_stretch


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


def test_a_constant_image_is_dark_not_broken() -> None:
    assert not log_stretch(np.full((3, 5, 5), 4.0)).any()
