"""``dakit predict``: what a trained model says of new images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dakit.contracts import Side
from dakit.plugins import catalog
from dakit.reporting.aligned_table import print_line

if TYPE_CHECKING:
    from rich.console import Console

    from dakit.workflows.predict import PredictionSummary


def predict(
    run: Annotated[
        Path, typer.Argument(help="The folder of a finished run or of a choice.", metavar="RUN")
    ],
    inputs: Annotated[
        list[Path],
        typer.Argument(help=".npy, .npz, or what the run's dataset reads.", metavar="INPUT..."),
    ],
    out: Annotated[Path, typer.Option(help="The table: .csv, .parquet or .fits.")],
    side: Annotated[
        Side,
        typer.Option("--as", help="Read and normalise the images as this domain was."),
    ] = "target",
    ids: Annotated[
        Path | None, typer.Option(help="The ids: text, one a line, or .npy; else row numbers.")
    ] = None,
    symmetries: Annotated[
        bool, typer.Option("--symmetries", help="Average over the eight turns and flips.")
    ] = False,
    dropout_samples: Annotated[
        int, typer.Option(metavar="N", help="Average over N dropout masks (Monte-Carlo dropout).")
    ] = 0,
    temperature: Annotated[
        bool, typer.Option("--temperature", help="Scale by a temperature of source validation.")
    ] = False,
    distance: Annotated[
        bool, typer.Option("--distance", help="Add how far each image lies; far from both: > 1.")
    ] = False,
    channels_last: Annotated[
        bool, typer.Option("--channels-last", help="Images are (N, H, W, C), not (N, C, H, W).")
    ] = False,
    batch_size: Annotated[int, typer.Option(min=1, help="Images a step.")] = 256,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out image files that cannot be used.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the table where it is there.")
    ] = False,
) -> None:
    """Predict the classes of new images with a trained model; write a table.

    One row an image: id, predicted class, a probability for each class and their entropy in nats.
    Images are streamed, so that a million of them need no more memory than a batch. Says so where
    the images lie far from both domains the model was trained on.

    Examples:

      dakit predict runs/sim_real_tl-9bf2f131d4 images.npy --out predictions.csv

      dakit predict runs/sim_real_tl-9bf2f131d4 a.npy b.npy --ids ids.txt --symmetries --out p.fits
    """
    from rich.console import Console

    from dakit.workflows.predict import predict as predict_inputs

    with counting(Console(stderr=True), "images") as progress:
        summary = predict_inputs(
            run,
            inputs,
            out=out,
            domain=side,
            symmetries=symmetries,
            dropout_samples=dropout_samples,
            temperature=temperature,
            distance=distance,
            ids=ids,
            channels_last=channels_last,
            device=device,
            batch_size=batch_size,
            overwrite=overwrite,
            skip_bad=skip_bad,
            progress=progress,
        )
    _print(Console(), summary)


def _print(console: Console, summary: PredictionSummary) -> None:
    from dakit.images import listed
    from dakit.reporting.aligned_table import print_line
    from dakit.reporting.result_table import MOCK_WARNING, WARNING_STYLE

    if summary.origin == "mock":
        print_line(console, f"The model was trained on {MOCK_WARNING}", WARNING_STYLE)
    for warning in summary.warnings:
        print_line(console, warning, WARNING_STYLE)
    if summary.left_out:
        bad = len(summary.left_out)
        lines = listed([f"{name}: {reason}" for name, reason in summary.left_out.items()])
        print_line(
            console,
            f"{bad} of {bad + summary.images} images left out, missing or not usable:{lines}",
            WARNING_STYLE,
        )
    counts = ", ".join(f"{count} {name}" for name, count in summary.predicted.items())
    print_line(
        console, f"{summary.images} images, normalised as the {summary.normalization}: {counts}"
    )
    fitted = summary.temperature
    if fitted:
        print_line(
            console,
            f"Temperature {fitted.value:.4g}: on {fitted.rows} source validation images the mean "
            f"negative log likelihood goes from {fitted.nll_before:.4f} to {fitted.nll_after:.4f}",
        )
    if summary.far is not None:
        print_line(console, f"Far from both domains: {summary.far} of {summary.images} images")
    rate = summary.images / summary.seconds
    print_line(console, f"{summary.seconds:.1f} s, {rate:.0f} images a second")
    print_line(console, f"Table: {summary.path}")


Counter = Callable[[int, int], None]
"""Is called with how many are done, and of how many."""

LINES = 10
"""So many lines are written where there is no terminal."""


@contextmanager
def counting(console: Console, what: str) -> Iterator[Counter]:
    """Yield a function that shows the count of ``what``; the bar is gone when the block ends."""
    if catalog.options().quiet:
        yield lambda done, total: None
        return
    if not console.is_terminal:
        yield _plain(console, what)
        return
    from rich import progress as rich

    bar_and_count = (rich.BarColumn(), rich.MofNCompleteColumn(), rich.TimeRemainingColumn())
    columns = (rich.TextColumn(what), *bar_and_count)
    with rich.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _plain(console: Console, what: str) -> Counter:
    shown = 0

    def count(done: int, total: int) -> None:
        nonlocal shown
        part = done * LINES // max(1, total)
        if part > shown:
            shown = part
            print_line(console, f"{what} {done}/{total}")

    return count
