"""``dakit choose``: which epoch of which run to take, and whether to adapt at all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dakit.cli.tables import print_json


def choose(
    runs: Annotated[
        list[Path], typer.Argument(help="Finished runs, or folders of them.", metavar="RUN...")
    ],
    out: Annotated[Path, typer.Option(help="Folder of choice.json, page and table.")] = Path(
        "choice"
    ),
    by: Annotated[
        str, typer.Option(help="What decides: rank_average, ensemble, or a validator.")
    ] = "rank_average",
    as_json: Annotated[bool, typer.Option("--json", help="Print choice.json.")] = False,
) -> None:
    """Choose an epoch of one of several runs without target labels, or say not to adapt.

    The runs must have kept their epochs ("training": {"keep": "outputs"}, or "weights" so that
    any epoch can be taken) and share data and validation rows. Give runs without adaptation, too:
    without one nobody can say whether to adapt. OUT/choice.json names the epoch and estimates its
    target accuracy; dakit predict takes it in place of a run.

    Examples:

      dakit choose runs/my_sweep

      dakit choose runs/mmd-* runs/none-* --out chosen

      dakit predict chosen/choice.json images.npy --out table.csv
    """
    from rich.console import Console

    from dakit.reporting.choice import print_choice
    from dakit.runs.finding import runs_meant
    from dakit.workflows import choose as workflow

    meant, left_out = runs_meant(runs)
    for line in left_out:
        sys.stderr.write(f"no candidate: {line}\n")
    made = workflow.choose(meant, out=out, by=by)
    if as_json:
        print_json(made.choice.document)
        return
    print_choice(Console(), made.choice, str(made.page))
