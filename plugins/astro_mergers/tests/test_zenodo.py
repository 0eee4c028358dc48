"""The checks of the published files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dakit import InputError
from dakit_astro_mergers import zenodo


def test_images_stay_on_disk_in_their_type(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((2, 3, 75, 75)))
    images = zenodo.open_images(tmp_path / "x.npy", 2)
    assert isinstance(images, np.memmap)
    assert images.dtype == np.float64
    assert not images.flags.writeable


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 3, 75, 74)), r"expected .*\(2, 3, 75, 75\), found \(2, 3, 75, 74\)"),
        (np.zeros((3, 3, 75, 75)), r"expected .*found \(3, 3, 75, 75\)"),
        (np.zeros((2, 3, 75, 75), np.int16), "expected float64 or float32 images, found int16"),
    ],
)
def test_wrong_images_are_refused_by_name(tmp_path: Path, array: np.ndarray, message: str) -> None:
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(InputError, match=rf"x\.npy: {message}"):
        zenodo.open_images(tmp_path / "x.npy", 2)


@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.uint8])
def test_labels_become_int64(tmp_path: Path, dtype: type) -> None:
    np.save(tmp_path / "y.npy", np.array([1, 1, 0], dtype))
    labels = zenodo.open_labels(tmp_path / "y.npy", 3)
    assert labels.dtype == np.int64
    assert labels.tolist() == [1, 1, 0]


@pytest.mark.parametrize("wrong", [0.5, 2.0, -1.0, np.nan])
def test_labels_other_than_0_and_1_are_refused(tmp_path: Path, wrong: float) -> None:
    np.save(tmp_path / "y.npy", np.array([1, 0, wrong]))
    with pytest.raises(InputError, match=rf"y\.npy: expected labels 0 .* found {wrong}"):
        zenodo.open_labels(tmp_path / "y.npy", 3)


@pytest.mark.parametrize("keep", [0, 50, 200])
def test_a_download_that_broke_off_is_named(tmp_path: Path, keep: int) -> None:
    file = tmp_path / "x.npy"
    np.save(file, np.zeros((2, 3, 75, 75)))
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(InputError, match="not a readable"):
        zenodo.open_images(file, 2)


def test_pickled_objects_are_not_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "y.npy", np.array([{}, 1], object), allow_pickle=True)
    with pytest.raises(InputError, match="not a readable"):
        zenodo.open_labels(tmp_path / "y.npy", 2)
