"""``dakit report``: one page that shows what a run is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", metavar="RUN")],
    layer: Annotated[
        str | None,
        typer.Option(help="The convolution Grad-CAM looks at, e.g. backbone.conv2; the last one."),
    ] = None,
) -> None:
    """Write report.html and figures/ into a run's folder.

    One page without a network: what was run, metrics with intervals, training curves, ROC,
    reliability, the latent space, Grad-CAMs, the most confident mistakes, and the warnings a
    colleague would give. Figures need matplotlib, the extra 'figures'.

    Examples:

      dakit report runs/sim_real_tl-9bf2f131d4

      dakit report runs/sim_real_tl-9bf2f131d4 --layer backbone.conv2
    """
    from dakit import experiment_report

    made = experiment_report.report(run, layer=layer)
    for reason in made.missing:
        typer.echo(f"not in the report: {reason}", err=True)
    typer.echo(str(made.path))
