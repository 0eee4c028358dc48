"""By the same specs, results and reports as networks."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

import dakit
from dakit.reporting.compare.compared_run import recipe_of
from dakit.runs.model_folder import load_model
from dakit.runs.records import read_resolved
from dakit.runs.results import read_results
from dakit.training.reporter import SilentReporter

pytestmark = pytest.mark.usefixtures("offered")


@pytest.fixture
def spec(tmp_path, blobs):
    source, labels, target, hidden = blobs(90, 0)
    for name, array in {"x": source, "y": labels, "z": target, "t": hidden}.items():
        np.save(tmp_path / f"{name}.npy", array)

    def make(objective, **training):
        return {
            "schema_version": 1,
            "name": "shallow",
            "data": {
                "name": "arrays",
                "source": {"inputs": f"{tmp_path}/x.npy", "labels": f"{tmp_path}/y.npy"},
                "target": {"inputs": f"{tmp_path}/z.npy", "labels": f"{tmp_path}/t.npy"},
            },
            "model": {"backbone": "vectors"},
            "objective": objective,
            "training": {"epochs": 1, **training},
            "evaluation": {"bootstrap": 10},
        }

    return make


def run(given, out):
    return dakit.run(given, out=out, reporter=SilentReporter())


@pytest.mark.parametrize(
    ("objective", "label", "reads"),
    [
        ({"task": "nearest_neighbour"}, "noDA", []),
        ({"task": "logistic"}, "noDA", []),
        ({"task": None, "transfer": "tca"}, "tca", ["tca"]),
    ],
)
def test_a_run_has_results_predictions_and_an_honest_name(objective, label, reads, spec, tmp_path):
    done = run(spec(objective), tmp_path / "runs")
    results = read_results(done.folder)
    assert results.adaptation.terms == reads
    assert recipe_of(read_resolved(done.folder), results.adaptation).label == label
    assert results.metrics["target_test"] is not None
    assert len(done.predictions) == 90 + 97
    (row,) = done.history
    assert row["losses"] == {}


def test_the_model_is_arrays_and_predicts_without_the_spec(spec, tmp_path):
    objective = {"task": None, "transfer": {"name": "coral_map", "classifier": "nearest_neighbour"}}
    done = run(spec(objective), tmp_path / "runs")
    arrays = load_file(done.folder.model / "weights.safetensors")
    assert any(name.startswith("predictor.") and len(a) == 63 for name, a in arrays.items())
    facts = json.loads((done.folder.model / "model.json").read_text())
    assert facts["predictor"]["spec"]["name"] == "coral_map"
    model = load_model(done.folder.model)
    rows = torch.from_numpy(np.load(tmp_path / "z.npy"))
    said = model.network(model.normalization.target(rows))[1].argmax(1).tolist()
    kept = [row["predicted"] for row in done.predictions if row["domain"] == "target"]
    assert [str(label) for label in said] == kept
    table = tmp_path / "predictions.csv"
    dakit.predict(done.folder.path, tmp_path / "z.npy", out=table)
    assert [row.split(",")[1] for row in table.read_text().splitlines()[1:]] == kept


def test_beside_a_network_it_predicts_from_what_the_network_learned(spec, tmp_path):
    given = spec({"transfer": "coral_map"}, epochs=3)
    given["model"] = {"backbone": {"name": "mlp", "hidden": [16]}}
    done = run(given, tmp_path / "runs")
    last = done.history[-1]
    assert last["losses"].keys() == {"cross_entropy", "total"}
    assert done.metrics["source_test"]["accuracy"] > 0.5
