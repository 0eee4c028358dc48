"""A finished run, for notebooks: its folder and everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from dakit.errors import InputError
from dakit.runs.folder import RunFolder
from dakit.runs.model_folder import SavedModel, load_model
from dakit.runs.predictions import read_predictions
from dakit.runs.records import read_environment, read_resolved
from dakit.runs.results import read_results
from dakit.runs.writing import read_json_lines


@final
@dataclass(frozen=True)
class Run:
    """A finished run: its folder and everything in it, read when asked for."""

    folder: RunFolder

    @property
    def results(self) -> dict[str, Any]:
        """What ``results.json`` holds."""
        return read_results(self.folder)

    @property
    def resolved(self) -> dict[str, Any]:
        """What ``resolved.json`` holds; InputError where it lacks a part of a run spec."""
        return read_resolved(self.folder)

    @property
    def environment(self) -> dict[str, Any]:
        """What ``environment.json`` holds: versions, plugins, data; empty where it is not there.

        Raises InputError where it is no such record.
        """
        return read_environment(self.folder)

    @property
    def metrics(self) -> dict[str, Any]:
        """The metric sets by name: ``source_test``, ``target_test``, ..."""
        metrics: dict[str, Any] = self.results["metrics"]
        return metrics

    @property
    def history(self) -> list[dict[str, Any]]:
        """One row per epoch, as in ``metrics.jsonl``."""
        return read_json_lines(self.folder.metrics)

    @property
    def predictions(self) -> list[dict[str, str]]:
        """One row per image of both domains, as in ``predictions.csv``.

        Raises InputError where rows or columns are missing or are not those of the run.
        """
        return read_predictions(self.folder, self.results["data"]["class_names"])

    def model(self) -> SavedModel:
        """Load the selected network with its normalisation and class names."""
        return load_model(self.folder.model)


def load_run(folder: str | Path) -> Run:
    """Open a finished run's folder; InputError where there is none."""
    if not isinstance(folder, str | Path):
        raise InputError(f"the run must be the folder of a finished run, not {folder!r}")
    run_at = RunFolder(Path(folder))
    if run_at.state != "finished":
        raise InputError(f"{folder} is not the folder of a finished run (it has no results.json)")
    return Run(run_at)
