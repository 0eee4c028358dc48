"""``dakit run``: train and evaluate what a spec describes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dakit.cli.completion import Overrides
from dakit.cli.interruption import end_with_parent, told_how_to_go_on
from dakit.contracts import PARTS, SIDES

if TYPE_CHECKING:
    from dakit.workflows.train import Plan


def run(
    spec: Annotated[Path, typer.Argument(help="The run spec, a JSON file.", metavar="SPEC")],
    overrides: Overrides = None,
    out: Annotated[Path, typer.Option(help="Folder that holds the run folders.")] = Path("runs"),
    seed: Annotated[int | None, typer.Option(help="The seed; short for --set seed=N.")] = None,
    device: Annotated[
        str | None, typer.Option(help="auto, cpu, cuda, cuda:1, mps; the spec's by default.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with this run where it was interrupted.")
    ] = False,
    other_versions: Annotated[
        bool,
        typer.Option(
            "--other-versions",
            help="With --resume: though dakit or a plugin has another version than before.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read the data, build everything, train nothing.")
    ] = False,
    no_report: Annotated[
        bool, typer.Option("--no-report", help="Make no report.html; `dakit report` can later.")
    ] = False,
) -> None:
    """Train and evaluate what SPEC describes; write a run folder.

    The folder is named by the run's name and an id that follows from the spec and the data, so
    the same run is never done twice. Ctrl-C leaves a run that --resume goes on with, to the same
    weights bit for bit. Where matplotlib is installed the run ends with its report.

    Examples:

      dakit run examples/astro_mergers/sim_real_tl.json

      dakit run spec.json --seed 2 --set training.epochs=50 --set objective.transfer=dann

      dakit run spec.json --dry-run
    """
    end_with_parent()
    from rich.console import Console

    from dakit.reporting.result_table import print_result
    from dakit.runs.records import read_history, read_resolved
    from dakit.runs.results import read_results
    from dakit.training.progress_bar import default_reporter
    from dakit.training.scale import scale_cautions
    from dakit.workflows import train as workflow

    changes = list(overrides or []) + ([] if seed is None else [f"seed={seed}"])
    reporter = default_reporter()
    console = Console()
    plan = workflow.make_plan(
        spec,
        out=out,
        overrides=changes,
        device=device,
        reporter=reporter,
        dry=dry_run,
        other_versions=other_versions,
    )
    if dry_run:
        sys.stdout.writelines(_described(plan.to_train))
        return
    folder = plan.folder.path
    with told_how_to_go_on(f"the same command with --resume goes on with the run in {folder}"):
        finished = workflow.run_plan(
            plan, resume=resume, other_versions=other_versions, reporter=reporter
        )
    results, resolved = read_results(finished.folder), read_resolved(finished.folder)
    told = scale_cautions(results, resolved, read_history(finished.folder, results.epochs_run))
    print_result(console, results, folder, told)
    if not no_report:
        from dakit.workflows.report import report_after_run

        with told_how_to_go_on(f"the run is finished; `dakit report {folder}` makes its report"):
            sys.stdout.write(report_after_run(finished, plan.labelled().data.pair) + "\n")


def _described(plans: Iterable[Plan]) -> Iterator[str]:
    """Yield the facts of plans, a line each, in the order in which they are carried out."""
    for plan in plans:
        facts = _facts(plan)
        width = max(map(len, facts))
        for name, value in facts.items():
            for number, text in enumerate(value if isinstance(value, list) else [value]):
                yield f"{'' if number else name:{width}}  {text}".rstrip() + "\n"
        yield "\n"
    yield "dry run: nothing was trained or written\n"


def _facts(plan: Plan) -> dict[str, str | list[str]]:
    """Return all that is settled before the first step, in words."""
    from dakit.training.trainer import batches_of

    spec, data = plan.loaded.spec, plan.data
    parts = {
        f"{side} {part}": len(getattr(getattr(data.split, side), part))
        for side, part in product(SIDES, PARTS)
    }
    batches = batches_of(spec, data, plan.objective, plan.device)
    start = "its own weights"
    if spec.init_from is not None:
        first = plan.to_train_first
        start = f"{first.folder.path}, trained first" if first else str(spec.init_from.run)
        start = str(plan.start.folder.path) if plan.start else start
    return {
        "run": f"{spec.name} (seed {spec.seed})",
        "folder": str(plan.folder.path),
        "data": f"{data.pair.provenance.origin.upper()}: {data.pair.provenance.description}",
        "images": _counted(parts),
        "training": (
            f"epochs {spec.training.epochs}, steps an epoch {batches.steps_per_epoch}, "
            f"images a step {spec.training.batch_size}"
        ),
        "classes": list(data.pair.class_names),
        "leakage": data.leakage.lines(),
        "starts from": start,
        "parameters": _counted(plan.objective.sizes()),
        **({"keeps": plan.keeps} if plan.keeps else {}),
        "device": str(plan.device),
    }


def _counted(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in numbers.items())
