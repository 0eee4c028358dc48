"""``dakit evaluate``: how a finished model does on other labelled data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from dakit.contracts import Side


def evaluate(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", metavar="RUN")],
    data: Annotated[
        Path,
        typer.Option(help="A run spec, whose data count, or a JSON file with data alone."),
    ],
    part: Annotated[
        Literal["all", "test"], typer.Option(help="All rows, or the test rows alone.")
    ] = "all",
    domain: Annotated[
        Side | None,
        typer.Option(help="Score this domain of the data; both by default."),
    ] = None,
    side: Annotated[
        Side | None,
        typer.Option("--as", help="Normalise as this domain of the run; by default its own name."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the numbers there, as JSON.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = None,
) -> None:
    """Score a finished model on other labelled data: metrics with intervals.

    The classes and the shape of the images must be the model's. Says so where images of the data
    were among those the model learned from.

    Examples:

      dakit evaluate runs/sim_real_tl-9bf2f131d4 --data other_survey.json

      dakit evaluate runs/sim_real_tl-9bf2f131d4 --data spec.json --domain target --out score.json
    """
    from rich.console import Console

    from dakit.files.writing import check_writable, write_json
    from dakit.reporting.result_table import print_score
    from dakit.workflows import evaluate as workflow

    if out is not None:
        check_writable(out)
    found = workflow.score(run, data, part=part, domain=domain, normalize_as=side, device=device)
    print_score(Console(), found)
    if out is not None:
        write_json(out, found)
        sys.stdout.write(f"Numbers: {out}\n")
