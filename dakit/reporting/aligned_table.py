"""A table that is ruled on a terminal and plain aligned text in pipes and files.

All that the command line prints with rich goes through here, so that texts are printable and
brackets in them are no markup. rich is imported late: lines for a pipe need none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dakit.errors import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


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
    if console.is_terminal:
        console.print(ruled(header, rows, emphasis))
        return
    for line in plain_lines(header, rows):
        print_line(console, line)


def print_line(console: Console, line: str, style: str = "") -> None:
    """Print one line as it is: no markup, no colouring of numbers, no folding in pipes."""
    from rich.text import Text

    console.print(Text(printable(line), style), soft_wrap=not console.is_terminal)


def plain_lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the table as lines with columns aligned by spaces, never wrapped or cut."""
    table = [[*map(printable, row)] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def ruled(
    header: Sequence[str], rows: Sequence[Sequence[str]], emphasis: Sequence[str] | None
) -> Table:
    """Return ``rows`` under ``header`` as a table for terminals."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for title in header:
        table.add_column(Text(printable(title)))
    for number, row in enumerate(rows):
        cells = (Text(printable(cell)) for cell in row)
        table.add_row(*cells, style=emphasis[number] if emphasis else "")
    return table
