"""A CSV file, written as it comes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import IO, Any, final


@final
class CsvTable:
    """UTF-8, commas, a header; a float32 as the shortest text that reads back as the same one."""

    def __init__(self, file: IO[bytes], columns: Iterable[str]) -> None:
        self._names = list(columns)
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._table = csv.writer(self._text, lineterminator="\n")
        self._table.writerow(self._names)

    def write(self, rows: Mapping[str, Any]) -> None:
        """Append rows, given column by column."""
        columns = [map(str, rows[name]) for name in self._names]
        self._table.writerows(zip(*columns, strict=True))

    def close(self) -> None:
        """Hand the file back, open."""
        self._text.detach()
