"""t-SNE with the published settings."""

from __future__ import annotations

import numpy as np
import pytest

from dakit.evaluation.latent_space import tsne


def test_two_directions_become_two_islands() -> None:
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(6)[:2] * 10, 30, axis=0)
    positions = tsne((centres + rng.normal(size=(60, 6))).astype(np.float32), seed=1)
    assert positions.shape == (60, 2)
    first, second = positions[:30].mean(axis=0), positions[30:].mean(axis=0)
    spread = max(positions[:30].std(), positions[30:].std())
    assert np.linalg.norm(first - second) > 2 * spread


def test_the_map_repeats_itself() -> None:
    features = np.random.default_rng(0).normal(size=(12, 6)).astype(np.float32)
    assert np.array_equal(tsne(features, seed=1), tsne(features, seed=1))


def test_too_few_rows() -> None:
    with pytest.raises(ValueError, match="too few"):
        tsne(np.ones((3, 2), np.float32), seed=0)
