"""The table of ``dakit runs``."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from dakit.reporting.aligned_table import print_aligned, print_line
from dakit.runs.finding import RunSummary

HEADER = ("name", "id", "state", "epochs", "data", "chosen by", "source", "target", "age")
STYLES = {"running": "bold", "finished": "", "interrupted": "yellow", "failed": "red"}


def print_runs(console: Console, runs: Sequence[RunSummary], now: float) -> None:
    """Print a line per run; ``source`` and ``target`` are test accuracies.

    ``now`` is the time in seconds since the epoch that ages count from.
    """
    styles = [STYLES[run.state] for run in runs]
    print_aligned(console, HEADER, [_row(run, now) for run in runs], emphasis=styles)
    for run in runs:
        for told in (run.at_work and f"{run.at_work} is at work on it", run.problem):
            if told:
                print_line(console, f"{run.folder.name}: {told}")


def age(seconds: float) -> str:
    """Return ``seconds`` in the largest unit that fits: ``45 s``, ``3 min``, ``2 h``, ``5 d``."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def _row(run: RunSummary, now: float) -> list[str]:
    planned = "?" if run.epochs is None else str(run.epochs)
    return [
        run.name,
        run.run_id,
        run.state,
        f"{run.epochs_run}/{planned}",
        origin(run),
        _selection(run),
        *accuracies(run),
        age(now - run.modified),
    ]


def _selection(run: RunSummary) -> str:
    if run.validator is None:
        return ""
    stamp = " (ORACLE: chosen by target labels)" if run.used_target_labels else ""
    return f"{run.validator}, epoch {run.epoch}{stamp}"


def origin(run: RunSummary) -> str:
    """Return what its data are, mock data in capitals."""
    return "MOCK" if run.origin == "mock" else run.origin or ""


def accuracies(run: RunSummary) -> list[str]:
    """Return its test accuracies of source and target, empty where it has none."""
    values = (run.source_accuracy, run.target_accuracy)
    return ["" if value is None else f"{value:.3f}" for value in values]
