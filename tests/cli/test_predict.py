"""``dakit predict`` as a user runs it."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table


def dakit(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "dakit", *map(str, arguments)]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((30, 1, 8, 8), np.float32))
    return tmp_path


def test_a_table_a_summary_and_plain_progress(digits_run: Path, folder: Path) -> None:
    (folder / "ids.txt").write_text("\n".join(f"obj {i}" for i in range(30)))
    done = dakit(
        folder, "predict", digits_run, "x.npy", "--out", "p.csv", "--ids", "ids.txt", "--symmetries",
        "--dropout-samples", "2", "--temperature", "--as", "source", "--distance",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == "images 30/30\n"
    assert "30 images, normalised as the source" in done.stdout
    assert "Temperature " in done.stdout
    assert "Far from both domains: " in done.stdout
    assert "Table: p.csv" in done.stdout
    with (folder / "p.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [f"obj {i}" for i in range(30)]
    refused = dakit(folder, "predict", digits_run, "x.npy", "--out", "p.csv")
    assert refused.returncode == 2
    assert "--overwrite" in refused.stderr
    again = dakit(folder, "predict", digits_run, "x.npy", "--out", "p.csv", "--overwrite")
    assert again.returncode == 0, again.stderr


def test_fits(digits_run: Path, folder: Path) -> None:
    done = dakit(folder, "predict", digits_run, "x.npy", "x.npy", "--out", "p.fits")
    assert done.returncode == 2
    assert "same name" in done.stderr
    done = dakit(folder, "predict", digits_run, "x.npy", "--out", "p.fits", "--batch-size", "7")
    assert done.returncode == 0, done.stderr
    assert len(Table.read(folder / "p.fits")) == 30


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x.npy", "--out", "p.xlsx"], ".csv, .parquet, .fits"),
        (["no.npy", "--out", "p.csv"], "no such file: no.npy"),
        (["x.npy", "--out", "gone/p.csv"], "no folder gone"),
        (["x.npy", "--out", "p.csv", "--dropout-samples", "1"], "two samples"),
        (["x.npy", "--out", "p.csv", "--device", "warp"], "warp"),
    ],
)
def test_wrong_input_exits_2_and_writes_nothing(
    digits_run: Path, folder: Path, arguments: list[str], said: str
) -> None:
    from dakit.cli.app import main

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["predict", str(digits_run), *arguments]) == 2
    assert {path.name for path in folder.iterdir()} == {"x.npy"}
    failed = (
        dakit(folder, "predict", digits_run, *arguments) if said.startswith("no such") else None
    )
    assert failed is None or said in failed.stderr
