"""``dakit runs``: which runs there are and how far they are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dakit.cli.tables import print_json

if TYPE_CHECKING:
    from dakit.runs.finding import RunSummary


def runs(
    folder: Annotated[
        Path | None, typer.Argument(help="The same as --out.", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder that holds the run folders.")] = Path("runs"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON list instead of a table.")
    ] = False,
) -> None:
    """List the runs in a folder: state, epochs, how the epoch was chosen, test accuracies.

    A run is finished once its results are written, running while a process is at work on it (the
    line below the table says which), failed where it recorded why it could not go on, and
    interrupted otherwise; the latter two go on with `dakit run SPEC --resume`.

    Examples:

      dakit runs

      dakit runs runs/my_sweep

      dakit runs --out results --json
    """
    from dakit.runs.finding import find_runs

    out = folder or out
    found = find_runs(out)
    if as_json:
        _print_json(found)
    elif not found:
        sys.stdout.write(f"no runs in {out}\n")
    else:
        _print_table(found)


def _print_json(found: list[RunSummary]) -> None:
    from dataclasses import asdict

    from dakit.files.writing import plain

    print_json(plain([asdict(run) for run in found]))


def _print_table(found: list[RunSummary]) -> None:
    import time

    from rich.console import Console

    from dakit.reporting.runs_table import print_runs

    print_runs(Console(), found, time.time())
