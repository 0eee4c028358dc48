"""From folders of image files to a run, as a user does it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

N = 40
Command = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make two folders: round (0) and crossed (1) things, as FITS and as PNG."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[-6:6, -6:6] + 0.5
    shapes = {"round": x**2 + y**2 < 16, "crossed": np.abs(x * y) < 4}
    for i in range(N):
        for kind, shape in shapes.items():
            image = 50 * shape + 10 * rng.random((12, 12))
            (tmp_path / "sim" / kind).mkdir(parents=True, exist_ok=True)
            fits.writeto(tmp_path / "sim" / kind / f"s{i}.fits", image.astype(np.float32))
            (tmp_path / "real" / kind).mkdir(parents=True, exist_ok=True)
            picture = np.stack([2 * image, image, image / 2], axis=2).astype(np.uint8)
            Image.fromarray(picture).save(tmp_path / "real" / kind / f"r{i}.png")
    (tmp_path / "sim" / "round" / "s3.fits").write_bytes(b"torn")
    (tmp_path / "real" / "crossed" / "r5.png").write_bytes(b"torn")
    return tmp_path


def write_spec(folder: Path, **data: Any) -> Path:
    spec = {
        "schema_version": 1,
        "name": "mine",
        "data": {
            "name": "images",
            "source": {"path": "sim"},
            "target": {"path": "real", "reading": {"bands": ["G"], "size": 8}},
            "reading": {"size": 8},
            "cache": "cache",
            **data,
        },
        "model": {"backbone": {"name": "small_cnn", "channels": [4, 8]}},
        "objective": {"transfer": "mmd"},
        "training": {"epochs": 1, "batch_size": 32},
        "evaluation": {"bootstrap": 10},
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    return folder / "spec.json"


def test_bad_files_stop_the_run_and_are_listed_at_once(folder: Path, dakit_here: Command) -> None:
    done = dakit_here("run", write_spec(folder), "--no-report", cwd=folder)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    for part in ("2 of 160 images", "source round/s3", "target crossed/r5", '"bad_files": "skip"'):
        assert part in done.stderr
    assert not (folder / "runs").exists()


def test_bad_files_are_left_out_where_the_spec_says_so(folder: Path, dakit_here: Command) -> None:
    spec = write_spec(folder, bad_files="skip")
    done = dakit_here("run", spec, "--no-report", cwd=folder)
    assert done.returncode == 0, done.stderr
    (run,) = (folder / "runs").iterdir()
    notes = json.loads((run / "environment.json").read_text())["data"]["notes"]
    assert [note.split(" images were left out")[0] for note in notes] == [
        "source: resized to 8 pixels, which keeps the flux of 79 FITS or npy.",
        "source: 1 of 80",
        "target: resized to 8 pixels, which keeps the brightness of 79 PNG or JPEG.",
        "target: 1 of 80",
    ]
    with (run / "predictions.csv").open() as file:
        ids = {row["id"] for row in csv.DictReader(file)}
    assert "round/s4" in ids
    assert "crossed/r6" in ids
    assert not ids & {"round/s3", "crossed/r5"}
    again = dakit_here("run", spec, "--no-report", cwd=folder)
    assert "already finished" in again.stdout + again.stderr


def test_unreadable_new_images_stop_predict_or_are_left_out(
    folder: Path, dakit_here: Command
) -> None:
    for kind, name in (("round", "s3.fits"), ("crossed", "r5.png")):
        (folder / ("sim" if name[0] == "s" else "real") / kind / name).unlink()
    assert dakit_here("run", write_spec(folder), "--no-report", cwd=folder).returncode == 0
    (run,) = (folder / "runs").iterdir()
    (folder / "real" / "round" / "r0.png").write_bytes(b"torn")
    line = ["predict", run, "real", "--out", "p.csv"]
    done = dakit_here(*line, cwd=folder)
    assert done.returncode == 2, done.stderr
    assert "1 of 79 images cannot be used" in done.stderr
    assert "--skip-bad" in done.stderr
    assert not (folder / "p.csv").exists()
    done = dakit_here(*line, "--skip-bad", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 of 79 images left out, missing or not usable:" in done.stdout
    assert "round/r0: " in done.stdout
    with (folder / "p.csv").open() as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    assert len(ids) == 78
    assert "round/r0" not in ids
    (folder / "ids.txt").write_text("\n".join(map(str, range(79))))
    done = dakit_here(*line, "--skip-bad", "--ids", "ids.txt", "--overwrite", cwd=folder)
    assert done.returncode == 2
    assert "--ids" in done.stderr
    assert "left out" in done.stderr
