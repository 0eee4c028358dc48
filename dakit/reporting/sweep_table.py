"""The table of ``dakit sweep``, and how it is shown while the sweep goes on.

``source`` and ``target`` are test accuracies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

from rich.console import Console
from rich.live import Live
from rich.table import Table

from dakit.plugins import catalog
from dakit.reporting.aligned_table import print_aligned, print_line, ruled
from dakit.reporting.runs_table import accuracies, origin
from dakit.runs.finding import RunSummary, summarise
from dakit.runs.folder import RunFolder

HEADER = ("run", "state", "epochs", "data", "source", "target", "")
STYLES = {
    "waiting": "dim",
    "running": "bold",
    "finished": "",
    "failed": "red",
    "interrupted": "yellow",
}


@final
@dataclass(frozen=True)
class SweepRow:
    """One run of a sweep as the table shows it."""

    label: str
    state: str
    folder: RunFolder | None
    note: str = ""

    def cells(self) -> list[str]:
        """Return what stands in the row, read from the run's folder."""
        run = summarise(self.folder) if self.folder and self.folder.path.exists() else None
        if run is None:
            return [self.label, self.state, "", "", "", "", self.note]
        planned = "?" if run.epochs is None else str(run.epochs)
        epochs = f"{run.epochs_run}/{planned}"
        return [self.label, self.state, epochs, *_numbers(run), self.note]

    def line(self, done: int, total: int) -> str:
        """Return the row in one line, with how many runs of the sweep are done."""
        label, state, epochs, data, source, target, note = self.cells()
        parts = [f"[{done}/{total}] {label}: {state}", f"epoch {epochs}" if epochs else ""]
        if target:
            parts.append(f"accuracy{f' ({data})' if data else ''} source {source} target {target}")
        return ", ".join(part for part in (*parts, note) if part)


def sweep_table(rows: Sequence[SweepRow]) -> Table:
    """Return the table for a terminal."""
    return ruled(HEADER, [row.cells() for row in rows], [STYLES[row.state] for row in rows])


def print_sweep(console: Console, rows: Sequence[SweepRow]) -> None:
    """Print the table once."""
    styles = [STYLES[row.state] for row in rows]
    print_aligned(console, HEADER, [row.cells() for row in rows], emphasis=styles)


def _numbers(run: RunSummary) -> list[str]:
    stamp = " ORACLE: chosen by target labels" if run.used_target_labels else ""
    return [origin(run) + stamp, *accuracies(run)]


Rows = Callable[[], Sequence[SweepRow]]
Watch = Callable[[Rows, str], None]
"""Is called with a function that gives the rows, and the label of the run that has changed."""

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
