"""What a tracker promises: it takes any run, goes on with one, and changes nothing of it."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from dakit.contracts import TrackedRun, Tracker
from dakit.testing.check import checks_of, require
from dakit.testing.subject import Subject

RESULTS = {
    "run_id": "0123456789",
    "name": "kit",
    "selection": {"validator": "source_accuracy", "epoch": 2, "score": 0.75},
    "metrics": {
        "source_test": {"accuracy": 0.75, "auc": None, "n": 8, "intervals": {"accuracy": [0.5, 1]}},
        "target_test": None,
    },
}


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a Tracker."""
    tracker = subject.build()
    require(isinstance(tracker, Tracker), f"build returned {type(tracker).__name__}, not a Tracker")


def takes_a_whole_run(subject: Subject) -> None:
    """It is told of a run from its begin to its results, with undefined metrics and no labels."""
    with _run() as run:
        tracker = subject.build()
        tracker.begin(run)
        for epoch in (1, 2):
            tracker.epoch(_row(epoch))
        tracker.end(replace(run, results=RESULTS))


def goes_on_with_a_run(subject: Subject) -> None:
    """A run that was interrupted goes on in a new process, and an epoch of it comes again."""
    with _run() as run:
        first, second = subject.build(), subject.build()
        first.begin(run)
        for epoch in (1, 2):
            first.epoch(_row(epoch))
        first.end(run)
        second.begin(replace(run, epochs_done=1))
        second.epoch(_row(2))
        second.end(replace(run, results=RESULTS))


def changes_nothing_of_the_run(subject: Subject) -> None:
    """What it is told stays as it is, and it writes into no folder of the run but its own."""
    with _run() as run:
        row, results, spec = _row(1), copy.deepcopy(RESULTS), copy.deepcopy(run.spec)
        tracker = subject.build()
        tracker.begin(run)
        tracker.epoch(row)
        tracker.end(replace(run, results=results))
        same = (row, results, run.spec) == (_row(1), RESULTS, spec)
        require(same, "it changes the row, the results or the spec that it is told")
        found = {path.name for path in run.folder.iterdir()} - {run.own_folder.parent.name}
        require(not found, f"it writes into the folder of the run: {', '.join(sorted(found))}")


@contextmanager
def _run() -> Iterator[TrackedRun]:
    with tempfile.TemporaryDirectory() as out:
        folder = Path(out) / "kit-0123456789"
        folder.mkdir()
        spec = {"name": "kit", "seed": 0, "training": {"epochs": 2, "monitor": []}}
        yield TrackedRun("kit", "0123456789", folder, folder / "trackers" / "own", spec)


def _row(epoch: int) -> dict[str, Any]:
    return {
        "epoch": epoch,
        "step": 4 * epoch,
        "learning_rate": 1e-3,
        "losses": {"cross_entropy": 1 / epoch, "total": 1 / epoch},
        "weights": {"cross_entropy": 1.0},
        "gradient_shares": {"cross_entropy": None},
        "diagnostics": {},
        "scores": {"source_accuracy": 0.5 + epoch / 8},
        "best": True,
        "versions": {"dakit": "0"},
        "seconds": 0.1,
    }


CHECKS = checks_of(
    builds_from_its_spec, takes_a_whole_run, goes_on_with_a_run, changes_nothing_of_the_run
)
