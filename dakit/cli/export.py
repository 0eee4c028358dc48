"""``dakit export``: a trained model for other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from dakit.contracts import Side


def export(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", metavar="RUN")],
    form: Annotated[
        Literal["torch", "onnx", "both"],
        typer.Option("--format", help="torch.export (.pt2), ONNX, or both."),
    ] = "torch",
    out: Annotated[
        Path | None, typer.Option(help="The folder; by default export/ in the run's.")
    ] = None,
    side: Annotated[
        Side,
        typer.Option("--as", help="Normalise inside the model as this domain was."),
    ] = "target",
) -> None:
    """Write a trained model as torch.export or ONNX: raw images in, logits and probabilities out.

    Normalisation and softmax are inside, the number of images is free. What is written has been
    read back and gives the same numbers; export.json beside it holds class names, shape and run
    id. ONNX needs the extra 'export'.

    Examples:

      dakit export runs/sim_real_tl-9bf2f131d4

      dakit export runs/sim_real_tl-9bf2f131d4 --format both --out mergers
    """
    from dakit.workflows import export as workflow

    formats: tuple[workflow.Format, ...] = ("torch", "onnx") if form == "both" else (form,)
    made = workflow.export(run, formats=formats, out=out, domain=side)
    for name, found in made.differences.items():
        sys.stdout.write(
            f"{name}: logits agree to {found['logits']:.1g}, "
            f"probabilities to {found['probabilities']:.1g}\n"
        )
    if made.origin == "mock":
        sys.stdout.write("The model was trained on MOCK DATA\n")
    for path in made.files:
        sys.stdout.write(f"{path}\n")
