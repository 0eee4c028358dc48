"""Shows a sweep while it goes on: a live table on a terminal, a line per change elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live

from dakit.plugins import catalog
from dakit.reporting.aligned_table import print_line
from dakit.reporting.sweep_table import SweepRow, print_sweep, sweep_table

Rows = Callable[[], Sequence[SweepRow]]
Watch = Callable[[Rows, str], None]
"""Is told how to ask for the rows of the sweep, and the label of the run that has changed."""

REFRESHED = 1.0
"""How often a second the table reads how far the runs are."""


@contextmanager
def watching(console: Console) -> Iterator[Watch]:
    """Yield what is to be called with every change; a table is taken down at the end.

    With --quiet nothing is shown but, at the end, the table.
    """
    shown: list[Rows] = [lambda: ()]
    if catalog.options().quiet:
        try:
            yield lambda rows, _label: shown.__setitem__(0, rows)
        finally:
            print_sweep(console, shown[0]())
        return
    if not console.is_terminal:
        yield lambda rows, label: _print_change(console, rows(), label)
        return
    live = Live(
        console=console,
        get_renderable=lambda: sweep_table(shown[0]()),
        refresh_per_second=REFRESHED,
    )
    with live:
        yield lambda rows, _label: shown.__setitem__(0, rows)


def _print_change(console: Console, rows: Sequence[SweepRow], label: str) -> None:
    done = sum(row.state in {"finished", "failed"} for row in rows)
    (row,) = (row for row in rows if row.label == label)
    print_line(console, row.line(done, len(rows)))
