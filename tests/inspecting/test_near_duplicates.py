"""The search for near-duplicates: copies found, look-alikes left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dakit.inspecting.joining import agreement, join
from dakit.inspecting.near_duplicates import (
    LOWEST,
    THRESHOLD,
    NearDuplicates,
    near_duplicates,
    why_not,
)
from dakit.inspecting.polar_maps import ring_spectra

from .galaxies import blown_up


def search(images: Any, rows: Any) -> NearDuplicates:
    return near_duplicates(ring_spectra(images, rows), rows)


@pytest.mark.parametrize(("noise", "recall"), [(0.0, 0.95), (0.03, 0.6)])
def test_turned_flipped_and_zoomed_copies_are_found_and_nothing_else(
    noise: float, recall: float
) -> None:
    images, shown = blown_up(objects=30, copies=4, noise=noise)
    found = search(images, np.arange(len(images))).at(THRESHOLD)
    told = agreement(join(len(images), found.pairs), shown)
    assert told.precision == 1.0
    assert (told.recall or 0) >= recall


def test_rows_left_out_are_not_compared_and_pairs_are_rows_of_the_domain() -> None:
    images, shown = blown_up(objects=10, copies=4)
    images[3] = np.nan
    rows = np.setdiff1d(np.arange(len(images)), [3])
    found = search(images, rows)
    assert 3 not in found.pairs
    assert (found.similarity >= LOWEST).all()
    sure = found.at(THRESHOLD).pairs
    assert len(sure)
    assert (sure[:, 0] < sure[:, 1]).all()
    np.testing.assert_array_equal(shown[sure[:, 0]], shown[sure[:, 1]])


def test_other_scale_and_sky_change_nothing() -> None:
    images, _ = blown_up(objects=8, copies=3)
    rows = np.arange(len(images))
    first, second = search(images, rows), search(900 * images + 40, rows)
    np.testing.assert_array_equal(first.pairs, second.pairs)
    np.testing.assert_allclose(first.similarity, second.similarity, atol=1e-3)


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_images_have_no_pairs(count: int) -> None:
    images, _ = blown_up(objects=2, copies=1)
    assert search(images, np.arange(count)).pairs.shape == (0, 2)


def test_what_cannot_be_searched_is_told() -> None:
    assert why_not((3, 75, 75)) is None
    assert "no images" in (why_not((64,)) or "")
    assert "smaller than 24" in (why_not((1, 8, 8)) or "")
