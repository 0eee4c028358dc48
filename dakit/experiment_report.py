"""The report of a finished run: its numbers, and its data and networks looked at again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from dakit.contracts import Domain
from dakit.data.prepare import PreparedData
from dakit.data.splits import load_split
from dakit.errors import DakitError, InputError
from dakit.evaluation.grad_cam import grad_cam, last_convolution
from dakit.evaluation.latent_space import LatentSpace, latent_space
from dakit.experiment import Plan, make_plan
from dakit.network import Network
from dakit.randomness import generator
from dakit.reporting.report.facts import Attention, Mistakes, ReportFacts
from dakit.reporting.report.page import NO_MATPLOTLIB, render_page
from dakit.reporting.report.scored_set import ScoredSet, scored_sets
from dakit.runs.run import Run, load_run
from dakit.runs.writing import make_folder, read_json, write_bytes, write_text
from dakit.training.reporter import SilentReporter

MOST_MISTAKES = 6
MOST_COLUMNS = 4
MOST_MAPS = 2
SECTIONS_WITH_DATA = ("latent", "attention", "mistakes")


@final
@dataclass(frozen=True)
class Report:
    """Where the report is, and what is not in it."""

    path: Path
    missing: tuple[str, ...]


def figures_possible() -> bool:
    """Return whether figures can be drawn: matplotlib is an extra."""
    return find_spec("matplotlib") is not None


def report(run: str | Path | Run, *, layer: str | None = None) -> Report:
    """Write ``report.html`` and ``figures/`` of a finished run; return where and what is missing.

    The data are read and the networks built again from the stored spec; where that gives other
    data than the run had, or none, the page is made without the images. ``layer`` names the
    convolution that Grad-CAM looks at, by default the last one.

    Raises InputError where there is no finished run, or no such layer.
    """
    run = run if isinstance(run, Run) else load_run(run)
    facts = gather(run, layer)
    if not figures_possible():
        write_text(run.folder.report, render_page(facts, None))
        return Report(run.folder.report, (*facts.missing.values(), NO_MATPLOTLIB))
    from dakit.reporting.figures.make import make_figures

    figures = make_figures(facts)
    make_folder(run.folder.figures)
    for figure in (figure for drawn in figures.values() for figure in drawn):
        write_bytes(run.folder.figures / f"{figure.name}.png", figure.png)
        write_text(run.folder.figures / f"{figure.name}.svg", figure.svg)
    write_text(run.folder.report, render_page(facts, figures))
    return Report(run.folder.report, tuple(dict.fromkeys(facts.missing.values())))


def report_after_run(run: Run) -> str:
    """Write the report of a run that has just ended and return a line on it.

    Nothing that goes wrong here fails the run: the line tells it. A report that is there stays.
    """
    folder = run.folder
    if folder.report.exists():
        return f"Report: {folder.report}"
    if not figures_possible():
        return f"No report. {NO_MATPLOTLIB}"
    try:
        return f"Report: {report(run).path}"
    except Exception as error:  # whatever it is, the run itself has succeeded
        reason = f"{type(error).__name__}: {error}"
        return f"The report could not be made ({reason}); see `dakit report {folder.path} --debug`"


def gather(run: Run, layer: str | None = None) -> ReportFacts:
    """Return everything that the report of ``run`` tells."""
    results = run.results
    environment = read_json(run.folder.environment) if run.folder.environment.exists() else {}
    sets = scored_sets(run.predictions, results["data"]["class_names"])
    missing: dict[str, str] = {}
    pictures = _pictures(run, environment, sets, layer, missing)
    return ReportFacts(
        results=results,
        spec=read_json(run.folder.resolved),
        environment=environment,
        history=run.history,
        sets=sets,
        missing=missing,
        **pictures,
    )


def _pictures(
    run: Run,
    environment: Mapping[str, Any],
    sets: Mapping[str, ScoredSet],
    layer: str | None,
    missing: dict[str, str],
) -> dict[str, Any]:
    """What needs the data; what cannot be had is told in ``missing``."""
    try:
        plan = _same_plan(run)
    except (DakitError, OSError) as error:
        why = f"The data cannot be had again, so this part is left out: {error}"
        missing.update(dict.fromkeys(SECTIONS_WITH_DATA, why))
        return {}
    data, network = plan.data, run.model().network.to(plan.device)
    before = _initial_network(plan, environment, missing)
    images = len(data.pair.source.input_shape) == 3
    if not images:
        missing.update(dict.fromkeys(("attention", "mistakes"), "The inputs are not images."))
    return {
        "latent": _latent(plan, before, network, missing),
        "attention": list(_attention(plan, network, sets, layer, missing)) if images else [],
        "mistakes": list(_mistakes(data, sets, missing)) if images else [],
    }


def _same_plan(run: Run) -> Plan:
    """Return the plan of ``run`` made once more. Raises InputError where it is another one."""
    out = run.folder.path.resolve().parent
    plan = make_plan(
        run.folder.resolved, out=out, device="cpu", reporter=SilentReporter(), dry=True
    )
    if plan.data.fingerprint != run.results["data"]["fingerprint"]:
        raise InputError("they are not what they were when the run was made")
    split = load_split(run.folder.split)
    for side in ("source", "target"):
        if not np.array_equal(getattr(split, side).test, getattr(plan.data.split, side).test):
            raise InputError("they would be split in another way today")
    return plan


def _initial_network(
    plan: Plan, environment: Mapping[str, Any], missing: dict[str, str]
) -> Network | None:
    """Return the network before its first step, None where it cannot be had exactly."""
    then = environment.get("packages", {}).get("torch")
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
    plan: Plan, before: Network | None, after: Network, missing: dict[str, str]
) -> dict[str, LatentSpace]:
    networks = {"before": before, "after": after}
    spec, device = plan.loaded.spec, plan.device
    size = spec.evaluation.batch_size
    try:
        return {
            when: latent_space(
                network.to(device), plan.data, seed=spec.seed, batch_size=size, device=device
            )
            for when, network in networks.items()
            if network is not None
        }
    except ValueError as error:
        missing["latent"] = f"The latent space cannot be mapped: {error}."
        return {}


def _attention(
    plan: Plan,
    network: Network,
    sets: Mapping[str, ScoredSet],
    layer: str | None,
    missing: dict[str, str],
) -> Iterator[Attention]:
    name = layer or last_convolution(network)
    if name is None:
        missing["attention"] = "The network has no convolution to look at."
        return
    normalizations = plan.data.normalization
    for role, scored in sets.items():
        if scored.labels is None:
            missing["attention"] = f"The {role} has no labels: no true classes to show."
            continue
        domain: Domain = getattr(plan.data.pair, role)
        chosen = _examples(scored, plan.loaded.spec.seed)
        images = domain.inputs[scored.rows[chosen]]
        normalization = getattr(normalizations, role)
        inputs = normalization(torch.from_numpy(np.ascontiguousarray(images)).to(plan.device))
        classes = _classes_to_show(scored, chosen)
        with network.for_domain("source" if role == "source" else "target"):
            maps = [grad_cam(network, inputs, column, name) for column in classes.T]
        yield Attention(
            role=role,
            layer=name,
            images=images,
            labels=scored.labels[chosen],
            predicted=scored.predicted[chosen],
            classes=classes,
            maps=np.stack(maps, axis=1),
        )


def _examples(scored: ScoredSet, seed: int) -> NDArray[np.int64]:
    """Pick test images by lot, as many of each class: the last class (mergers) first."""
    assert scored.labels is not None
    random = generator(seed, f"grad-cam {scored.role}")
    classes = np.unique(scored.labels)[::-1][:MOST_COLUMNS]
    each = max(1, MOST_COLUMNS // len(classes))
    picked = [random.permutation(np.flatnonzero(scored.labels == c))[:each] for c in classes]
    return np.concatenate(picked)


def _classes_to_show(scored: ScoredSet, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return both classes, the last first; with more, the true one and its strongest rival."""
    assert scored.labels is not None
    probabilities, labels = scored.probabilities[chosen], scored.labels[chosen]
    if probabilities.shape[1] <= MOST_MAPS:
        return np.tile(np.arange(probabilities.shape[1])[::-1], (len(chosen), 1))
    others = probabilities.copy()
    others[np.arange(len(chosen)), labels] = -1
    return np.stack([labels, others.argmax(axis=1)], axis=1)


def _mistakes(
    data: PreparedData, sets: Mapping[str, ScoredSet], missing: dict[str, str]
) -> Iterator[Mistakes]:
    for role, scored in sets.items():
        worst = scored.worst(MOST_MISTAKES)
        if scored.labels is None or len(worst) == 0:
            reason = "has no labels" if scored.labels is None else "test set has no mistakes"
            missing["mistakes"] = f"The {role} {reason}."
            continue
        domain: Domain = getattr(data.pair, role)
        yield Mistakes(
            role=role,
            images=domain.inputs[scored.rows[worst]],
            ids=tuple(scored.ids[i] for i in worst),
            labels=scored.labels[worst],
            predicted=scored.predicted[worst],
            confidence=scored.probabilities[worst].max(axis=1),
            wrong=int((scored.predicted != scored.labels).sum()),
            tested=len(scored),
        )
