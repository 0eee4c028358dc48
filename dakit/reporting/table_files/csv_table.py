"""A CSV file, written as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import IO, Any, final

from dakit.runs.spreadsheet import csv_lines


@final
class CsvTable:
    """UTF-8, commas, a header; a float32 as the shortest text that reads back as the same one.

    A text that a spreadsheet would take for a formula has ``'`` before it.
    """

    def __init__(self, file: IO[bytes], columns: Iterable[str]) -> None:
        self._names = list(columns)
        self._file = file
        self._write([self._names])

    def write(self, rows: Mapping[str, Any]) -> None:
        """Append rows, given column by column."""
        self._write(zip(*(rows[name] for name in self._names), strict=True))

    def close(self) -> None:
        """Nothing stands at the end."""

    def _write(self, rows: Iterable[Iterable[Any]]) -> None:
        self._file.write("".join(csv_lines(rows)).encode())
