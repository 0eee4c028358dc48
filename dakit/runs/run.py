"""A finished run, for notebooks: its folder and everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from dakit.contracts import SIDES
from dakit.errors import InputError
from dakit.files.lock import holder
from dakit.runs.folder import RunFolder
from dakit.runs.html import tables
from dakit.runs.model_folder import SavedModel, load_model
from dakit.runs.predictions import read_predictions
from dakit.runs.records import WAY_OUT, read_environment, read_history, read_resolved
from dakit.runs.results import METRICS, cell, read_results


@final
@dataclass(frozen=True)
class Run:
    """A finished run: its folder and everything in it, read when asked for."""

    folder: RunFolder

    @property
    def results(self) -> dict[str, Any]:
        """What ``results.json`` holds."""
        return read_results(self.folder).document

    @property
    def resolved(self) -> dict[str, Any]:
        """What ``resolved.json`` holds; InputError where it lacks a part of a run spec."""
        return read_resolved(self.folder).document

    @property
    def environment(self) -> dict[str, Any]:
        """What ``environment.json`` holds: versions, plugins, data; empty where it is not there.

        Raises:
            InputError: it is no such record.
        """
        return read_environment(self.folder).document

    @property
    def metrics(self) -> dict[str, Any]:
        """The metric sets by name: ``source_test``, ``target_test``, ..."""
        metrics: dict[str, Any] = self.results["metrics"]
        return metrics

    @property
    def history(self) -> list[dict[str, Any]]:
        """One row per epoch, as in ``metrics.jsonl``; InputError where one is missing."""
        epochs = read_results(self.folder).epochs_run
        return [row.document for row in read_history(self.folder, epochs)]

    @property
    def predictions(self) -> list[dict[str, str]]:
        """One row per image of both domains, as in ``predictions.csv``.

        Raises:
            InputError: rows or columns are missing or are not those of the run.
        """
        results = read_results(self.folder)
        return read_predictions(self.folder, results.data.class_names, results.predictions_sha256)

    def model(self) -> SavedModel:
        """Load the selected network with its normalisation and class names.

        Raises:
            InputError: it is damaged, or its classes are not those of the results.
        """
        model = load_model(self.folder.model)
        classes = read_results(self.folder).data.class_names
        if list(model.class_names) != classes:
            raise InputError(
                f"the class_names of {self.folder.model / 'model.json'} are "
                f"{', '.join(model.class_names)}; those of {self.folder.results} are "
                f"{', '.join(classes)}. {WAY_OUT}"
            )
        return model

    def _repr_html_(self) -> str:
        """Return the test metrics as a table, for notebooks."""
        results = read_results(self.folder)
        oracle = ", chosen by TARGET LABELS" if results.selection.used_target_labels else ""
        title = f"{results.title}, {results.data.origin.upper()} data{oracle}"
        sides = [results.test(side) for side in SIDES]
        names = (*METRICS, *(metric.name for metric in results.further))
        rows = [(name, *(cell(metrics, name) for metrics in sides)) for name in names]
        counts = ("n", *("-" if metrics is None else str(metrics.n) for metrics in sides))
        return tables([(title, ("", "source test", "target test"), [*rows, counts])])


def load_run(folder: str | Path) -> Run:
    """Open a finished run's folder; InputError where there is no finished run."""
    if not isinstance(folder, str | Path):
        raise InputError(f"the run must be the folder of a finished run, not {folder!r}")
    run_at = RunFolder(Path(folder))
    if run_at.state != "finished":
        who = holder(run_at.lock)
        why = f"{who} is at work on it" if who else "it has no results.json"
        raise InputError(f"{folder} is not the folder of a finished run ({why})")
    return Run(run_at)
