"""What read the training data reads the new ones: arrays as the spec of the run has them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import dakit
from dakit.runs.run import Run
from dakit.training.reporter import SilentReporter
from dakit.workflows.predict import predict

ROWS = 40


@pytest.fixture(scope="module", params=[(5, 6, 2), (3, 3, 3)], ids=str)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Images (N, H, W, C) under other names than dakit's own, and with decoys."""
    folder = tmp_path_factory.mktemp("last")
    rng, labels = np.random.default_rng(0), np.arange(ROWS) % 2
    for side in ("source", "target"):
        images = rng.normal(size=(ROWS, *request.param)) + labels[:, None, None, None]
        names = np.array([f"{side} {row}" for row in range(ROWS)])
        np.savez(folder / f"{side}.npz", x=images, y=labels, names=names)
        np.save(folder / f"{side}.npy", images)
    side = {"inputs_key": "x", "labels_key": "y", "ids_key": "names"}
    spec = {
        "schema_version": 1,
        "name": "last",
        "data": {
            "name": "arrays",
            "channels_last": True,
            "source": {"inputs": str(folder / "source.npz"), **side},
            "target": {"inputs": str(folder / "target.npz"), **side},
        },
        "model": {"backbone": {"name": "mlp", "hidden": [8]}},
        "objective": {},
        "training": {"epochs": 1, "batch_size": 16, "device": "cpu"},
        "evaluation": {"bootstrap": 0},
    }
    return dakit.run(spec, out=folder, reporter=SilentReporter())


def probabilities(rows: list[dict[str, str]]) -> dict[str, float]:
    return {row["id"]: float(row["p_1"]) for row in rows}


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("kind", ["npz", "npy"])
def test_predict_reads_the_files_of_the_training(
    run: Run, side: str, kind: str, tmp_path: Path
) -> None:
    file = run.folder.path.parent / f"{side}.{kind}"
    predict(run, file, out=tmp_path / "p.csv", domain=side, device="cpu")  # type: ignore[arg-type]
    with (tmp_path / "p.csv").open(newline="") as table:
        found = probabilities(list(csv.DictReader(table)))
    if kind == "npy":
        found = {f"{side} {row}": value for row, value in found.items()}
    known = probabilities([row for row in run.predictions if row["domain"] == side])
    assert found == pytest.approx(known, abs=1e-6)


def test_channels_may_be_first_where_only_that_fits(run: Run, tmp_path: Path) -> None:
    images = np.load(run.folder.path.parent / "target.npy")
    both_fit = len(set(images.shape[1:])) == 1  # then it is as the spec says
    tables = []
    for name, array in {"last": images, "first": images.transpose(0, 3, 1, 2)}.items():
        np.save(tmp_path / f"{name}.npy", array)
        predict(run, tmp_path / f"{name}.npy", out=tmp_path / f"{name}.csv", device="cpu")
        tables.append((tmp_path / f"{name}.csv").read_text())
    assert (tables[0] == tables[1]) != both_fit
