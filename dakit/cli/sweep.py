"""``dakit sweep``: many runs and one comparison."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dakit.cli.completion import spec_paths
from dakit.cli.interruption import told_how_to_go_on
from dakit.cli.tables import print_json


def sweep(
    file: Annotated[Path, typer.Argument(help="The sweep file, JSON.", metavar="FILE")],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the runs and the page; by default runs/<name of the sweep>."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="The small runs that the file describes: a trial.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Runs at a time; what the machine carries.")
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="K=V", autocompletion=spec_paths, help="Change one value of every run."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read the data, show the runs, start none.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the state of all runs as JSON at the end.")
    ] = False,
) -> None:
    """Carry out all runs that FILE asks for and compare them on one page.

    Specs x seeds x overrides, several runs at a time. Runs that are finished are not repeated,
    interrupted ones are resumed, and one that fails keeps its reason while the rest goes on: call
    the same command again after Ctrl-C or a crash. The folder gets the runs, their logs,
    sweep.json and the page. Ends with exit code 1 if a run failed.

    Examples:

      dakit sweep examples/astro_mergers/sim_sim_all.json --quick

      dakit sweep sweep.json --jobs 4 --set training.epochs=50

      dakit sweep sweep.json --dry-run
    """
    from rich.console import Console

    from dakit.reporting.aligned_table import print_line
    from dakit.reporting.compare.console import print_comparison
    from dakit.reporting.sweep_table import print_sweep, watching
    from dakit.workflows.sweep import plan_sweep
    from dakit.workflows.sweep import sweep as carry_out

    changes = list(overrides or [])
    console = Console(stderr=as_json)
    if dry_run:
        done = plan_sweep(file, out=out, quick=quick, jobs=jobs, overrides=changes)
        print_sweep(console, done.rows())
    else:
        told = told_how_to_go_on("the same command again goes on")
        with told, _ended_by_sigterm(), watching(console) as watch:
            done = carry_out(
                file,
                out=out,
                quick=quick,
                jobs=jobs,
                overrides=changes,
                watch=lambda sweep, task: watch(sweep.rows, task.label),
            )
        if done.facts:
            print_comparison(console, done.facts)
            print_line(console, f"Comparison: {done.page}")
    if as_json:
        print_json(done.document())
    if not (done.ok or dry_run):
        raise typer.Exit(1)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the sweep as Ctrl-C does: its runs are stopped and its state is kept."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
