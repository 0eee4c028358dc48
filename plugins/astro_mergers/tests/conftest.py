"""Small files with the names of the published ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from dakit.contracts import DomainPair
from dakit_astro_mergers import folders, galaxy_mergers_data, record
from dakit_astro_mergers.mock import generate

ROWS = 12
MERGERS = 5


@pytest.fixture(scope="session")
def drawn() -> Callable[..., DomainPair]:
    """Return `mock_pair`, which draws the same images once in a session; they are not changed."""
    return cache(generate.mock_pair)


@pytest.fixture(autouse=True)
def _drawn_once(monkeypatch: pytest.MonkeyPatch, drawn: Callable[..., DomainPair]) -> None:
    monkeypatch.setattr(galaxy_mergers_data, "mock_pair", drawn)


@pytest.fixture
def small_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Write an experiment's four files with 12 rows each, and make 12 the right number."""
    monkeypatch.delenv(folders.FOLDER_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    small = {
        experiment: tuple(record.DomainFiles(f.images, f.labels, ROWS) for f in files)
        for experiment, files in record.FILES.items()
    }
    monkeypatch.setattr(record, "FILES", small)
    monkeypatch.setattr(galaxy_mergers_data, "sim_sim_groups", lambda: np.arange(ROWS) // 2)

    def write(experiment: str) -> Path:
        folder = tmp_path / "arrays"
        folder.mkdir()
        rng = np.random.default_rng(0)
        for files in small[experiment]:
            np.save(folder / files.images, rng.random((ROWS, 3, 75, 75)))
            np.save(folder / files.labels, (np.arange(ROWS) < MERGERS).astype(np.float64))
        return folder

    return write
