"""A finished run, for notebooks: its folder and everything in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from dakit.errors import InputError
from dakit.files.lock import holder
from dakit.runs.folder import RunFolder
from dakit.runs.html import table
from dakit.runs.model_folder import SavedModel, load_model
from dakit.runs.predictions import read_predictions
from dakit.runs.records import WAY_OUT, read_environment, read_history, read_resolved
from dakit.runs.results import read_results


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
        """One row per epoch, as in ``metrics.jsonl``; InputError where one is missing."""
        training = self.results.get("training") or {}
        return read_history(self.folder, training.get("epochs_run"))

    @property
    def predictions(self) -> list[dict[str, str]]:
        """One row per image of both domains, as in ``predictions.csv``.

        Raises InputError where rows or columns are missing or are not those of the run.
        """
        results = self.results
        class_names = results["data"]["class_names"]
        return read_predictions(self.folder, class_names, results.get("predictions_sha256"))

    def model(self) -> SavedModel:
        """Load the selected network with its normalisation and class names.

        Raises InputError where it is damaged, or its classes are not those of the results.
        """
        model, classes = load_model(self.folder.model), self.results["data"]["class_names"]
        if list(model.class_names) != classes:
            raise InputError(
                f"the class_names of {self.folder.model / 'model.json'} are "
                f"{', '.join(model.class_names)}; those of {self.folder.results} are "
                f"{', '.join(classes)}. {WAY_OUT}"
            )
        return model

    def _repr_html_(self) -> str:
        """Return the test metrics as a table, for notebooks."""
        results = self.results
        data, selection = results["data"], results["selection"]
        oracle = ", chosen by TARGET LABELS" if selection["used_target_labels"] else ""
        title = f"{results['name']} ({results['run_id']}), {data['origin'].upper()} data{oracle}"
        sides = {side: self.metrics.get(f"{side}_test") or {} for side in ("source", "target")}
        names = [k for k, v in sides["source"].items() if v is None or isinstance(v, float)]
        rows = [(name, *(_cell(metrics, name) for metrics in sides.values())) for name in names]
        counts = ("n", *(str(metrics.get("n", "-")) for metrics in sides.values()))
        return table(title, ("", "source test", "target test"), [*rows, counts])


def _cell(metrics: Mapping[str, Any], name: str) -> str:
    value, interval = metrics.get(name), (metrics.get("intervals") or {}).get(name)
    if value is None:
        return "-"
    return f"{value:.3f}" + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "")


def load_run(folder: str | Path) -> Run:
    """Open a finished run's folder; InputError where there is none."""
    if not isinstance(folder, str | Path):
        raise InputError(f"the run must be the folder of a finished run, not {folder!r}")
    run_at = RunFolder(Path(folder))
    if run_at.state != "finished":
        who = holder(run_at.lock)
        why = f"{who} is at work on it" if who else "it has no results.json"
        raise InputError(f"{folder} is not the folder of a finished run ({why})")
    return Run(run_at)
