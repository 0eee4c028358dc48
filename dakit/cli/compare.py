"""``dakit compare``: one page that sets runs beside each other and beside published numbers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def compare(
    runs: Annotated[
        list[Path], typer.Argument(help="Finished runs, or folders of them.", metavar="RUN...")
    ],
    reference: Annotated[
        list[str] | None,
        typer.Option(help="A published table: a JSON file, or the name of a shipped one."),
    ] = None,
    out: Annotated[Path, typer.Option(help="The page.")] = Path("comparison.html"),
    latex: Annotated[Path | None, typer.Option(help="Write the tables for a paper.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write every number, one a row.")] = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="What differences are to: a method or a run's name; no adaptation."),
    ] = None,
    latent: Annotated[
        bool, typer.Option("--latent/--no-latent", help="Read the data again for the t-SNE.")
    ] = True,
    figure: Annotated[
        list[str] | None,
        typer.Option(help="A further figure, of a plugin; see `dakit list-plugins --kind figure`."),
    ] = None,
) -> None:
    """Compare finished runs: ROC curves, bars, tables with intervals, t-SNE, published numbers.

    Runs on the same data with the same network are compared; runs that differ in the seed alone
    are one method, given as mean and standard deviation. The page needs no network; its figures
    lie beside it as PNG and SVG. Figures need matplotlib, the extra 'figures'.

    Examples:

      dakit compare runs/sim_sim_*

      dakit compare runs/my_sweep

      dakit compare runs/* --reference my_table.json --latex tables.tex --csv numbers.csv
    """
    from rich.console import Console

    from dakit.files.writing import check_writable
    from dakit.reporting.compare.console import print_comparison
    from dakit.runs.finding import runs_meant
    from dakit.workflows import compare as workflow

    for table in (csv, latex):
        if table is not None:
            check_writable(table)
    meant, left_out = runs_meant(runs)
    for line in left_out:
        sys.stderr.write(f"not compared: {line}\n")
    made = workflow.compare(
        meant,
        references=reference or (),
        out=out,
        baseline=baseline,
        latent=latent,
        figures=figure or (),
    )
    print_comparison(Console(), made.facts)
    if csv is not None:
        made.write_csv(csv)
    if latex is not None:
        made.write_latex(latex)
    for reason in made.missing:
        sys.stderr.write(f"not on the page: {reason}\n")
    for path in (made.path, csv, latex):
        if path is not None:
            sys.stdout.write(f"{path}\n")
