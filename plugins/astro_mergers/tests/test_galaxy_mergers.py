"""The dataset as a whole: origins, protocols, what is said of the data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dakit import InputError
from dakit.contracts import BuildContext, DomainPair
from dakit_astro_mergers import record
from dakit_astro_mergers.galaxy_mergers import GalaxyMergers
from dakit_astro_mergers.protocol import paper_split

Files = Callable[[str], Path]


def build(base_dir: Path, **fields: object) -> DomainPair:
    spec = GalaxyMergers.model_validate({"mock_size": 100, **fields})
    pair: DomainPair = spec.build(BuildContext(seed=3, base_dir=base_dir))
    return pair


@pytest.mark.parametrize("origin", ["zenodo", "auto"])
def test_files_are_used_where_they_are(tmp_path: Path, small_files: Files, origin: str) -> None:
    folder = small_files("sim_real")
    pair = build(tmp_path, experiment="sim_real", origin=origin, folder="arrays")
    assert pair.provenance.origin == "zenodo"
    assert pair.class_names == ("non-merger", "merger")
    for domain, files in zip((pair.source, pair.target), record.FILES["sim_real"], strict=True):
        np.testing.assert_array_equal(domain.inputs, np.load(folder / files.images))
        assert domain.labels is not None
        assert domain.labels.tolist() == [1] * 5 + [0] * 7
    assert pair.provenance.checksums == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()
    }


@pytest.mark.parametrize("origin", ["auto", "zenodo"])
def test_files_that_were_cut_off_are_told_before_anything_is_read(
    tmp_path: Path, small_files: Files, origin: str
) -> None:
    folder = small_files("sim_real")
    spec = GalaxyMergers.model_validate(
        {"experiment": "sim_real", "origin": origin, "folder": "arrays"}
    )
    spec.outline(tmp_path)
    file = folder / record.FILES["sim_real"][1].images
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(InputError, match=file.name):
        spec.outline(tmp_path)


def test_files_are_found_by_the_environment(
    tmp_path: Path, small_files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAKIT_DATA", str(small_files("sim_sim")))
    assert build(tmp_path, origin="zenodo").provenance.origin == "zenodo"


def test_files_are_found_in_the_data_folder_where_the_run_is_started(
    tmp_path: Path, small_files: Files
) -> None:
    small_files("sim_sim").rename(tmp_path / "data")
    assert build(tmp_path / "specs", origin="zenodo").provenance.origin == "zenodo"


def test_sim_sim_files_have_shared_groups_and_sim_real_ones_none(
    tmp_path: Path, small_files: Files
) -> None:
    small_files("sim_sim")
    pair = build(tmp_path, folder="arrays")
    assert pair.shared_groups
    assert pair.source.groups is not None
    np.testing.assert_array_equal(pair.source.groups, pair.target.groups)
    assert any("same galaxy" in note for note in pair.provenance.notes)


def test_sim_real_files_say_that_copies_may_leak(tmp_path: Path, small_files: Files) -> None:
    small_files("sim_real")
    pair = build(tmp_path, experiment="sim_real", folder="arrays")
    assert pair.source.groups is None
    assert pair.target.groups is None
    assert not pair.shared_groups
    assert any("both sides of any split" in note for note in pair.provenance.notes)


def test_all_missing_files_are_listed_with_the_way_out(tmp_path: Path, small_files: Files) -> None:
    folder = small_files("sim_sim")
    missing = [files.images for files in record.FILES["sim_sim"]]
    for name in missing:
        (folder / name).unlink()
    with pytest.raises(InputError) as caught:
        build(tmp_path, origin="zenodo", folder="arrays")
    command = f"dakit fetch galaxy_mergers --set experiment=sim_sim --to {folder}"
    for part in (*missing, "10.5281/zenodo.4507941", command, "DAKIT_DATA", "mock"):
        assert part in str(caught.value)


def test_auto_without_files_draws_mock_images_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAKIT_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    provenance = build(tmp_path, origin="auto").provenance
    assert provenance.origin == "mock"
    assert "not Illustris, not SDSS" in provenance.description
    (note,) = (note for note in provenance.notes if "mock images stand in" in note)
    assert f"dakit fetch galaxy_mergers --set experiment=sim_sim --to {tmp_path}/data" in note


def test_mock_images_do_not_depend_on_the_seed_of_the_run() -> None:
    spec = GalaxyMergers(origin="mock", mock_size=100)
    first, second = (spec.build(BuildContext(seed=seed)) for seed in (0, 1))
    np.testing.assert_array_equal(first.source.inputs, second.source.inputs)


def test_the_clean_protocol_prescribes_no_split(tmp_path: Path) -> None:
    assert build(tmp_path, origin="mock").split is None


@pytest.mark.parametrize("experiment", ["sim_sim", "sim_real"])
def test_the_paper_protocol_prescribes_its_split_for_mock_images_too(
    tmp_path: Path, experiment: str
) -> None:
    pair = build(tmp_path, origin="mock", experiment=experiment, protocol="paper")
    expected = paper_split(100, 100)
    assert pair.split is not None
    np.testing.assert_array_equal(pair.split.source.test, expected.source.test)
    np.testing.assert_array_equal(pair.split.target.train, expected.target.train)
    assert pair.source.groups is not None, "groups let the leakage be reported"
    assert any("last image" in note for note in pair.provenance.notes)
