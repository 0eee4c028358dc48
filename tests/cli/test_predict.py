"""``dakit predict`` as a user runs it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from dakit.cli.app import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with 30 images in it."""
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((30, 1, 8, 8), np.float32))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_table_a_summary_and_plain_progress(
    digits_run: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "ids.txt").write_text("\n".join(f"obj {i}" for i in range(30)))
    line = (
        "x.npy --out p.csv --ids ids.txt --symmetries --dropout-samples 2 --temperature "
        "--as source --distance"
    )
    assert main(["predict", str(digits_run), *line.split()]) == 0
    said = capsys.readouterr()
    assert said.err == "images 30/30\n"
    assert "30 images, normalised as the source" in said.out
    assert "Temperature " in said.out
    assert "Far from both domains: " in said.out
    assert "Table: p.csv" in said.out
    with (folder / "p.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [f"obj {i}" for i in range(30)]


def test_fits_and_a_file_that_is_there(
    digits_run: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["predict", str(digits_run), "x.npy", "--out", "p.fits", "--batch-size", "7"]
    assert main(line) == 0
    assert len(Table.read(folder / "p.fits")) == 30
    capsys.readouterr()
    assert main(line) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert main([*line, "--overwrite"]) == 0


def test_an_image_network_with_dropout_in_its_head_can_be_sampled(folder: Path) -> None:
    spec = {
        "schema_version": 1,
        "name": "dropping",
        "data": "digits_shift",
        "model": {"backbone": "small_cnn", "head": {"dropout": 0.3}},
        "objective": {},
        "training": {"epochs": 1},
        "evaluation": {"bootstrap": 0},
    }
    Path("spec.json").write_text(json.dumps(spec))
    assert main(["run", "spec.json", "--no-report"]) == 0
    (run,) = Path("runs").iterdir()
    assert main(["predict", str(run), "x.npy", "--out", "p.csv", "--dropout-samples", "4"]) == 0
    with Path("p.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(float(row["mutual_information"]) > 0 for row in rows)
    assert all(float(row["dropout_sd_0"]) > 0 for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x.npy", "--out", "p.xlsx"], ".csv, .parquet, .fits"),
        (["no.npy", "--out", "p.csv"], "no such file: no.npy"),
        (["x.npy", "--out", "gone/p.csv"], "no folder gone"),
        (["x.npy", "x.npy", "--out", "p.csv"], "same name"),
        (["x.npy", "--out", "p.csv", "--dropout-samples", "1"], "two samples"),
        (["x.npy", "--out", "p.csv", "--device", "warp"], "warp"),
    ],
)
def test_wrong_input_exits_2_and_writes_nothing(
    digits_run: Path,
    folder: Path,
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["predict", str(digits_run), *arguments]) == 2
    assert said in capsys.readouterr().err
    assert {path.name for path in folder.iterdir()} == {"x.npy"}
