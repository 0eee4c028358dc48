"""Resampling keeps the flux, and is the sum over overlapping areas that its formula says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dakit.images.planes import cut_middle, extent, resize

SIDES = st.integers(1, 40)


def loop(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Share every pixel out among the new pixels that it overlaps."""
    (height, width), (h, w) = image.shape, size
    out = np.zeros(size)
    for i in range(h):
        for j in range(w):
            for y in range(height):
                for x in range(width):
                    down = min((i + 1) * height / h, y + 1) - max(i * height / h, y)
                    right = min((j + 1) * width / w, x + 1) - max(j * width / w, x)
                    out[i, j] += max(0, down) * max(0, right) * image[y, x]
    return out


@pytest.mark.parametrize("size", [(7, 5), (3, 2), (10, 10), (5, 9), (1, 1)])
def test_it_is_the_sum_over_overlaps(size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).normal(size=(1, 7, 5))
    np.testing.assert_allclose(resize(image, size, "flux")[0], loop(image[0], size), atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(SIDES, SIDES, SIDES, SIDES, st.integers(0, 99))
def test_flux_is_conserved_up_and_down(height: int, width: int, h: int, w: int, seed: int) -> None:
    image = np.random.default_rng(seed).exponential(size=(2, height, width)).astype(np.float32)
    resized = resize(image, (h, w), "flux").astype(np.float32)
    assert resized.shape == (2, h, w)
    np.testing.assert_allclose(resized.sum((1, 2), np.float64), image.sum((1, 2)), rtol=1e-5)


@settings(deadline=None, max_examples=30)
@given(SIDES, SIDES, SIDES, SIDES)
def test_surface_brightness_leaves_a_constant_image_as_it_is(
    height: int, width: int, h: int, w: int
) -> None:
    resized = resize(np.full((1, height, width), 3.0), (h, w), "surface_brightness")
    np.testing.assert_allclose(resized, 3.0, rtol=1e-12)


def test_halving_adds_four_pixels_and_the_same_size_changes_nothing() -> None:
    image = np.arange(16.0).reshape(1, 4, 4)
    np.testing.assert_array_equal(resize(image, (2, 2), "flux")[0], [[10, 18], [42, 50]])
    np.testing.assert_array_equal(resize(image, (4, 4), "flux"), image)


def test_the_middle_is_cut_out() -> None:
    image = np.arange(30).reshape(1, 5, 6)
    np.testing.assert_array_equal(cut_middle(image, (3, 2))[0], [[8, 9], [14, 15], [20, 21]])
    np.testing.assert_array_equal(cut_middle(image, (2, 3))[0], [[7, 8, 9], [13, 14, 15]])
    assert np.shares_memory(cut_middle(image, extent(2)), image)
    with pytest.raises(ValueError, match="5 x 6 pixels, smaller than the cut-out of 6 x 6"):
        cut_middle(image, extent(6))
