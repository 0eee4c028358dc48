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
from dakit.runs.results import read_results, results_document


def stand_in(**parts):
    return SimpleNamespace(**parts)


@pytest.fixture
def document():
    domain = stand_in(groups=np.arange(3))
    data = stand_in(
        pair=stand_in(
            source=domain,
            target=stand_in(groups=None),
            class_names=("no", "yes"),
            provenance=Provenance("mock", "a generator", {}, ("careful",)),
        ),
        leakage=stand_in(to_dict=lambda: {"shared": 3}, lines=lambda: ["3 objects are shared"]),
        fingerprint="f" * 10,
    )
    spec = stand_in(
        name="digits",
        seed=4,
        training=stand_in(epochs=9),
        evaluation=stand_in(confidence=0.95, bootstrap=100),
    )
    selection = stand_in(
        validator="oracle",
        epoch=2,
        score=0.5,
        used_target_labels=True,
        epochs_run=3,
        stopped_early=True,
    )
    metrics = {"source_test": {"accuracy": 0.5, "n": 3}, "target_test": None}
    adapted = {"terms": ["mmd"], "batch_norm": None}
    inputs = {"source": {"mean": 0.0, "sd": 1.0}}
    return results_document(
        "ab", spec, data, selection, stand_in(metrics=metrics), adapted, inputs, {"head": 9}
    )


def test_it_holds_what_was_promised(document):
    assert (document["run_id"], document["name"], document["seed"]) == ("ab", "digits", 4)
    assert document["data"] == {
        "origin": "mock",
        "description": "a generator",
        "fingerprint": "f" * 10,
        "class_names": ["no", "yes"],
        "leakage": {"shared": 3, "lines": ["3 objects are shared"]},
        "notes": ["careful"],
    }
    assert document["selection"] == {
        "validator": "oracle",
        "epoch": 2,
        "score": 0.5,
        "used_target_labels": True,
    }
    assert document["training"] == {
        "epochs": 9,
        "epochs_run": 3,
        "stopped_early": True,
        "parameters": {"head": 9},
    }
    assert document["inputs"] == {"source": {"mean": 0.0, "sd": 1.0}}
    assert document["adaptation"] == {"terms": ["mmd"], "batch_norm": None}
    assert document["metrics"]["target_test"] is None


def test_it_says_what_was_drawn_for_the_intervals(document):
    assert document["evaluation"]["bootstrap_unit"] == {"source": "group", "target": "row"}


def test_it_reads_back_as_it_was_written(document, tmp_path):
    folder = RunFolder(tmp_path)
    write_json(folder.results, document)
    assert read_results(folder) == document


@pytest.mark.parametrize("content", [[], {"name": "x", "run_id": "1", "data": {}, "metrics": {}}])
def test_a_file_that_lacks_a_part_is_refused(tmp_path, content):
    folder = RunFolder(tmp_path)
    folder.results.write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"it lacks .*selection"):
        read_results(folder)


def test_reading_needs_no_torch():
    code = "import sys, dakit.runs.results; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
