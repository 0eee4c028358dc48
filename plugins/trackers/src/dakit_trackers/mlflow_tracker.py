"""Tells MLflow of a run, through its client."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Mapping
from typing import Any, final

from dakit.contracts import BuildContext, TrackedRun, Tracker
from dakit_trackers.mlflow import MLflow
from dakit_trackers.numbers import importing, of_results, of_row, settings

with importing("mlflow"):
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param, RunStatus

NOT_IN_NAMES = re.compile(r"[^\w./ -]")
LONGEST = 500
"""Letters of a parameter that every store of MLflow takes."""
AT_ONCE = 100
"""Parameters that MLflow takes in one call."""


@final
class MLflowRun(Tracker):
    """One run of MLflow for each run of dakit."""

    def __init__(self, spec: MLflow, context: BuildContext) -> None:
        self._spec = spec

    def begin(self, run: TrackedRun) -> None:
        """Make a run of MLflow, or open the one that was made before."""
        logging.getLogger("mlflow").setLevel(logging.WARNING)  # it tells of tables that it makes
        self._client = MlflowClient(tracking_uri=self._uri(run))
        known = run.own_folder / "run_id.txt"
        self._epoch = run.epochs_done
        if known.exists():
            self._id = known.read_text(encoding="utf-8").strip()
            self._client.update_run(self._id, status=RunStatus.to_string(RunStatus.RUNNING))
            return
        tags = {"dakit.run_id": run.run_id, "dakit.folder": str(run.folder)}
        made = self._client.create_run(self._experiment(), tags=tags, run_name=run.name)
        self._id = made.info.run_id
        run.own_folder.mkdir(parents=True, exist_ok=True)
        known.write_text(f"{self._id}\n", encoding="utf-8")
        given = [Param(_name(key), str(value)[:LONGEST]) for key, value in settings(run.spec)]
        for first in range(0, len(given), AT_ONCE):
            self._client.log_batch(self._id, params=given[first : first + AT_ONCE])

    def epoch(self, row: Mapping[str, Any]) -> None:
        """Log the numbers of an epoch."""
        self._epoch = row["epoch"]
        self._log(of_row(row))

    def end(self, run: TrackedRun) -> None:
        """Log the metrics, where there are any, and say how the run ended."""
        self._log(of_results(run.results))
        self._client.set_terminated(self._id, "FINISHED" if run.results else "KILLED")

    def _uri(self, run: TrackedRun) -> str:
        beside = f"sqlite:///{run.folder.parent / 'mlflow.db'}"
        return self._spec.uri or os.environ.get("MLFLOW_TRACKING_URI") or beside

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(self._spec.experiment)
        if found is None:
            return str(self._client.create_experiment(self._spec.experiment))
        return str(found.experiment_id)

    def _log(self, numbers: Mapping[str, float]) -> None:
        now = int(1000 * time.time())
        points = [Metric(_name(n), value, now, self._epoch) for n, value in numbers.items()]
        self._client.log_batch(self._id, metrics=points)


def _name(text: str) -> str:
    return NOT_IN_NAMES.sub("_", text)
