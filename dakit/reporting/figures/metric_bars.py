"""The bar chart of the poster: six metrics, the source dashed, the target solid."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from dakit.contracts import SIDES
from dakit.reporting import palette
from dakit.reporting.compare.facts import METRICS, ExperimentFacts
from dakit.reporting.compare.tables import images
from dakit.reporting.figures.drawing import FULL, Drawing, canvas, finish, legend_below

WIDTH = 0.38
LEGEND_COLUMNS = 6
LARGEST = {"brier": 2.0}
"""Beyond its largest value, 1 for all others, no error line is drawn, as below 0."""
MARGIN = 0.03
"""Left beyond the longest line where the axis is longer than usual."""
LETTERS = 32
"""So many fit below a panel."""


def draw_metric_bars(facts: ExperimentFacts, name: str) -> Drawing:
    """Draw a panel a metric, in each a pair of bars a method, with ± sd where there are seeds."""
    figure, axes = canvas(4.4, 2, 3, FULL, squeeze=False)
    for (metric, title), place in zip(METRICS.items(), axes.flat, strict=True):
        _panel(place, facts, metric)
        place.set_title(title)
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
        "Methods stand in the order of the legend. A lower Brier score is better."
    )
    return finish(figure, name, caption)


def _panel(axes: Axes, facts: ExperimentFacts, metric: str) -> None:
    usual = 0.5 if metric == "brier" else 1.0
    high = usual
    for number, method in enumerate(facts.methods):
        for role, shift in (("source", -WIDTH / 2), ("target", WIDTH / 2)):
            spread = facts.spreads[method.label, role, metric]
            if spread is not None:
                place = number + shift
                axes.bar(place, spread.mean, WIDTH * 0.92, **_look(role, method.colour))
                sd = spread.sd or 0.0
                below, above = min(sd, spread.mean), min(sd, LARGEST.get(metric, 1) - spread.mean)
                high = max(high, spread.mean + above)
                if spread.sd is not None:
                    ends = [[below], [above]]
                    axes.errorbar(place, spread.mean, ends, color=palette.INK, linewidth=0.9)
    # The usual range, so that figures can be compared, or more: a Brier score reaches 1, or 2.
    axes.set(ylim=(0, high * (1 + MARGIN) if high > usual else usual))
    labels = [method.label for method in facts.methods]
    axes.set_xticks(
        range(len(labels)), labels if sum(map(len, labels)) <= LETTERS else [""] * len(labels)
    )
    axes.tick_params(axis="x", length=0)
    axes.grid(False, axis="x")


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
