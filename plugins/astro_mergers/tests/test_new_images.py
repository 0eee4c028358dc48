"""New galaxies to predict on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from dakit import InputError
from dakit.contracts import BuildContext, Domain
from dakit_astro_mergers import mast
from dakit_astro_mergers.galaxy_mergers import GalaxyMergers


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAKIT_CACHE", str(tmp_path / "cache"))
    values = np.random.default_rng(0).integers(0, 255, (3, 75, 75), dtype=np.uint8)
    (tmp_path / "new").mkdir()
    Image.fromarray(values.transpose(1, 2, 0)).save(tmp_path / "new" / "a.png")
    fits.writeto(tmp_path / "new" / "b.fits", values.astype(np.float32))
    np.save(tmp_path / "new" / "c.npy", values.astype(np.float64))
    return tmp_path / "new"


def read(*paths: Path, skip_bad: bool = False) -> Domain:
    context = BuildContext(seed=0, skip_bad=skip_bad)
    domain = GalaxyMergers(origin="mock").read_inputs(paths, context)
    assert domain is not None
    return domain


def test_files_of_every_format_are_read(folder: Path) -> None:
    for new in (read(folder), read(*(folder / name for name in ("a.png", "b.fits", "c.npy")))):
        assert new.ids.tolist() == ["a", "b", "c"]
        assert new.inputs.shape == (3, 3, 75, 75)
        np.testing.assert_array_equal(new.inputs[1], new.inputs[0])
        np.testing.assert_array_equal(new.inputs[2], new.inputs[0])


def test_images_of_another_shape_are_told(folder: Path) -> None:
    np.save(folder / "d.npy", np.zeros((3, 64, 64)))
    with pytest.raises(
        InputError, match=r"1 of 4 [\s\S]*d: .*3 x 64 x 64.*3 x 75 x 75.*\n.*--skip-bad"
    ):
        read(folder)
    left = read(folder, skip_bad=True)
    assert left.ids.tolist() == ["a", "b", "c"]
    assert len(left) == 3
    assert [name for name, _ in left.left_out] == ["d"]


def test_a_file_of_mast_is_mapped(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(4, 3, 75, 75)).astype(np.float32)
    fits.writeto(tmp_path / mast.FILES[0], values)
    new = read(tmp_path / mast.FILES[0])
    assert isinstance(new.inputs, np.memmap)
    np.testing.assert_array_equal(new.inputs, values)
    assert new.ids.tolist() == [0, 1, 2, 3]
