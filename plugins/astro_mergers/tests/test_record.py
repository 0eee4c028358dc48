"""What `dakit fetch galaxy_mergers` brings, and where to."""

from __future__ import annotations

from pathlib import Path

import pytest

from dakit_astro_mergers.galaxy_mergers import GalaxyMergers

PUBLISHED = {
    "SimSim_SOURCE_X_Illustris2_pristine.npy": 2_082_510_128,
    "SimSim_SOURCE_y_Illustris2_pristine.npy": 123_536,
    "SimSim_TARGET_X_Illustris2_noisy.npy": 2_082_510_128,
    "SimSim_TARGET_y_Illustris2_noisy.npy": 123_536,
    "SimReal_SOURCE_X_Illustris0.npy": 810_000_128,
    "SimReal_SOURCE_y_Illustris0.npy": 48_128,
    "SimReal_TARGET_X_postmergers_SDSS.npy": 810_000_128,
    "SimReal_TARGET_y_postmergers_SDSS.npy": 48_128,
}


@pytest.fixture(autouse=True)
def _no_folder_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAKIT_DATA", raising=False)


def test_the_eight_files_have_their_published_names_and_sizes() -> None:
    remote = GalaxyMergers().remote_files()
    assert {file.name: file.size for file in remote.files} == PUBLISHED
    assert remote.index == "https://zenodo.org/api/records/4507941"
    first = remote.files[0]
    assert first.url == f"https://zenodo.org/records/4507941/files/{first.name}?download=1"


@pytest.mark.parametrize(("experiment", "prefix"), [("sim_sim", "SimSim"), ("sim_real", "SimReal")])
def test_an_experiment_that_is_asked_for_needs_its_four(experiment: str, prefix: str) -> None:
    files = GalaxyMergers.model_validate({"experiment": experiment}).remote_files().files
    assert [file.name for file in files] == [n for n in PUBLISHED if n.startswith(prefix)]


def test_files_are_put_where_a_run_looks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert GalaxyMergers().remote_files().folder == Path("data")
    monkeypatch.setenv("DAKIT_DATA", "/big/disk")
    assert GalaxyMergers().remote_files().folder == Path("/big/disk")
    given = GalaxyMergers.model_validate({"folder": "here"})
    assert given.remote_files().folder == Path("here")
