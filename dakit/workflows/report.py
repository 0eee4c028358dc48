"""The report of a finished run: its numbers, and its data and networks looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, final

import torch

from dakit.contracts import DomainPair
from dakit.errors import DakitError, InputError
from dakit.evaluation.further import measures_of
from dakit.evaluation.latent_space import LatentSpace
from dakit.files.writing import write_text
from dakit.network import Network
from dakit.plugins import catalog
from dakit.reporting.page import write_figures
from dakit.reporting.report.baseline import Baseline, check_baseline, compared
from dakit.reporting.report.examples import mistakes
from dakit.reporting.report.facts import Attention, ReportFacts
from dakit.reporting.report.page import NO_MATPLOTLIB, render_page
from dakit.reporting.scored_set import ScoredSet, class_counts, object_counts, scored_sets
from dakit.reporting.stretch import mosaics
from dakit.runs.html import rendered
from dakit.runs.records import (
    Environment,
    Resolved,
    Training,
    read_environment,
    read_history,
    read_resolved,
)
from dakit.runs.results import Results, read_results
from dakit.runs.run import Run, load_run
from dakit.training.adaptation import adaptation_in
from dakit.training.objective import unique_name
from dakit.workflows.arguments import several
from dakit.workflows.plan_again import Looked, plan_again
from dakit.workflows.train import Plan

SECTIONS_WITH_DATA = ("latent", "attention", "mistakes")


@final
@dataclass(frozen=True)
class Report:
    """Where the report is, and what is not in it."""

    path: Path
    missing: tuple[str, ...]

    def _repr_html_(self) -> str:
        """Return a link to the page and what is not on it, for notebooks."""
        return rendered("report_made.html", "dakit.reporting", report=self)


def figures_possible() -> bool:
    """Return whether figures can be drawn: matplotlib is an extra."""
    return find_spec("matplotlib") is not None


def report(
    run: str | Path | Run,
    *,
    baseline: str | Path | Run | None = None,
    layer: str | None = None,
    figures: str | Sequence[str] = (),
    pair: DomainPair | None = None,
) -> Report:
    """Write ``report.html`` and ``figures/`` of a finished run; return where and what is missing.

    The data are read and the networks built again from the stored spec; where that gives other
    data than the run had, or none, the page is made without the images. ``baseline`` is a run
    without adaptation on the same data and test images: its numbers and latent space stand
    beside. ``layer`` names the convolution that Grad-CAM looks at, by default the last one.
    ``figures`` are names of further ones, of plugins, beside those that the spec names. ``pair``
    are the run's data, where they are at hand.

    Raises:
        InputError: there is no finished run, no such layer, or the baseline cannot be one.
    """
    run = run if isinstance(run, Run) else load_run(run)
    if baseline is not None and not isinstance(baseline, Run):
        baseline = load_run(baseline)
    facts = gather(run, layer, baseline, pair)
    if not figures_possible():
        write_text(run.folder.report, render_page(facts, None))
        return Report(run.folder.report, (*facts.missing.values(), NO_MATPLOTLIB))
    from dakit.reporting.figures.further import asked_for, draw_further, run_of
    from dakit.reporting.figures.report import make_figures

    drawn = make_figures(facts)
    asked = asked_for([facts.spec], several(figures, (str,), "figures", "names of figures"))
    drawn["further"], why = draw_further(asked, [run_of(facts)])
    if why:
        facts = replace(facts, missing={**facts.missing, "further": " ".join(why)})
    write_figures(run.folder.figures, drawn)
    write_text(run.folder.report, render_page(facts, drawn))
    return Report(run.folder.report, tuple(dict.fromkeys(facts.missing.values())))


def report_after_run(run: Run, pair: DomainPair | None = None) -> str:
    """Write the report of a run that has just ended and return a line on it.

    Nothing that goes wrong here fails the run: the line tells it. A report that is there stays.
    """
    folder = run.folder
    if folder.report.exists():
        return f"Report: {folder.report}"
    if not figures_possible():
        return f"No report. {NO_MATPLOTLIB}"
    try:
        return f"Report: {report(run, pair=pair).path}"
    except Exception as error:  # whatever it is, the run itself has succeeded
        reason = f"{type(error).__name__}: {error}"
        return f"The report could not be made ({reason}); see `dakit report {folder.path} --debug`"


def gather(
    run: Run,
    layer: str | None = None,
    baseline: Run | None = None,
    pair: DomainPair | None = None,
) -> ReportFacts:
    """Return everything that the report of ``run`` tells."""
    folder, predictions = run.folder, run.predictions
    results, spec, environment = (
        read_results(folder),
        read_resolved(folder),
        read_environment(folder),
    )
    class_names = results.data.class_names
    sets = {r: s for r, s in scored_sets(predictions, class_names).items() if len(s)}
    beside = None if baseline is None else _beside(results, spec, sets, baseline)
    missing: dict[str, str] = {}
    pictures = _pictures(run, environment, sets, layer, baseline, pair, missing)
    return ReportFacts(
        results=results,
        spec=spec,
        environment=environment,
        history=read_history(folder, results.epochs_run),
        sets=sets,
        missing=missing,
        baseline=beside,
        counts=class_counts(predictions, class_names),
        objects=object_counts(predictions, class_names),
        oracles=_oracles(spec.training),
        adaptation=adaptation_in(run),
        **pictures,
    )


def _beside(
    results: Results, spec: Resolved, sets: Mapping[str, ScoredSet], baseline: Run
) -> Baseline:
    """Return the comparison with ``baseline``. Raises InputError where it cannot be one."""
    other = read_results(baseline.folder)
    check_baseline(results, other, adaptation_in(baseline))
    other_sets = scored_sets(baseline.predictions, other.data.class_names)
    bins, further = spec.evaluation.ece_bins, measures_of(spec, results)
    return compared(results, sets, other, other_sets, ece_bins=bins, further=further)


def _oracles(training: Training) -> list[str]:
    """Return the names under which scores made from target labels stand in the log."""
    names: dict[str, bool] = {}
    for validator in filter(None, (training.selection, *training.monitor)):
        names[unique_name(validator.name, names)] = _sees_labels(validator.name)
    return [name for name, sees in names.items() if sees]


def _sees_labels(validator: str) -> bool:
    try:
        found = catalog.current().find("validator", validator)
    except InputError:  # its plugin is not here any more
        return False
    return bool(getattr(found, "uses_target_labels", False))


def _pictures(
    run: Run,
    environment: Environment,
    sets: Mapping[str, ScoredSet],
    layer: str | None,
    baseline: Run | None,
    pair: DomainPair | None,
    missing: dict[str, str],
) -> dict[str, Any]:
    """What needs the data; ``missing`` says what cannot be had, and why."""
    try:
        plan = plan_again(run, pair)
    except (DakitError, OSError) as error:
        why = f"Data or network cannot be had again, so this part is left out: {error}"
        missing.update(dict.fromkeys(SECTIONS_WITH_DATA, why))
        return {}
    seed, data = plan.loaded.spec.seed, plan.data
    before = _initial_network(plan, environment, missing)
    after, other = Looked.of(plan, run), None if baseline is None else Looked.of(plan, baseline)
    images = len(data.pair.source.input_shape) == 3
    if not images:
        missing["mistakes"] = "The inputs are not images."
    rows = {role: scored.rows for role, scored in sets.items()}
    return {
        "latent": _latent(before, other, after, missing),
        "attention": after.attention(sets, layer, seed, missing),
        "attention_beside": _attention_beside(other, baseline, layer, missing),
        "mistakes": list(mistakes(data, sets, missing)) if images else [],
        "mosaics": list(mosaics(data.pair, rows, {}, "test images")),
    }


def _attention_beside(
    other: Looked | None, baseline: Run | None, layer: str | None, missing: dict[str, str]
) -> list[Attention]:
    """Return how the baseline sees the same images: its test set and the lot are those of the run.

    It may be another network: where it has no such ``layer`` its last convolution is taken.
    """
    if other is None or baseline is None:
        return []
    known = layer if layer in dict(other.network.named_modules()) else None
    sets = scored_sets(baseline.predictions, other.plan.data.pair.class_names)
    return other.attention(sets, known, other.plan.loaded.spec.seed, missing)


def _initial_network(
    plan: Plan, environment: Environment, missing: dict[str, str]
) -> Network | None:
    """Return the network before its first step, None where it cannot be had exactly."""
    then = environment.packages.get("torch")
    if then != str(torch.__version__):
        missing["latent"] = (
            f"The network before training is left out: this torch ({torch.__version__}) may draw "
            f"other initial weights than the run's ({then})."
        )
        return None
    if plan.loaded.spec.init_from is not None and plan.start is None:
        missing["latent"] = (
            "The network before training is left out: the run it started from is not in the "
            "folder of this one."
        )
        return None
    return plan.objective.network


def _latent(
    before: Network | None, baseline: Looked | None, after: Looked, missing: dict[str, str]
) -> dict[str, LatentSpace]:
    first = None if before is None else replace(after, network=before.to(after.plan.device))
    networks = {"before": first, "baseline": baseline, "after": after}
    seed = after.plan.loaded.spec.seed
    try:
        return {when: look.space(seed) for when, look in networks.items() if look is not None}
    except ValueError as error:
        missing["latent"] = f"The latent space cannot be mapped: {error}."
        return {}
