"""ROC curves of all methods of an experiment, a figure for each domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from dakit.evaluation.curves import Curve, mean_curve, roc, vertical_mean
from dakit.reporting import palette
from dakit.reporting.compare.facts import ExperimentFacts
from dakit.reporting.compare.grouping import Method
from dakit.reporting.compare.tables import images, spread_text
from dakit.reporting.figures.drawing import Drawing, canvas, finish, legend_below
from dakit.reporting.figures.roc import DASHES

MARKERS = "os^DvP*X<>"
"""A shape a method: colours alone are not told apart by every reader."""


def draw_compared_roc(facts: ExperimentFacts, role: str, name: str) -> Drawing | None:
    """Draw every method's curve in ``role`` with its AUC; None where no method has one."""
    figure, axes = canvas(3.95)
    axes.plot([0, 1], [0, 1], color=palette.MUTED, linewidth=0.8)
    several, lines = False, []
    for number, method in enumerate(facts.methods):
        curves = roc_curves(method, role)
        if curves is None:
            continue
        look = {"color": method.colour, "linestyle": DASHES[role]}
        if len(curves.seeds) > 1:
            several = True
            for curve in curves.seeds:
                axes.plot(curve.x, curve.y, linewidth=0.6, alpha=0.45, **look)
        auc = spread_text(facts.spreads[method.label, role, "auc"])
        label = f"{method.label}, AUC {auc}"
        lines += axes.plot(
            curves.mean.x,
            curves.mean.y,
            linewidth=1.8,
            label=label,
            marker=MARKERS[number % len(MARKERS)],
            markersize=5,
            markevery=(0.05 + 0.15 * number / len(facts.methods), 0.15),  # of the diagonal
            **look,
        )
    if not lines:
        return None
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    axes.set_title(role + (", MOCK DATA" if facts.experiment.mock else ""))
    axes.set(xlabel="false positive rate", ylabel="true positive rate")
    legend_below(figure, lines, 2)
    return finish(figure, name, _caption(facts, role, several))


def _caption(facts: ExperimentFacts, role: str, several: bool) -> str:
    classes = facts.experiment.class_names
    positive = (
        f"{classes[1]} as the positive class"
        if len(classes) == 2
        else "mean over the classes, each against the rest"
    )
    seeds = (
        " Bold: mean of the true positive rate over seeds at equal false positive rate; thin: each "
        "seed. AUC: mean ± standard deviation over seeds."
        if several
        else " One seed for each method."
    )
    return f"ROC curves in the {role} test set, {images(facts, role)}, {positive}.{seeds}"


@final
@dataclass(frozen=True)
class MethodCurves:
    """The curve of each seed, and the vertical mean of them (that curve itself with one seed)."""

    seeds: tuple[Curve, ...]
    mean: Curve


def roc_curves(method: Method, role: str) -> MethodCurves | None:
    """Return the ROC curves on the test set of ``role``; None where no seed has one."""
    found = []
    for run in method.runs:
        scored = run.sets[role]
        curve = None
        if scored.labels is not None:
            curve = mean_curve(roc, scored.labels, scored.probabilities)
        if curve is not None:
            found.append(curve)
    if not found:
        return None
    return MethodCurves(tuple(found), found[0] if len(found) == 1 else vertical_mean(found))
