"""Histograms of pixel values."""

from __future__ import annotations

import numpy as np

from dakit.contracts import Domain
from dakit.data.normalization import Normalization
from dakit.inspecting.flux import SAMPLE, flux_histograms, normalized, sample


def test_shares_are_those_of_numpy_in_common_bins() -> None:
    rng = np.random.default_rng(0)
    images = {
        "source": rng.normal(0, 1, (30, 2, 6, 6)).astype(np.float32),
        "target": rng.normal(50, 9, (20, 2, 6, 6)).astype(np.float32),
    }
    told = flux_histograms(images)
    assert told.images == {"source": 30, "target": 20}
    for role, drawn in images.items():
        for channel in range(2):
            values = np.clip(drawn[:, channel], told.edges[0], told.edges[-1])
            counted = np.histogram(values, bins=told.edges)[0]
            # the two outermost edges may round either way
            difference = told.shares[role][channel] - counted / values.size
            assert np.abs(difference[1:-1]).max() < 1e-3
            np.testing.assert_allclose(told.shares[role][channel].sum(), 1)


def test_vectors_are_one_channel_and_constant_values_have_bins() -> None:
    told = flux_histograms({"source": np.full((5, 7), 2.0, np.float32)})
    assert told.shares["source"].shape[0] == 1
    assert (np.diff(told.edges) > 0).all()


def test_a_sample_leaves_broken_images_out_and_is_bounded() -> None:
    inputs = np.ones((SAMPLE + 50, 1, 2, 2))
    inputs[7] = np.nan
    domain = Domain("source", inputs, None, np.arange(len(inputs)))
    drawn = sample(domain, np.array([7]))
    assert len(drawn) == SAMPLE
    assert np.isfinite(drawn).all()


def test_normalised_values_are_those_the_network_sees() -> None:
    given = Normalization("none", (1.0,), (2.0,), (-1.0,))
    np.testing.assert_allclose(normalized(np.full((1, 1, 2, 2), 3, np.float32), given), 5)
