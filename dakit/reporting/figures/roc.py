"""ROC, precision-recall and reliability of both domains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dakit.evaluation.curves import (
    CurveOf,
    average_precision,
    mean_curve,
    precision_recall,
    reliability,
    roc,
)
from dakit.reporting import palette
from dakit.reporting.figures.drawing import Drawing, canvas, finish, legend_below
from dakit.reporting.scored_set import ScoredSet, size_words
from dakit.runs.results import Results

DASHES = {"source": (0, (4, 2)), "target": "-"}
"""As in the poster: the source dashed, the target solid."""

Sets = Mapping[str, ScoredSet]


def draw_roc(sets: Sets, results: Results, class_names: Sequence[str]) -> Drawing:
    """Draw false against true positive rate of both test sets, with the AUC in the legend."""
    figure, axes = canvas(3.65)
    axes.plot([0, 1], [0, 1], color=palette.MUTED, linewidth=0.8)
    tests = {role: results.test(role) for role in sets}
    labels = {
        role: f"{role}, AUC {_area(found.auc if found else None)}" for role, found in tests.items()
    }
    _draw_curves(figure, axes, roc, sets, labels)
    axes.set(xlabel="false positive rate", ylabel="true positive rate", aspect="equal")
    caption = f"ROC curves of the test sets, {positive(class_names)}; {_counts(sets)}."
    return finish(figure, "roc", caption)


def draw_precision_recall(sets: Sets, class_names: Sequence[str]) -> Drawing:
    """Draw recall (completeness) against precision (purity), with the average precision."""
    figure, axes = canvas(3.65)
    labels = {
        role: f"{role}, AP {_area(average_precision(scored.labels, scored.probabilities))}"
        for role, scored in sets.items()
        if scored.labels is not None
    }
    _draw_curves(figure, axes, precision_recall, sets, labels)
    axes.set(xlabel="recall (completeness)", ylabel="precision (purity)", aspect="equal")
    caption = (
        f"Precision-recall of the test sets, {positive(class_names)}, with the average precision "
        f"AP; {_counts(sets)}."
    )
    return finish(figure, "precision_recall", caption)


def _draw_curves(
    figure: Figure, axes: Axes, curve_of: CurveOf, sets: Sets, labels: Mapping[str, str]
) -> None:
    lines = []
    for role, scored in sets.items():
        if scored.labels is None:
            continue
        curve = mean_curve(curve_of, scored.labels, scored.probabilities)
        if curve is not None:
            line = {"color": palette.NAVY, "linestyle": DASHES[role], "linewidth": 1.5}
            lines += axes.plot(curve.x, curve.y, label=labels[role], **line)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    if lines:
        legend_below(figure, lines, 2)


def _area(area: float | None) -> str:
    return "undefined" if area is None else f"{area:.3f}"


def positive(class_names: Sequence[str]) -> str:
    """Return of which class the curves are."""
    if len(class_names) == 2:
        return f"{class_names[1]} as the positive class"
    return "mean over the classes, each against the rest"


def _counts(sets: Sets) -> str:
    known = [scored for scored in sets.values() if scored.labels is not None]
    return ", ".join(f"{scored.role} {size_words([scored])}" for scored in known)


def draw_reliability(sets: Mapping[str, ScoredSet], results: Results, bins: int) -> Drawing:
    """Draw accuracy against confidence of both test sets, a point's size the images in its bin."""
    figure, axes = canvas(3.65)
    axes.plot([0, 1], [0, 1], color=palette.MUTED, linewidth=0.8)
    counts, lines = [], []
    for role, scored in sets.items():
        if scored.labels is None:
            continue
        counts.append(f"{role} {size_words([scored])}")
        points = reliability(scored.labels, scored.probabilities, bins)
        metrics = results.test(role)
        ece = metrics and metrics.ece
        label = role if ece is None else f"{role}, ECE {ece:.3f}"
        colour = palette.NAVY
        lines += axes.plot(
            points.confidence, points.accuracy, color=colour, linestyle=DASHES[role], label=label
        )
        area = 160 * points.counts / points.counts.max()
        face = "none" if role == "source" else colour
        axes.scatter(points.confidence, points.accuracy, s=area, edgecolor=colour, facecolor=face)
    lowest = 1 / next(iter(sets.values())).probabilities.shape[1]
    axes.set(xlim=(lowest - 0.03, 1.03), ylim=(-0.03, 1.03))
    axes.set(xlabel="confidence (largest probability)", ylabel="accuracy")
    if lines:
        legend_below(figure, lines, 2)
    caption = (
        f"Reliability in {bins} bins of confidence, larger points hold more images; below the "
        f"diagonal the network is too sure. {', '.join(counts)}."
    )
    return finish(figure, "reliability", caption)
