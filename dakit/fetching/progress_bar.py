"""A progress bar with size, speed and the time left, for terminals."""

from __future__ import annotations

from typing import final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from dakit.errors import printable


@final
class BarFetchReporter:
    """Draws a bar for what is under way; what is done leaves its line."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._progress: Progress | None = None
        self._task = TaskID(0)

    def begin(self, title: str, size: int | None, have: int) -> None:
        """Show the bar, its speed counted from ``have``."""
        self.close()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
        )
        self._task = self._progress.add_task(printable(title), total=size, completed=have)
        self._progress.start()

    def at(self, position: int) -> None:
        """Move to ``position``."""
        if self._progress is not None:
            self._progress.update(self._task, completed=position)

    def note(self, text: str) -> None:
        """Write ``text`` above the bar."""
        self._console.print(printable(text), markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """End the bar and leave the terminal as it was."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = None
