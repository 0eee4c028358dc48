"""The galaxies behind the rows of the sim-sim arrays."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from dakit_astro_mergers.groups import sim_sim_groups

CHECKOUT = Path(__file__).parents[3]


def published_ids() -> np.ndarray:
    folder = Path(os.environ.get("DAKIT_TEST_DATA", CHECKOUT.parent / "shared" / "data"))
    file = folder / "illustris2_galaxy_ids.npy"
    if not file.is_file():
        pytest.skip(f"{file.name} (deepskies/deepmerge-public, subsamples_ID.npy) is not here")
    return np.load(file, allow_pickle=False)


def test_there_are_2233_galaxies_in_15426_rows() -> None:
    groups = sim_sim_groups()
    assert groups.shape == (15426,)
    assert len(np.unique(groups)) == 2233


def test_no_galaxy_is_both_a_merger_and_none() -> None:
    groups = sim_sim_groups()
    assert not np.intersect1d(groups[:8120], groups[8120:]).size


def test_mergers_have_20_images_and_the_others_4_but_for_one() -> None:
    sizes = np.bincount(sim_sim_groups())
    assert set(sizes[:406]) == {20}
    assert sorted(sizes[406:])[:2] == [2, 4]
    assert set(sizes[406:]) == {2, 4}


def test_the_short_run_is_at_rows_8240_and_8241() -> None:
    groups = sim_sim_groups()
    assert groups[8239] != groups[8240] == groups[8241] != groups[8242]
    assert len(set(groups[8242:8246])) == 1 != len(set(groups[8242:8247]))


def test_copies_of_a_merger_lie_1624_rows_apart() -> None:
    groups = sim_sim_groups()
    for block in range(1, 5):
        np.testing.assert_array_equal(groups[:1624], groups[1624 * block : 1624 * (block + 1)])


def test_the_rule_gives_the_published_halo_ids() -> None:
    pairs = np.unique(np.stack([published_ids(), sim_sim_groups()]), axis=1)
    assert pairs.shape[1] == len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == 2233
