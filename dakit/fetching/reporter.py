"""How a fetch tells of itself: a bar on a terminal, plain lines in log files and pipes."""

from __future__ import annotations

from typing import final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from dakit.errors import printable
from dakit.plugins import catalog

BIG = 100_000_000
"""Bytes from which a file's tenths are worth a line."""


@final
class ConsoleReporter:
    """Writes to a console, by default the standard output; nothing there with ``--quiet``."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(quiet=catalog.options().quiet)
        self._bar: Progress | None = None
        self._title, self._begun = "", ""
        self._size, self._tenth = 0, 0

    def begin(self, title: str, size: int | None, have: int) -> None:
        """Something of ``size`` bytes begins, ``have`` of which are there already."""
        self.close()
        self._title, self._size = title, size or 0
        self._tenth = self._tenths(have)
        if self._console.is_terminal:
            columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
            name = TextColumn("{task.description}", markup=False)
            self._bar = Progress(name, *columns, console=self._console)
            self._bar.add_task(printable(title), total=size, completed=have)
            self._bar.start()
            return
        known = "" if size is None else f", {size_text(size)}"
        line = f"{title}{known}" + (f", from {size_text(have)}" if have else "")
        if line != self._begun:
            self.note(line)
        self._begun = line

    def at(self, position: int) -> None:
        """So many bytes of it are done; may go back where it has to start over."""
        tenth = self._tenths(position)
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=position)
        elif self._tenth < tenth < 10:
            self.note(f"{self._title}: {tenth * 10} %")
        self._tenth = tenth

    def note(self, text: str) -> None:
        """Something the user should know happened: a line of its own, above the bar."""
        self._console.print(Text(printable(text)), soft_wrap=True)

    def close(self) -> None:
        """All has ended, well or not: leave the terminal as it was."""
        if self._bar:
            self._bar.stop()
        self._bar = None

    def _tenths(self, position: int) -> int:
        return 10 * position // self._size if self._size >= BIG else 0


def size_text(size: float) -> str:
    """Return a number of bytes as people say it, in powers of ten.

    >>> size_text(2082510128), size_text(123536), size_text(12)
    ('2.08 GB', '124 kB', '12 B')
    """
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size:.0f} B"
