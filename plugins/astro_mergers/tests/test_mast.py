"""The two FITS files at MAST, in a tiny copy of their layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from pydantic import ValidationError

from dakit import InputError
from dakit.contracts import BuildContext, DomainPair
from dakit.testing import check_component
from dakit_astro_mergers import mast
from dakit_astro_mergers.galaxy_mergers import GalaxyMergers

ROWS = 24


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DAKIT_DATA", raising=False)
    rng = np.random.default_rng(0)
    for name in mast.FILES:
        write(tmp_path / name, rng.normal(size=(ROWS, 3, 75, 75)).astype(np.float32))
    return tmp_path


def write(path: Path, images: np.ndarray, labels: np.ndarray | None = None) -> None:
    if labels is None:
        labels = (np.arange(len(images)) % 2).astype(np.float64)
    hdus = [fits.PrimaryHDU(images), fits.ImageHDU(labels)]
    fits.HDUList(hdus).writeto(path, overwrite=True)


def build(folder: Path, **fields: object) -> DomainPair:
    spec = GalaxyMergers.model_validate({"origin": "mast", "folder": folder, **fields})
    pair: DomainPair = spec.build(BuildContext(seed=1))
    return pair


def test_the_files_are_mapped_where_they_lie(folder: Path) -> None:
    pair = build(folder)
    for domain, name in zip((pair.source, pair.target), mast.FILES, strict=True):
        assert isinstance(domain.inputs, np.memmap)
        assert domain.inputs.dtype == ">f4"
        np.testing.assert_array_equal(domain.inputs, fits.getdata(folder / name))
        assert domain.labels is not None
        assert domain.labels.tolist() == [0, 1] * (ROWS // 2)
        assert domain.ids.tolist() == list(range(ROWS))
        assert domain.groups is None
    assert set(pair.provenance.checksums) == set(mast.FILES)


def test_big_endian_images_can_be_trained_on(folder: Path) -> None:
    report = check_component(GalaxyMergers, example={"origin": "mast", "folder": folder})
    assert report.ok, report
    states = {outcome.check: outcome.state for outcome in report.outcomes}
    assert states["can_be_trained_on"] == "passed"
    assert states["keeps_mapped_inputs_mapped"] == "passed"


def test_what_is_not_known_of_them_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    provenance = build(folder).provenance
    assert provenance.origin == "mast"
    assert provenance.notes == (mast.NO_GROUPS,)
    monkeypatch.setattr(mast, "TRAINING_ROWS", ROWS)
    assert build(folder).provenance.notes == (mast.NO_GROUPS, mast.TRAINING_PART)
    assert "name no galaxies" in mast.NO_GROUPS
    assert "10,798" in mast.TRAINING_PART


def test_missing_files_are_listed_with_the_way_out(folder: Path) -> None:
    for name in mast.FILES:
        (folder / name).unlink()
    with pytest.raises(InputError) as caught:
        build(folder)
    for part in (*mast.FILES, mast.DOI, "DAKIT_DATA"):
        assert part in str(caught.value)


def test_wrong_files_are_named(folder: Path) -> None:
    path = folder / mast.FILES[1]
    images = np.zeros((ROWS, 3, 75, 75), np.float32)
    wrong = [
        (images[:, :2], None, r"noisy.*expected images \(N, 3, 75, 75\)"),
        (images, np.zeros(3), r"noisy.*expected labels \(24,\) in HDU 1, found \(3,\)"),
        (images, np.full(ROWS, 2.0), r"noisy.*expected labels 0 .* found 2"),
    ]
    for values, labels, said in wrong:
        write(path, values, labels)
        with pytest.raises(InputError, match=said):
            build(folder)


@pytest.mark.parametrize("fields", [{"experiment": "sim_real"}, {"protocol": "paper"}])
def test_what_the_files_cannot_give_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="mast"):
        GalaxyMergers.model_validate({"origin": "mast", **fields})
