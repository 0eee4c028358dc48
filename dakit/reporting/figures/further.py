"""The figures that a report or a comparison is asked for beside its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dakit.components import FigureSpec
from dakit.contracts import BuildContext, Draw, DrawnRun, Predictions
from dakit.errors import RunError
from dakit.plugins import catalog
from dakit.plugins.faults import built, described, reason_of
from dakit.reporting.compare.compared_run import ComparedRun, recipe_of
from dakit.reporting.figures.drawing import Drawing, finish, style
from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.scored_set import ScoredSet
from dakit.runs.folder import RunFolder
from dakit.runs.records import EpochRow, Resolved, read_history
from dakit.runs.results import Results
from dakit.training.objective import unique_name

PNG = b"\x89PNG\r\n\x1a\n"
Asked = Mapping[str, Any]
"""A figure as a run spec names it: its ``name`` and its settings."""


def asked_for(specs: Iterable[Resolved], further: Iterable[str] = ()) -> list[Asked]:
    """Return the figures that the runs of ``specs`` name, and ``further`` ones by name alone."""
    named = [each for spec in specs for each in spec.document.get("figures", ())]
    return [*named, *({"name": name} for name in further)]


def draw_further(
    asked: Iterable[Asked], runs: Sequence[DrawnRun], ending: str = ""
) -> tuple[list[Drawing], list[str]]:
    """Return the figures of ``runs`` that are ``asked`` for, each once, and why others miss."""
    specs: dict[str, FigureSpec] = {}
    drawings, missing = [], []
    with style():
        for each in asked:
            try:
                spec = catalog.current().find("figure", each["name"]).model_validate(each)
                assert isinstance(spec, FigureSpec)  # of this kind
                if spec not in specs.values():
                    name = unique_name(spec.name, specs)
                    specs[name] = spec
                    drawings += _drawn(spec, runs, f"{name}{ending}")
            except (Exception, SystemExit) as error:  # the page can do without
                missing.append(f"The figure '{each['name']}' is left out: {reason_of(error)}")
    return drawings, list(dict.fromkeys(missing))


def run_of(facts: ReportFacts) -> DrawnRun:
    """Return the run of a report."""
    method = recipe_of(facts.spec, facts.adaptation).label
    return _run(facts.results, facts.spec, facts.history, facts.sets, method)


def compared_run_of(run: ComparedRun, method: str) -> DrawnRun:
    """Return a run of a comparison, of the ``method`` of that label."""
    history = read_history(RunFolder(run.folder), run.results.epochs_run)
    return _run(run.results, run.spec, history, run.sets, method)


def _run(
    results: Results,
    spec: Resolved,
    history: Sequence[EpochRow],
    sets: Mapping[str, ScoredSet],
    method: str,
) -> DrawnRun:
    return DrawnRun(
        name=results.name,
        run_id=results.run_id,
        method=method,
        seed=results.seed,
        class_names=results.data.class_names,
        spec=spec.document,
        results=results.document,
        history=[row.document for row in history],
        source=_predictions(sets.get("source"), len(results.data.class_names)),
        target=_predictions(sets["target"], len(results.data.class_names)),
    )


def _predictions(scored: ScoredSet | None, classes: int) -> Predictions:
    if scored is None:
        return Predictions((), np.empty((0, classes)), None)
    return Predictions(scored.ids, scored.probabilities, scored.labels, scored.groups)


def _drawn(spec: FigureSpec, runs: Sequence[DrawnRun], name: str) -> list[Drawing]:
    draw = built(spec, BuildContext(seed=runs[0].seed), Draw)
    drawing = as_drawing(draw(runs), draw, name, spec.caption)
    return [] if drawing is None else [drawing]


def as_drawing(made: object, draw: Draw, name: str, caption: str) -> Drawing | None:
    """Return what a figure returned as a drawing. Raises RunError where it is no picture."""
    if made is None:
        return None
    if isinstance(made, Figure):
        return finish(made, name, caption)
    if isinstance(made, bytes) and made.startswith(PNG):
        return Drawing(name, caption, png=made)
    if isinstance(made, str) and "<svg" in made:
        return Drawing(name, caption, svg=made, as_image=True)
    raise RunError(
        f"'__call__' of {described(draw)} returned {type(made).__name__}; it must return a "
        "matplotlib.figure.Figure, the bytes of a PNG, the text of an SVG, or None"
    )
