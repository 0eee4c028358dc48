import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from dakit.contracts import Provenance
from dakit.errors import InputError
from dakit.files.writing import write_json
from dakit.runs.folder import RunFolder
from dakit.runs.results import (
    Adaptation,
    DataPart,
    EvaluationPart,
    InputScale,
    MetricSet,
    Results,
    SelectionPart,
    TrainingPart,
    read_results,
)

LEAKAGE = {
    "source": {"images": 3, "objects": 3},
    "target": {"images": 2, "objects": None},
    "target_test_in_source_train": None,
    "target_test_objects_in_source_train": None,
    "lines": ["3 objects are shared"],
}
WRITTEN = """{
  "run_id": "ab",
  "name": "digits",
  "seed": 4,
  "data": {
    "origin": "mock",
    "description": "a generator",
    "fingerprint": "ffff",
    "class_names": ["no", "yes"],
    "leakage": {
      "source": {"images": 3, "objects": 3},
      "target": {"images": 2, "objects": null},
      "target_test_in_source_train": null,
      "target_test_objects_in_source_train": null,
      "lines": ["3 objects are shared"]
    },
    "notes": ["careful"]
  },
  "selection": {
    "validator": "oracle",
    "epoch": 2,
    "score": 0.5,
    "used_target_labels": true
  },
  "training": {
    "epochs": 9,
    "epochs_run": 3,
    "stopped_early": true,
    "parameters": {"head": 9}
  },
  "adaptation": {"terms": ["mmd"], "batch_norm": null, "source": true},
  "inputs": {"source": {"mean": 0.0, "sd": 1.0}},
  "evaluation": {
    "confidence": 0.95,
    "bootstrap": 100,
    "bootstrap_unit": {"source": "group", "target": "row"}
  },
  "metrics": {
    "source_test": {
      "accuracy": 0.5,
      "balanced_accuracy": 0.5,
      "precision": null,
      "recall": 0.0,
      "f1": 0.0,
      "brier": 0.25,
      "ece": 0.5,
      "auc": 0.5,
      "n": 3,
      "support": [2, 1],
      "objects": null,
      "intervals": {"accuracy": [0.25, 0.75], "precision": null},
      "no_intervals": null
    },
    "target_test": null
  },
  "predictions_sha256": "cd"
}
"""
"""What every release has written and every script reads: these keys in this order."""


@pytest.fixture
def results():
    pair = SimpleNamespace(
        source=SimpleNamespace(groups=np.arange(3)),
        target=SimpleNamespace(groups=None),
        class_names=("no", "yes"),
        provenance=Provenance("mock", "a generator", {}, ("careful",)),
    )
    measured = MetricSet(
        accuracy=0.5,
        balanced_accuracy=0.5,
        precision=None,
        recall=0.0,
        f1=0.0,
        brier=0.25,
        ece=0.5,
        auc=0.5,
        n=3,
        support=[2, 1],
        objects=None,
        intervals={"accuracy": [0.25, 0.75], "precision": None},
        no_intervals=None,
    )
    return Results(
        run_id="ab",
        name="digits",
        seed=4,
        data=DataPart.of(pair, "ffff", leakage=LEAKAGE),
        selection=SelectionPart(validator="oracle", epoch=2, score=0.5, used_target_labels=True),
        training=TrainingPart(epochs=9, epochs_run=3, stopped_early=True, parameters={"head": 9}),
        adaptation=Adaptation(terms=["mmd"], batch_norm=None, source=True),
        inputs={"source": InputScale(mean=0.0, sd=1.0)},
        evaluation=EvaluationPart.of(
            SimpleNamespace(confidence=0.95, bootstrap=100, metrics=()), pair
        ),
        metrics={"source_test": measured, "target_test": None},
        predictions_sha256="cd",
    )


@pytest.fixture
def folder(tmp_path, results):
    written = RunFolder(tmp_path)
    write_json(written.results, results.document)
    return written


def test_the_file_is_what_it_always_was(folder):
    expected = json.dumps(json.loads(WRITTEN), indent=2) + "\n"
    assert folder.results.read_text() == expected


def test_it_reads_back_as_it_was_written(folder, results):
    found = read_results(folder)
    assert found.document == results.document == json.loads(WRITTEN)
    assert (found.data, found.metrics) == (results.data, results.metrics)


def test_what_later_versions_add_stays(folder):
    content = {"later": 1, **json.loads(WRITTEN)}
    content["metrics"]["source_test"]["kappa"] = 0.25
    write_json(folder.results, content)
    found = read_results(folder)
    assert next(iter(found.document)) == "later"
    assert found.document == content
    assert found.test("source").value("kappa") == 0.25


@pytest.mark.parametrize("content", [[], {"name": "x", "run_id": "1", "data": {}, "metrics": {}}])
def test_a_file_that_lacks_a_part_is_refused(tmp_path, content):
    folder = RunFolder(tmp_path)
    folder.results.write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"results\.json is no dakit result: it lacks .*selection"):
        read_results(folder)


def wrong(path, value):
    content = json.loads(WRITTEN)
    *steps, last = path.split(".")
    place = content
    for step in steps:
        place = place[step]
    place[last] = value
    return content


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metrics.source_test.accuracy", "0.5"),
        ("metrics.source_test.intervals.accuracy", 0.5),
        ("metrics.source_test.support", 3),
        ("evaluation.bootstrap_unit.target", "image"),
        ("adaptation.terms", "mmd"),
        ("training.parameters.head", None),
        ("data.leakage.lines", {}),
    ],
)
def test_a_damaged_part_is_named_with_its_file(tmp_path, path, value):
    folder = RunFolder(tmp_path)
    write_json(folder.results, wrong(path, value))
    with pytest.raises(InputError, match=rf"results\.json is no dakit result: {path}: "):
        read_results(folder)


def test_reading_needs_no_torch():
    code = "import sys, dakit.runs.results; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
