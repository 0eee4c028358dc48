"""Separable blobs against a loop over pixels and blobs."""

from __future__ import annotations

import numpy as np

from dakit_astro_mergers.mock.blobs import blob_images


def test_blobs_equal_a_plain_loop() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-5, 5, (2, 2, 3)).astype(np.float32)
    size = rng.uniform(0.5, 2, (2, 3)).astype(np.float32)
    flux = rng.random((2, 3, 3)).astype(np.float32)
    expected = np.zeros((2, 3, 11, 11))
    for b, band, row, column, p in np.ndindex(2, 3, 11, 11, 3):
        r2 = (column - 5 - x[b, p]) ** 2 + (row - 5 - y[b, p]) ** 2
        density = np.exp(-r2 / (2 * size[b, p] ** 2)) / (2 * np.pi * size[b, p] ** 2)
        expected[b, band, row, column] += flux[b, p, band] * density
    np.testing.assert_allclose(blob_images(x, y, size, flux, 11), expected, rtol=1e-4, atol=1e-6)
