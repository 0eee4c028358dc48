"""The run folder: which file of a run lies where, and what state a run is in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

from dakit.files.writing import TEMPORARY_SUFFIX, make_folder, remove

State = Literal["finished", "interrupted", "failed"]


@final
class _Inside:
    """A file or folder in a run's folder."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, folder: RunFolder, _: object) -> Path:
        return folder.path / self._name


@final
@dataclass(frozen=True)
class RunFolder:
    """One run's folder, ``<out>/<name>-<id>``; the rest are its files."""

    path: Path

    spec = _Inside("spec.json")
    """The run spec as given."""
    resolved = _Inside("resolved.json")
    """The run spec with all defaults filled in."""
    environment = _Inside("environment.json")
    """What the run ran on: versions, plugins, git state, data checksums."""
    split = _Inside("split.npz")
    """The rows of each part of both domains."""
    metrics = _Inside("metrics.jsonl")
    """A JSON row per epoch."""
    results = _Inside("results.json")
    """The numbers of the finished run."""
    error = _Inside("error.json")
    """Why the run failed, where it did."""
    predictions = _Inside("predictions.csv")
    """A row per image of both domains."""
    model = _Inside("model")
    """The folder with the weights and what is needed to predict with them."""
    checkpoint = _Inside("checkpoint")
    """The folder a resumed run continues from."""
    epochs = _Inside("epochs")
    """The folder of what is kept of each epoch."""
    lock = _Inside(".lock")
    """There while a process works on the run: no two do at once."""
    trackers = _Inside("trackers")
    """The folder of what trackers keep, each in one of its own."""
    figures = _Inside("figures")
    """The folder of the figures."""
    report = _Inside("report.html")
    """The report of the run."""

    @property
    def state(self) -> State:
        """``finished`` with results, ``failed`` with a recorded error, else ``interrupted``."""
        if self.results.exists():
            return "finished"
        return "failed" if self.error.exists() else "interrupted"


def run_folder(out: Path, name: str, run_id: str) -> RunFolder:
    """Return the folder ``<out>/<name>-<id>`` without creating it."""
    return RunFolder(out / f"{name}-{run_id}")


def create(out: Path, name: str, run_id: str) -> RunFolder:
    """Create ``<out>/<name>-<id>``, or take it as it is where it exists.

    Temporary files that a killed process left behind are removed.

    Raises:
        InputError: ``out`` is not writable.
    """
    folder = run_folder(out, name, run_id)
    make_folder(folder.path)
    for leftover in folder.path.rglob(f".*{TEMPORARY_SUFFIX}"):
        remove(leftover)
    return folder
