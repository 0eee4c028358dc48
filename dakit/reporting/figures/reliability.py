"""Reliability diagrams: is the network right as often as it says?"""

from __future__ import annotations

from collections.abc import Mapping

from dakit.evaluation.curves import reliability
from dakit.reporting import palette
from dakit.reporting.figures.drawing import Drawing, canvas, finish, legend_below
from dakit.reporting.figures.roc import DASHES
from dakit.reporting.scored_set import ScoredSet, size_words
from dakit.runs.results import Results


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
