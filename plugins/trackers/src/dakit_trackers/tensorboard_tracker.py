"""Writes event files through torch, which TensorBoard reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, final

from dakit.contracts import BuildContext, TrackedRun, Tracker
from dakit_trackers.numbers import importing, of_results, of_row
from dakit_trackers.tensorboard import TensorBoard

with importing("tensorboard"):
    from torch.utils.tensorboard import SummaryWriter


@final
class EventFiles(Tracker):
    """One event file for each time that the run was at work."""

    def __init__(self, spec: TensorBoard, context: BuildContext) -> None: ...

    def begin(self, run: TrackedRun) -> None:
        """Open an event file; a new run writes its spec into it."""
        again = run.epochs_done + 1 if run.epochs_done else None
        self._epoch = run.epochs_done
        self._writer = SummaryWriter(str(run.own_folder), purge_step=again)
        if again is None:
            text = json.dumps(run.spec, indent=2).replace("\n", "\n    ")  # code, in Markdown
            self._writer.add_text("spec", f"    {text}", 0)

    def epoch(self, row: Mapping[str, Any]) -> None:
        """Write the numbers of an epoch."""
        self._epoch = row["epoch"]
        self._write(of_row(row))

    def end(self, run: TrackedRun) -> None:
        """Write the metrics, where there are any, and close the file."""
        self._write(of_results(run.results))
        self._writer.close()

    def _write(self, numbers: Mapping[str, float]) -> None:
        for name, value in numbers.items():
            self._writer.add_scalar(name, value, self._epoch)
        self._writer.flush()
