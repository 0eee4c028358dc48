"""How far a count has come: a bar on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dakit.plugins import catalog
from dakit.reporting.aligned_table import print_line

Counter = Callable[[int, int], None]
"""Is told how many are done, and of how many."""

LINES = 10
"""So many lines are written where there is no terminal."""


@contextmanager
def counting(console: Console, what: str) -> Iterator[Counter]:
    """Yield a function that shows the count of ``what``; the bar is gone when the block ends."""
    if catalog.options().quiet:
        yield lambda done, total: None
        return
    if not console.is_terminal:
        yield _plain(console, what)
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _plain(console: Console, what: str) -> Counter:
    shown = 0

    def count(done: int, total: int) -> None:
        nonlocal shown
        part = done * LINES // max(1, total)
        if part > shown:
            shown = part
            print_line(console, f"{what} {done}/{total}")

    return count
