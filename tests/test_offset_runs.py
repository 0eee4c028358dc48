"""Data far from 0: run, predict, evaluate and export give what they give without the offset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

import dakit
from dakit.errors import InputError
from dakit.runs.run import Run
from dakit.workflows.evaluate import score
from dakit.workflows.export import export
from dakit.workflows.predict import predict

UNIX_TIME = 1.7e9
SHAPES = {"vectors": (3,), "series": (1, 8), "images": (1, 8, 8)}


def trained(folder: Path, shape: tuple[int, ...], offset: float, method: str) -> Run:
    """Two classes 20 standard deviations apart in every value, 10 seconds in all."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for side, n in (("source", 60), ("target", 50)):
        labels = np.arange(n) % 2
        apart = (20 * labels - 10).reshape(-1, *[1] * len(shape))
        np.save(folder / f"{side}.npy", offset + 0.5 * (apart + rng.normal(0, 1, (n, *shape))))
        np.save(folder / f"{side}_labels.npy", labels)
    spec: dict[str, Any] = {
        "schema_version": 1,
        "name": "far",
        "seed": 1,
        "data": {
            "name": "arrays",
            "source": {"inputs": "source.npy", "labels": "source_labels.npy"},
            "target": {"inputs": "target.npy", "labels": "target_labels.npy"},
            "normalize": {"method": method},
        },
        "model": {"backbone": {"name": "mlp", "hidden": [8]}},
        "objective": {"task": {"name": "cross_entropy"}, "transfer": {"name": "mmd"}},
        "optimizer": {"name": "adam", "lr": 0.02},
        "training": {"epochs": 8, "batch_size": 16},
        "evaluation": {"bootstrap": 20},
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    return dakit.run(folder / "spec.json", out=folder / "runs", device="cpu")


def probabilities(run: Run) -> np.ndarray:
    return np.array([[float(row["p_0"]), float(row["p_1"])] for row in run.predictions])


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_accuracy_and_predictions_are_those_without_the_offset(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    near = trained(tmp_path / "near", shape, 0.0, "standardize")
    far = trained(tmp_path / "far", shape, UNIX_TIME, "standardize")
    for part in ("source_test", "target_test"):
        assert far.metrics[part]["accuracy"] == near.metrics[part]["accuracy"] == 1.0
    np.testing.assert_allclose(probabilities(far), probabilities(near), rtol=0, atol=1e-3)


@pytest.mark.parametrize("method", ["standardize", "asinh", "log", "percentile"])
def test_predict_evaluate_and_export_give_the_numbers_of_the_run(
    tmp_path: Path, method: str
) -> None:
    run = trained(tmp_path / "far", SHAPES["images"], UNIX_TIME, method)
    folder = tmp_path / "far"
    known = probabilities(run)[-50:]
    assert run.metrics["target_test"]["accuracy"] == 1.0

    predict(run, folder / "target.npy", out=tmp_path / "p.csv", device="cpu")
    found = np.loadtxt(tmp_path / "p.csv", delimiter=",", skiprows=1, usecols=(2, 3))
    np.testing.assert_allclose(found, known, rtol=0, atol=1e-6)

    scored = score(run, folder / "spec.json", part="test", device="cpu")
    for name in ("accuracy", "brier"):
        known_value = run.metrics["target_test"][name]
        assert scored["metrics"]["target_test"][name] == pytest.approx(known_value, rel=1e-6)

    export(run, formats=("torch", "onnx"), out=tmp_path / "out")
    assert json.loads((tmp_path / "out" / "export.json").read_text())["input"]["type"] == "float64"
    raw = np.load(folder / "target.npy")
    session = onnxruntime.InferenceSession(tmp_path / "out" / "model.onnx")
    by_onnx = session.run(["probabilities"], {"inputs": raw})[0]
    by_torch = torch.export.load(tmp_path / "out" / "model.pt2").module()(torch.from_numpy(raw))[1]
    np.testing.assert_allclose(by_onnx, known, rtol=0, atol=1e-5)
    np.testing.assert_allclose(by_torch.detach(), known, rtol=0, atol=1e-5)


def test_new_inputs_of_a_type_too_coarse_are_refused(tmp_path: Path) -> None:
    run = trained(tmp_path / "far", SHAPES["vectors"], UNIX_TIME, "standardize")
    np.save(tmp_path / "x.npy", np.load(tmp_path / "far" / "target.npy").astype(np.float32))
    with pytest.raises(InputError, match=r"x\.npy: inputs of type float32 are too coarse"):
        predict(run, tmp_path / "x.npy", out=tmp_path / "p.csv", device="cpu")
    assert not (tmp_path / "p.csv").exists()
