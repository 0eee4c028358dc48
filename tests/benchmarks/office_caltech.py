"""Office-Caltech10, SURF features: shallow methods beside the published tables, 12 tasks.

``python tests/benchmarks/office_caltech.py [--tasks C-A A-W ...] [NAME ...]``

The protocol of the published tables: each row divided by its sum, each column standardised within
its domain, all rows of the source to train on, all rows of the target to adapt to and to measure.
That is transductive, and parts of a run share no row: so the rows stand three times in the files,
as training, validation and test part, and ``target_test`` is the accuracy on the rows that were
adapted to. Published numbers: data/benchmark.md of jindongwang/transferlearning.

Each cell is a run of ``plugins/shallow`` by a spec. ``published CORAL`` is no run: the published
code compares rows as x A y instead of mapping them, by an SVM whose C two-fold cross-validation on
the source chooses; that is written out below.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shared_data import shared_file
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.svm import SVC

import dakit
from dakit.training.reporter import SilentReporter
from dakit_shallow.coral_map_loss import coral

DOMAINS = {"C": "caltech", "A": "amazon", "W": "webcam", "D": "dslr"}
TASKS = ("C-A", "C-W", "C-D", "A-C", "A-W", "A-D", "W-C", "W-A", "W-D", "D-C", "D-A", "D-W")
PUBLISHED: Mapping[str, tuple[float, ...]] = {
    "nearest_neighbour": (23.7, 25.8, 25.5, 26.0, 29.8, 25.5, 19.9, 23.0, 59.2, 26.3, 28.5, 63.4),
}
AVERAGES = {
    "nearest_neighbour": 31.4,
    "tca, published": 46.2,
    "subspace_alignment, published": 44.7,
    "coral_map": 48.8,
    "kmm": 45.4,
}
METHODS: Mapping[str, Mapping[str, Any]] = {
    "nearest_neighbour": {"task": "nearest_neighbour"},
    "logistic": {"task": "logistic"},
    "subspace_alignment": {"transfer": "subspace_alignment"},
    "subspace_alignment, published": {
        "transfer": {"name": "subspace_alignment", "classifier": "nearest_neighbour"}
    },
    "tca": {"transfer": "tca"},
    "tca, 28 components": {"transfer": {"name": "tca", "components": 28}},
    "tca, published": {
        "transfer": {"name": "tca", "classifier": "nearest_neighbour", "unit_length": True}
    },
    "coral_map": {"transfer": "coral_map"},
    "linear_ot": {"transfer": "linear_ot"},
    "jdot": {"transfer": "jdot"},
    "kmm": {"transfer": "kmm"},
}
COPIES = ("train", "validation", "test")
Rows = NDArray[np.float64]


def load(name: str) -> tuple[Rows, NDArray[np.int64]]:
    """Return the rows of a domain, each divided by its sum, and the labels."""
    with np.load(shared_file("office_caltech10_surf.npz"), allow_pickle=False) as arrays:
        counts = arrays[f"{name}_X"].astype(np.float64)
        return counts / counts.sum(axis=1, keepdims=True), arrays[f"{name}_y"].astype(np.int64)


def write(name: str, folder: Path) -> dict[str, str]:
    """Write the rows of a domain, three times over, for the dataset ``arrays``."""
    files = {}
    for what, array in zip(("inputs", "labels"), load(name), strict=True):
        path = folder / f"{name}_{what}.npy"
        np.save(path, np.concatenate([array] * len(COPIES)))
        files[what] = str(path)
    return files


def split_of(task: str, folder: Path) -> str:
    """Write which rows are which copy; return the file."""
    sides = {}
    for side, letter in zip(("source", "target"), task.split("-"), strict=True):
        rows = len(load(DOMAINS[letter])[1])
        parts = np.arange(len(COPIES) * rows).reshape(len(COPIES), rows).tolist()
        sides[side] = dict(zip(COPIES, parts, strict=True))
    path = folder / f"{task}.json"
    path.write_text(json.dumps(sides))
    return str(path)


def measured(task: str, objective: Mapping[str, Any], folder: Path) -> float:
    """Return the accuracy on the target in percent, of a run by a spec."""
    source, target = (write(DOMAINS[letter], folder) for letter in task.split("-"))
    spec = {
        "schema_version": 1,
        "name": f"office_caltech_{task}".lower(),
        "data": {
            "name": "arrays",
            "source": source,
            "target": target,
            "split": {"file": split_of(task, folder)},
        },
        "model": {"backbone": "vectors"},
        "objective": {"task": None, **objective},
        "training": {"epochs": 1},
        "evaluation": {"bootstrap": 0},
    }
    metrics = dakit.run(spec, out=folder / "runs", reporter=SilentReporter()).metrics
    return 100 * float(metrics["target_test"]["accuracy"])


def published_coral(task: str) -> float:
    """Return what CORAL's published code gives: an SVM on x A x', not on mapped rows."""
    (source, labels), (target, hidden) = (load(DOMAINS[letter]) for letter in task.split("-"))
    source, target = map(standardised, (source, target))
    matrix = coral(source, target, 1.0)
    folds = StratifiedKFold(2, shuffle=True, random_state=0)
    search = GridSearchCV(SVC(kernel="precomputed"), {"C": [1e-3, 1e-2, 0.1, 1.0]}, cv=folds)
    search.fit(source @ matrix @ source.T, labels)
    return 100 * float((search.predict((source @ matrix @ target.T).T) == hidden).mean())


def standardised(rows: Rows) -> Rows:
    """Return ``rows`` with columns of mean 0 and standard deviation 1; constant ones are 0."""
    spread = rows.std(axis=0)
    found: Rows = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return found


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="methods; all by default")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    given = parser.parse_args(arguments)
    shared_file("office_caltech10_surf.npz")
    print(f"{'':30}" + "".join(f"{task:>6}" for task in given.tasks) + f"{'mean':>7}  published")
    for name in given.names or METHODS:
        began = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            row = [measured(task, METHODS[name], Path(folder)) for task in given.tasks]
        show(name, row, AVERAGES.get(name), time.process_time() - began)
    if not given.names:
        row = [published_coral(task) for task in given.tasks]
        show("published CORAL", row, AVERAGES["coral_map"], None)


def show(name: str, row: list[float], published: float | None, seconds: float | None) -> None:
    """Print a line of the table."""
    took = "" if seconds is None else f"  {seconds:.0f} s"
    numbers = "".join(f"{value:6.1f}" for value in row)
    print(f"{name:30}{numbers}{np.mean(row):7.2f}  {published or '':>5}{took}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
