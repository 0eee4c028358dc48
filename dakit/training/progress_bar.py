"""A progress bar with losses, scores and the time left, for terminals."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from dakit.errors import printable
from dakit.plugins import catalog
from dakit.training.reporter import (
    LineReporter,
    Reporter,
    SilentReporter,
    epoch_line,
    numbers_line,
)


@final
class ProgressReporter(Reporter):
    """Draws a bar over all steps of a training, and a line for each finished epoch."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._total_epochs = 0
        self._bar: _Bar | None = None

    def start(self, total_epochs: int, steps_per_epoch: int) -> None:
        """Show the bar."""
        self._total_epochs = total_epochs
        self._bar = _Bar(self._console, total_epochs, steps_per_epoch)

    def step(self, epoch: int, step: int, losses: Mapping[str, float]) -> None:
        """Advance the bar."""
        if self._bar:
            self._bar.advance(epoch, step, printable(numbers_line(losses)))

    def epoch(self, row: Mapping[str, Any]) -> None:
        """Write the epoch's line above the bar."""
        self.note(epoch_line(row, self._total_epochs))

    def note(self, text: str) -> None:
        """Write ``text`` above the bar."""
        self._console.print(printable(text), markup=False, highlight=False)

    def close(self) -> None:
        """Take the bar away and leave the terminal as it was."""
        if self._bar:
            self._bar.stop()
        self._bar = None


@final
class _Bar:
    """One training's bar."""

    def __init__(self, console: Console, total_epochs: int, steps_per_epoch: int) -> None:
        self._total_epochs, self._steps_per_epoch = total_epochs, steps_per_epoch
        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[losses]}", markup=False),
            console=console,
            transient=True,
        )
        total = total_epochs * steps_per_epoch
        self._task = self._progress.add_task("", total=total, epoch="", losses="")
        self._started = False
        self._progress.start()

    def advance(self, epoch: int, step: int, losses: str) -> None:
        """Move to ``step`` of ``epoch``."""
        done = (epoch - 1) * self._steps_per_epoch + step
        if not self._started:  # a resumed training's time left counts from where it goes on
            self._started = True
            self._progress.reset(self._task, completed=done)
        epochs = f"{epoch}/{self._total_epochs}"
        self._progress.update(self._task, completed=done, epoch=epochs, losses=losses)

    def stop(self) -> None:
        """Take the bar away."""
        self._progress.stop()


def default_reporter() -> Reporter:
    """Return a progress bar on a terminal, a plain line an epoch elsewhere; none with --quiet."""
    if catalog.options().quiet or sys.stdout is None:  # None: closed before Python began
        return SilentReporter()
    if not sys.stdout.isatty():
        return LineReporter()
    return ProgressReporter()
