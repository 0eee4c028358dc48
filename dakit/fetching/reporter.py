"""How a fetch tells of itself: plain lines, or a bar on a terminal. See also progress_bar.py."""

from __future__ import annotations

import sys
from io import StringIO
from typing import Protocol, TextIO, final

from dakit import catalog
from dakit.errors import printable

BIG = 100_000_000
"""Bytes from which a file's tenths are worth a line."""


class FetchReporter(Protocol):
    """Is told what happens while files are fetched."""

    def begin(self, title: str, size: int | None, have: int) -> None:
        """Something of ``size`` bytes begins, ``have`` of which are there already."""

    def at(self, position: int) -> None:
        """So many bytes of it are done; may go back where it has to start over."""

    def note(self, text: str) -> None:
        """Something the user should know happened."""

    def close(self) -> None:
        """All has ended, well or not."""


@final
class LineFetchReporter:
    """Writes a plain line for each file and each tenth of a big one, for log files and pipes."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._title = ""
        self._size: int | None = None
        self._told = 0
        self._begun = ""

    def begin(self, title: str, size: int | None, have: int) -> None:
        """Write what begins, once where it begins again and again from the same byte."""
        self._title, self._size = title, size
        self._told = self._tenth(have)
        known = "" if size is None else f", {size_text(size)}"
        line = f"{title}{known}" + (f", from {size_text(have)}" if have else "")
        if line != self._begun:
            self.note(line)
        self._begun = line

    def at(self, position: int) -> None:
        """Write a line where another tenth is done."""
        tenth = self._tenth(position)
        if self._told < tenth < 10:
            self.note(f"{self._title}: {tenth * 10} %")
        self._told = tenth

    def note(self, text: str) -> None:
        """Write ``text`` as a line of its own."""
        self._stream.write(printable(text) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing is open."""

    def _tenth(self, position: int) -> int:
        return 10 * position // self._size if self._size and self._size >= BIG else 0


def size_text(size: float) -> str:
    """Return a number of bytes as people say it, in powers of ten.

    >>> size_text(2082510128), size_text(123536), size_text(12)
    ('2.08 GB', '124 kB', '12 B')
    """
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size:.0f} B"


def default_fetch_reporter() -> FetchReporter:
    """Return a progress bar on a terminal, plain lines elsewhere, into nothing with --quiet."""
    if catalog.options().quiet:
        return LineFetchReporter(StringIO())
    if not sys.stdout.isatty():
        return LineFetchReporter()
    from dakit.fetching.progress_bar import BarFetchReporter

    return BarFetchReporter()
