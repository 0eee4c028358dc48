"""The run folder: which file of a run lies where, and what state a run is in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

from dakit.files.writing import TEMPORARY_SUFFIX, make_folder, remove

State = Literal["finished", "interrupted", "failed"]


@final
@dataclass(frozen=True)
class RunFolder:
    """One run's folder, ``<out>/<name>-<id>``; the properties are its files."""

    path: Path

    @property
    def spec(self) -> Path:
        """The run spec as given."""
        return self.path / "spec.json"

    @property
    def resolved(self) -> Path:
        """The run spec with all defaults filled in."""
        return self.path / "resolved.json"

    @property
    def environment(self) -> Path:
        """What the run ran on: versions, plugins, git state, data checksums."""
        return self.path / "environment.json"

    @property
    def split(self) -> Path:
        """The rows of each part of both domains."""
        return self.path / "split.npz"

    @property
    def metrics(self) -> Path:
        """A JSON row per epoch."""
        return self.path / "metrics.jsonl"

    @property
    def results(self) -> Path:
        """The numbers of the finished run."""
        return self.path / "results.json"

    @property
    def error(self) -> Path:
        """Why the run failed, where it did."""
        return self.path / "error.json"

    @property
    def predictions(self) -> Path:
        """A row per image of both domains."""
        return self.path / "predictions.csv"

    @property
    def model(self) -> Path:
        """The folder with the weights and what is needed to predict with them."""
        return self.path / "model"

    @property
    def checkpoint(self) -> Path:
        """The folder a resumed run continues from."""
        return self.path / "checkpoint"

    @property
    def lock(self) -> Path:
        """There while a process works on the run: no two do at once."""
        return self.path / ".lock"

    @property
    def figures(self) -> Path:
        """The folder of the figures."""
        return self.path / "figures"

    @property
    def report(self) -> Path:
        """The report of the run."""
        return self.path / "report.html"

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

    Temporary files that a killed process left behind are removed. Raises InputError where
    ``out`` is not writable.
    """
    folder = run_folder(out, name, run_id)
    make_folder(folder.path)
    for leftover in folder.path.rglob(f".*{TEMPORARY_SUFFIX}"):
        remove(leftover)
    return folder
