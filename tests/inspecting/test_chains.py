"""A group of copies is alike throughout; one of look-alikes is a chain with unlike ends."""

from __future__ import annotations

import numpy as np
import pytest

from dakit.inspecting.joining import SLACK, chained, join
from dakit.inspecting.near_duplicates import THRESHOLD, near_duplicates
from dakit.inspecting.polar_maps import ring_spectra, similarities

from .galaxies import blown_up, clipped, dihedral


def searched(images):
    """Return spectra, the group of each image, and whether that is a chain."""
    rows = np.arange(len(images))
    spectra = ring_spectra(images, rows)
    groups = join(len(images), near_duplicates(spectra, rows).at(THRESHOLD).pairs)
    return spectra, groups, chained(spectra, groups, THRESHOLD)


@pytest.mark.parametrize(
    ("images", "shown"),
    [
        blown_up(objects=20, copies=5),
        blown_up(objects=10, copies=5, noise=0.03),
        blown_up(objects=8, copies=20),
        blown_up(objects=8, copies=20, noise=0.03),
        blown_up(objects=4, copies=40, noise=0.03),
        dihedral(clipped(40, sky=0.1)[0], copies=5),
        dihedral(clipped(20, sky=0.1)[0], copies=20),
        dihedral(clipped(20, sky=0.1)[0], copies=20, noise=0.02),
    ],
)
def test_copies_of_one_object_are_no_chain(images, shown) -> None:
    _, groups, chain = searched(images)
    for group in np.unique(groups):
        assert len(set(shown[groups == group])) == 1, "the search itself is right"
    assert np.bincount(groups).max() >= 5
    assert not chain.any()


@pytest.mark.parametrize("sky", [0.3, 0.1])
def test_a_chain_of_look_alikes_is_one(sky: float) -> None:
    images, _ = clipped(600, sky=sky)
    spectra, groups, chain = searched(images)
    sizes = np.bincount(groups)
    assert sizes.max() > 40 or sky < 0.3
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        assert len(set(chain[rows])) == 1
        if len(rows) < 3:
            assert not chain[rows[0]]
            continue
        first, second = np.triu_indices(len(rows), 1)
        lacking = 1 - similarities(spectra, np.stack([rows[first], rows[second]], axis=1)).mean()
        if len(rows) <= 20 or abs(lacking - SLACK * 0.03) > 0.005:  # of others a part is looked at
            assert chain[rows[0]] == (lacking > SLACK * 0.03)
        assert chain[rows[0]] or len(rows) < 15


def test_a_group_of_two_or_of_none_is_no_chain() -> None:
    spectra = np.random.default_rng(0).normal(size=(4, 1, 30, 9)).astype(np.complex64)
    assert not chained(spectra, np.array([0, 0, 1, 2]), 0.97).any()
    assert chained(spectra, np.array([0, 0, 0, 2]), 0.97).tolist() == [True] * 3 + [False]
    assert chained(spectra[:0], np.zeros(0, np.int64), 0.97).shape == (0,)
