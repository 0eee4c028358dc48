"""All figures of a comparison: ROC curves, bars of the metrics, latent spaces, Grad-CAMs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any, final

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from dakit.contracts import SIDES
from dakit.evaluation.curves import Curve, mean_curve, roc, vertical_mean
from dakit.reporting import palette
from dakit.reporting.compare.facts import ComparisonFacts, ExperimentFacts
from dakit.reporting.compare.grouping import Method
from dakit.reporting.compare.tables import images, spread_text
from dakit.reporting.figures.drawing import FULL, Drawing, canvas, finish, legend_below, style
from dakit.reporting.figures.grad_cam import draw_side_by_side
from dakit.reporting.figures.latent_space import draw_methods
from dakit.reporting.figures.roc import DASHES, positive
from dakit.reporting.result_table import lower_is_better


def draw_comparison(facts: ComparisonFacts) -> dict[str, list[Drawing]]:
    """Draw everything: ``roc 0``, ``bars 0``, ``latent 0``, ``attention 0``, ``roc 1`` ..."""
    with style():
        found = {}
        for number, part in enumerate(facts.experiments):
            ending = f"_{number + 1}" if len(facts.experiments) > 1 else ""
            rocs = (draw_compared_roc(part, role, f"roc_{role}{ending}") for role in SIDES)
            found[f"roc {number}"] = [drawing for drawing in rocs if drawing is not None]
            found[f"bars {number}"] = [draw_metric_bars(part, f"metrics{ending}")]
            found[f"latent {number}"] = list(_latent(part, ending))
            found[f"attention {number}"] = list(_attention(part, ending))
        return found


def _attention(facts: ExperimentFacts, ending: str) -> Iterator[Drawing]:
    if facts.attention:
        mock, classes = facts.experiment.mock, facts.experiment.class_names
        yield draw_side_by_side(facts.attention, classes, f"grad_cam{ending}", mock=mock)


def _latent(facts: ExperimentFacts, ending: str) -> Iterator[Drawing]:
    if facts.latent:
        seed = facts.latent_seed
        whose = f"seed {seed} of each method" if seed is not None else "one run of each method"
        mock = " (MOCK DATA)" if facts.experiment.mock else ""
        classes = facts.experiment.class_names
        titled = {f"{label}{mock}": space for label, space in facts.latent.items()}
        yield draw_methods(titled, f"latent_space{ending}", whose, classes)


MARKERS = "os^DvP*X<>"
"""A shape a method: not every reader can distinguish colours."""


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
    of_class = positive(facts.experiment.class_names)
    seeds = (
        " Bold: mean of the true positive rate over seeds at equal false positive rate; thin: each "
        "seed. AUC: mean ± standard deviation over seeds."
        if several
        else " One seed for each method."
    )
    return f"ROC curves in the {role} test set, {images(facts, role)}, {of_class}.{seeds}"


@final
@dataclass(frozen=True)
class MethodCurves:
    """The curve of each seed, and the vertical mean of them (that curve itself with one seed)."""

    seeds: tuple[Curve, ...]
    mean: Curve


def roc_curves(method: Method, role: str) -> MethodCurves | None:
    """Return the ROC curves on the test set of ``role``; None where no seed has one."""
    scored = [run.sets[role] for run in method.runs]
    drawn = [mean_curve(roc, s.labels, s.probabilities) for s in scored if s.labels is not None]
    found = tuple(curve for curve in drawn if curve is not None)
    if not found:
        return None
    return MethodCurves(found, found[0] if len(found) == 1 else vertical_mean(found))


BAR = 0.38
"""Of the distance between two methods."""
LEGEND_COLUMNS = 6
LARGEST = {"brier": 2.0}
"""The largest value; 1 for all others."""
MARGIN = 0.03
"""Left beyond the longest line where the axis is longer than usual."""
LETTERS = 32
"""So many fit below a panel."""


def draw_metric_bars(facts: ExperimentFacts, name: str) -> Drawing:
    """Draw a panel a metric, in each a pair of bars a method, with ± sd where there are seeds."""
    rows = ceil(len(facts.metrics) / 3)
    figure, axes = canvas(2.2 * rows, rows, 3, FULL, squeeze=False)
    for (metric, title), place in zip(facts.metrics.items(), axes.flat, strict=False):
        _panel(place, facts, metric)
        place.set_title(title)
    for place in axes.flat[len(facts.metrics) :]:
        place.remove()
    lower = lower_is_better(facts.further.values())
    if facts.experiment.mock:
        figure.suptitle("MOCK DATA", fontsize=9.5)
    legend_below(figure, _legend(facts), LEGEND_COLUMNS)
    one = all(len(method.runs) == 1 for method in facts.methods)
    spread = (
        "one seed each"
        if one
        else "mean over seeds, lines ± one standard deviation, cut where the metric ends"
    )
    target = f", target solid, {images(facts, 'target')}" if facts.labelled("target") else ""
    caption = (
        f"Test metrics, source dashed, {images(facts, 'source')}{target}; {spread}. "
        f"Methods stand in the order of the legend. A lower Brier score{lower} is better."
    )
    return finish(figure, name, caption)


def _panel(axes: Axes, facts: ExperimentFacts, metric: str) -> None:
    least, most = _ends(facts, metric)
    usual = 0.5 if metric == "brier" else min(most, 1.0)
    low, high = 0.0, usual
    for number, method in enumerate(facts.methods):
        for role, shift in (("source", -BAR / 2), ("target", BAR / 2)):
            spread = facts.spreads[method.label, role, metric]
            if spread is not None:
                place = number + shift
                axes.bar(place, spread.mean, BAR * 0.92, **_look(role, method.colour))
                sd = spread.sd or 0.0
                below, above = min(sd, spread.mean - least), min(sd, most - spread.mean)
                low, high = min(low, spread.mean - below), max(high, spread.mean + above)
                if spread.sd is not None:
                    ends = [[below], [above]]
                    axes.errorbar(place, spread.mean, ends, color=palette.INK, linewidth=0.9)
    # The usual range, so that figures can be compared, or more: a Brier score reaches 1, or 2.
    axes.set(ylim=(low * (1 + MARGIN), high * (1 + MARGIN) if high > usual else usual))
    labels = [method.label for method in facts.methods]
    axes.set_xticks(
        range(len(labels)), labels if sum(map(len, labels)) <= LETTERS else [""] * len(labels)
    )
    axes.tick_params(axis="x", length=0)
    axes.grid(False, axis="x")


def _ends(facts: ExperimentFacts, metric: str) -> tuple[float, float]:
    """Return the smallest and largest value; beyond them no error line is drawn."""
    further = facts.further.get(metric)
    return (further.lowest, further.highest) if further else (0.0, LARGEST.get(metric, 1.0))


def _look(role: str, colour: str) -> dict[str, Any]:
    if role == "source":
        return {"facecolor": "none", "edgecolor": colour, "linestyle": (0, (3, 1.5))}
    return {"facecolor": colour, "edgecolor": colour}


def _legend(facts: ExperimentFacts) -> list[Patch]:
    methods = [Patch(color=method.colour, label=method.label) for method in facts.methods]
    roles = [
        Patch(label=role, **_look(role, palette.INK)) for role in SIDES if facts.labelled(role)
    ]
    return [*methods, *roles]
