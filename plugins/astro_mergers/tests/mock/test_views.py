"""Which galaxy each mock image shows."""

from __future__ import annotations

import numpy as np

from dakit_astro_mergers.mock.views import ZOOM, several_cameras, turned_and_zoomed


def test_cameras_of_one_galaxy_are_consecutive_rows() -> None:
    views = several_cameras(10, 4)
    assert views.galaxy.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
    assert views.galaxies == 3
    np.testing.assert_array_equal(views.cameras.frame[0], views.cameras.frame[4])
    assert not np.allclose(views.cameras.frame[0], views.cameras.frame[1])


def test_few_galaxies_are_blown_up_evenly_and_never_twice_the_same() -> None:
    views = turned_and_zoomed(np.random.default_rng(0), 100, 8, 4)
    assert set(np.bincount(views.galaxy)) == {12, 13}
    assert len(np.unique(views.cameras.frame.reshape(100, 9), axis=0)) == 100
    assert ZOOM[0] <= views.cameras.zoom.min() < views.cameras.zoom.max() <= ZOOM[1]


def test_there_are_no_more_galaxies_than_images() -> None:
    views = turned_and_zoomed(np.random.default_rng(0), 5, 44, 4)
    assert views.galaxy.tolist() == [0, 1, 2, 3, 4]
