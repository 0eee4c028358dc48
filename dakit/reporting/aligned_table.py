"""A table that is ruled on a terminal and plain aligned text in pipes and files."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dakit.errors import printable


def print_aligned(
    console: Console,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    emphasis: Sequence[str] | None = None,
) -> None:
    """Print ``rows`` under ``header``; ``emphasis`` gives each row a style on a terminal.

    In a pipe no cell is folded or cut, however narrow the assumed width, so that the text can be
    read by other programs and compared.
    """
    rows = [list(map(printable, row)) for row in rows]
    if console.is_terminal:
        console.print(ruled(header, rows, emphasis))
        return
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print_line(console, "  ".join(cells).rstrip())


def print_line(console: Console, line: str, style: str = "") -> None:
    """Print one line as it is: no markup, no colouring of numbers, no folding in pipes."""
    console.print(Text(printable(line), style), soft_wrap=not console.is_terminal)


def ruled(
    header: Sequence[str], rows: Sequence[Sequence[str]], emphasis: Sequence[str] | None
) -> Table:
    """Return ``rows`` under ``header`` as a table for terminals."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in header:
        table.add_column(title)
    for number, row in enumerate(rows):
        table.add_row(*map(Text, row), style=emphasis[number] if emphasis else "")
    return table
