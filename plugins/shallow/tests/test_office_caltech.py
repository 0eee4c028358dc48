"""Published accuracies on Office-Caltech10, where the data are there.

In the protocol of the tables: rows divided by their sum, columns standardised within a domain, all
rows of the source to learn from, all of the target to adapt to and to measure. All methods and
tasks, by runs: tests/benchmarks/office_caltech.py.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from dakit_shallow.nearest_neighbour import NearestNeighbour
from dakit_shallow.tca import TCA

from .test_methods import accuracy, fitted

SHARED = Path(os.environ.get("DAKIT_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")
FILE = SHARED / "office_caltech10_surf.npz"
ONE_NEIGHBOUR = {
    ("amazon", "dslr"): 25.5,
    ("webcam", "amazon"): 23.0,
    ("webcam", "dslr"): 59.2,
    ("dslr", "webcam"): 63.4,
}

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"no data: {FILE} is not there")


def domain(name):
    with np.load(FILE, allow_pickle=False) as arrays:
        counts = arrays[f"{name}_X"].astype(np.float64)
        labels = arrays[f"{name}_y"].astype(np.int64)
    rows = counts / counts.sum(axis=1, keepdims=True)
    return (rows - rows.mean(0)) / np.where(rows.std(0) > 0, rows.std(0), 1), labels


def percent(spec, source, target):
    (rows, labels), (others, hidden) = domain(source), domain(target)
    return 100 * accuracy(fitted(spec, rows, labels, others, classes=10), others, hidden)


@pytest.mark.parametrize("task", ONE_NEIGHBOUR, ids="-".join)
def test_one_nearest_neighbour_is_as_published(task):
    assert round(percent(NearestNeighbour(), *task), 1) == ONE_NEIGHBOUR[task]


def test_transfer_components_gain_what_they_should():
    spec = TCA(classifier="nearest_neighbour", unit_length=True)
    for task in (("webcam", "dslr"), ("dslr", "webcam")):
        assert percent(spec, *task) > ONE_NEIGHBOUR[task] + 25
