"""Tells Weights & Biases of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from dakit.contracts import BuildContext, TrackedRun, Tracker
from dakit_trackers.numbers import importing, of_results, of_row
from dakit_trackers.wandb import WandB

with importing("wandb"):
    import wandb


@final
class WandBRun(Tracker):
    """One run of Weights & Biases for each run of dakit."""

    def __init__(self, spec: WandB, context: BuildContext) -> None:
        self._spec = spec

    def begin(self, run: TrackedRun) -> None:
        """Begin a run under the id of this one, or go on with it."""
        run.own_folder.mkdir(parents=True, exist_ok=True)
        self._run = wandb.init(
            project=self._spec.project,
            entity=self._spec.entity,
            mode=self._spec.mode,
            id=run.run_id,
            name=f"{run.name}-{run.run_id}",
            dir=str(run.own_folder),
            config=dict(run.spec),
            resume="allow",
            settings=wandb.Settings(silent=True, console="off", save_code=False),
        )

    def epoch(self, row: Mapping[str, Any]) -> None:
        """Log the numbers of an epoch."""
        self._run.log(of_row(row), step=row["epoch"])

    def end(self, run: TrackedRun) -> None:
        """Put the metrics, where there are any, into the summary, and say how the run ended."""
        self._run.summary.update(of_results(run.results))
        self._run.finish(exit_code=0 if run.results else 1)
