"""``dakit inspect``: what the data of a spec are, before anyone trains on them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dakit.cli.completion import Overrides
from dakit.cli.tables import print_json


def inspect(
    spec: Annotated[Path, typer.Argument(help="The run spec, a JSON file.", metavar="SPEC")],
    overrides: Overrides = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the page; inspections/NAME by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
    groups: Annotated[
        Path | None, typer.Option(help="File (.npz) for found groups; OUT/groups.npz by default.")
    ] = None,
    no_duplicates: Annotated[
        bool, typer.Option("--no-duplicates", help="Do not look for copies.")
    ] = False,
    threshold: Annotated[
        float | None,
        typer.Option(min=0.85, max=1, help="Similarity from which on two images are copies."),
    ] = None,
) -> None:
    """Show what the data of SPEC are; build no network and train nothing.

    One page, inspect.html: counts by class, domain and part, a mosaic, pixel values before and
    after normalisation, broken and odd images by id, the split with its leakage, exact copies,
    and near-duplicates (turned, flipped, slightly zoomed), offered as a file of groups that
    the datasets of arrays take. Figures need matplotlib, the extra 'figures'.

    Examples:

      dakit inspect examples/astro_mergers/sim_real_noda.json

      dakit inspect spec.json --set data.balance=true --json --no-duplicates
    """
    from rich.console import Console

    from dakit.files.writing import plain
    from dakit.inspecting.near_duplicates import THRESHOLD
    from dakit.reporting.inspection.console import print_inspection
    from dakit.workflows import inspect as workflow
    from dakit.workflows.report import figures_possible

    made = workflow.inspect(
        spec,
        overrides=overrides or (),
        out=out,
        groups=groups,
        duplicates=not no_duplicates,
        threshold=THRESHOLD if threshold is None else threshold,
    )
    if as_json:
        print_json(plain(made.to_dict()))
        return
    print_inspection(Console(), made.facts, str(made.page), figures_possible())
