"""Labels that are no indices from 0: run, predict and evaluate speak of the user's values."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dakit
from dakit.workflows.evaluate import score
from dakit.workflows.predict import predict

CODINGS = {
    "numbers from 1": np.array([1, 2]),
    "negative": np.array([-1, 1]),
    "texts": np.array(["disk", "merger"]),
    "yes and no": np.array([False, True]),
}


@pytest.mark.parametrize("coding", CODINGS.values(), ids=list(CODINGS))
def test_two_values_are_two_classes_called_by_them(tmp_path: Path, coding: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    plain = np.arange(80) % 2
    for side in ("source", "target"):
        np.save(tmp_path / f"{side}.npy", rng.normal(5 * plain[:, None], 1, (80, 3)))
        np.save(tmp_path / f"{side}_labels.npy", coding[plain])
    data: dict[str, Any] = {
        "name": "arrays",
        **{s: {"inputs": f"{s}.npy", "labels": f"{s}_labels.npy"} for s in ("source", "target")},
    }
    spec = {
        "schema_version": 1,
        "name": "valued",
        "data": data,
        "model": {"backbone": {"name": "mlp", "hidden": [4]}},
        "objective": {},
        "training": {"epochs": 2, "batch_size": 16},
        "evaluation": {"bootstrap": 0},
    }
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    run = dakit.run(tmp_path / "spec.json", out=tmp_path / "runs", device="cpu")
    names = [str(value) for value in coding.tolist()]
    assert run.results["data"]["class_names"] == names
    assert [key for key in run.predictions[0] if key.startswith("p_")] == [f"p_{n}" for n in names]
    assert {row["label"] for row in run.predictions} == set(names)
    assert (run.metrics["source_test"]["brier"] or 0) <= 1  # of two classes, not of three

    predict(run, tmp_path / "target.npy", out=tmp_path / "p.csv", device="cpu")
    with (tmp_path / "p.csv").open(newline="") as file:
        assert {row["predicted"] for row in csv.DictReader(file)} <= set(names)

    # other data that show one class, named by their own labels
    np.save(tmp_path / "target_labels.npy", coding[np.ones(80, int)])
    np.save(tmp_path / "source_labels.npy", coding[np.ones(80, int)])
    (tmp_path / "data.json").write_text(json.dumps(data))
    found = score(run, tmp_path / "data.json", device="cpu")["metrics"]["target_all"]
    chosen = [r["predicted"] == names[1] for r in run.predictions if r["domain"] == "target"]
    assert found["recall"] == pytest.approx(np.mean(chosen))
