"""``dakit report``: one page that shows what a run is worth."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", metavar="RUN")],
    baseline: Annotated[
        Path | None,
        typer.Option(
            help="A finished run without adaptation, on the same data and seed.", metavar="RUN2"
        ),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(help="The convolution Grad-CAM looks at, e.g. backbone.conv2; the last one."),
    ] = None,
    figure: Annotated[
        list[str] | None,
        typer.Option(help="A further figure, of a plugin; see `dakit list-plugins --kind figure`."),
    ] = None,
) -> None:
    """Write report.html and figures/ into a run's folder.

    One page without a network: what was run, metrics with intervals, training curves, ROC,
    reliability, the latent space, Grad-CAMs, the most confident mistakes, and the warnings a
    colleague would give. Figures need matplotlib, the extra 'figures'.

    With a baseline its numbers stand beside the run's, with paired intervals of the difference,
    its latent space between before and after, and the warnings say whether adapting did harm.

    Examples:

      dakit report runs/sim_real_tl-9bf2f131d4

      dakit report runs/sim_real_tl-9bf2f131d4 --baseline runs/sim_real_noda-3f0f8e0a55

      dakit report runs/sim_real_tl-9bf2f131d4 --layer backbone.conv2
    """
    from dakit.workflows import report as workflow

    made = workflow.report(run, baseline=baseline, layer=layer, figures=figure or ())
    for reason in made.missing:
        sys.stderr.write(f"not in the report: {reason}\n")
    sys.stdout.write(f"{made.path}\n")
