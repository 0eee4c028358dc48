"""Tables: drawn by rich on a terminal, aligned plain text in pipes and files."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dakit.errors import printable


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str] = ()
) -> None:
    """Print ``rows`` under the titles ``columns``; ``styles`` colours whole rows on a terminal."""
    rows = [list(map(printable, row)) for row in rows]
    if sys.stdout.isatty():
        _print_drawn(columns, rows, styles or [""] * len(rows))
    else:
        sys.stdout.writelines(f"{line}\n" for line in plain_lines(columns, rows))


def plain_lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the table as lines with columns aligned by spaces, never wrapped or cut."""
    table = [list(columns), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def _print_drawn(
    columns: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str]
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=box.SIMPLE_HEAD, header_style="bold")
    for row, style in zip(rows, styles, strict=True):
        table.add_row(*map(Text, row), style=style)
    Console().print(table)
