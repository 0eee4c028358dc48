"""Few rows of many classes: what a part lacks is said, and its means are scikit-learn's."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from sklearn.metrics import f1_score, precision_score, recall_score

import dakit
from dakit.reporting.result_table import print_result
from dakit.runs.results import read_results
from dakit.runs.run import Run
from dakit.training.reporter import SilentReporter

ROWS = 23
NAMES = [f"kind {letter}" for letter in "abcdef"]
MEANS = {"precision": precision_score, "recall": recall_score, "f1": f1_score}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """23 rows of 6 classes in each domain; of the last class the source has a single one."""
    folder = tmp_path_factory.mktemp("few")
    rng, sides = np.random.default_rng(1), {}
    labels = np.arange(ROWS) % 5
    labels[-1] = 5
    for side in ("source", "target"):
        inputs = 2.5 * np.eye(6)[labels] + rng.normal(size=(ROWS, 6))
        np.savez(folder / f"{side}.npz", x=inputs, y=labels)
        sides[side] = {"inputs": f"{side}.npz", "inputs_key": "x", "labels_key": "y"}
    spec = {
        "schema_version": 1,
        "name": "few",
        "data": {"name": "arrays", "class_names": NAMES, **sides},
        "model": {"backbone": {"name": "mlp", "hidden": [16]}},
        "objective": {},
        "optimizer": {"name": "adam", "lr": 0.03},
        "training": {"epochs": 8, "batch_size": 8, "device": "cpu"},
        "evaluation": {"bootstrap": 0},
    }
    for side in sides.values():
        side["inputs"] = str(folder / side["inputs"])
    return dakit.run(spec, out=folder, reporter=SilentReporter())


@pytest.mark.parametrize("part", ["source_test", "target_test"])
def test_macro_means_are_scikit_learns_where_a_class_has_no_test_row(run: Run, part: str) -> None:
    domain, split = part.split("_")
    rows = [row for row in run.predictions if (row["domain"], row["split"]) == (domain, split)]
    labels, predicted = ([row[key] for row in rows] for key in ("label", "predicted"))
    absent = set(NAMES) - set(labels)
    assert absent
    if part == "target_test":  # a mean that leaves these out would be another number
        assert absent & set(predicted)
        kept = [name for name in NAMES if name in labels]
        there = f1_score(labels, predicted, labels=kept, average="macro", zero_division=0)
        assert there != pytest.approx(run.results["metrics"][part]["f1"])
    for name, measured in MEANS.items():
        wanted = measured(labels, predicted, average="macro", zero_division=0)
        assert run.results["metrics"][part][name] == pytest.approx(wanted, abs=1e-12), name


def test_the_table_names_the_class_that_has_no_test_row(run: Run) -> None:
    text = io.StringIO()
    print_result(Console(file=text, width=400), read_results(run.folder), Path("."))
    (line,) = [each for each in text.getvalue().splitlines() if "in target test: nothing" in each]
    rows = [r for r in run.predictions if (r["domain"], r["split"]) == ("target", "test")]
    for name in NAMES:
        assert (name in line) == (name not in {row["label"] for row in rows})
