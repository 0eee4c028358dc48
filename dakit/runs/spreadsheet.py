"""CSV tables in which a spreadsheet finds no formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

_BEGINNINGS = "'=+-@\t\r"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf)", re.IGNORECASE)


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield each row as a line: texts through :func:`as_text`, None as nothing."""
    line = io.StringIO(newline="")
    table = csv.writer(line)  # ends lines with \\r\\n, so that a cell with either is quoted
    for row in rows:
        # most cells are no texts that need a look, and tables have millions
        table.writerow(
            [as_text(c) if isinstance(c, str) and c[:1] in _BEGINNINGS else c for c in row]
        )
        yield line.getvalue().removesuffix("\r\n") + "\n"
        line.seek(0)
        line.truncate()


def as_text(cell: str) -> str:
    """Return ``cell`` with ``'`` before it where a spreadsheet would run it; numbers stay.

    >>> as_text("=1+1"), as_text("-1.5")
    ("'=1+1", '-1.5')
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def from_text(cell: str) -> str:
    """Return what :func:`as_text` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
