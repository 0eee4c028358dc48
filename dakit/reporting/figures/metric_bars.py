"""The bar chart of the poster: six metrics, the source dashed, the target solid."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from dakit.reporting.compare.facts import METRICS, ExperimentFacts
from dakit.reporting.compare.tables import images
from dakit.reporting.figures import palette
from dakit.reporting.figures.drawing import Drawing, canvas, finish

WIDTH = 0.38
LEGEND_COLUMNS = 3
MARGIN = 0.03
"""Left beyond the longest line where the axis is longer than usual."""


def draw_metric_bars(facts: ExperimentFacts, name: str) -> Drawing:
    """Draw a panel a metric, in each a pair of bars a method, with ± sd where there are seeds."""
    rows = (len(facts.methods) + 2 + LEGEND_COLUMNS - 1) // LEGEND_COLUMNS
    figure, axes = canvas(4.6 + 0.25 * rows, 3, 2, squeeze=False)
    for (metric, title), place in zip(METRICS.items(), axes.flat, strict=True):
        _panel(place, facts, metric)
        place.set_title(title)
    if facts.experiment.mock:
        figure.suptitle("MOCK DATA", fontsize=9.5)
    columns = 1 if max(len(m.label) for m in facts.methods) > 20 else LEGEND_COLUMNS
    figure.legend(handles=_legend(facts), loc="outside lower center", ncols=columns)
    one = all(len(method.runs) == 1 for method in facts.methods)
    spread = "one seed each" if one else "mean over seeds, lines ± one standard deviation"
    target = f", target solid, {images(facts, 'target')}" if facts.labelled("target") else ""
    caption = (
        f"Test metrics, source dashed, {images(facts, 'source')}{target}; {spread}. "
        f"A lower Brier score is better."
    )
    return finish(figure, name, caption)


def _panel(axes: Axes, facts: ExperimentFacts, metric: str) -> None:
    usual = 0.5 if metric == "brier" else 1.0
    low, high = 0.0, usual
    for number, method in enumerate(facts.methods):
        for role, shift in (("source", -WIDTH / 2), ("target", WIDTH / 2)):
            spread = facts.spreads[method.label, role, metric]
            if spread is not None:
                place = number + shift
                axes.bar(place, spread.mean, WIDTH * 0.92, **_look(role, method.colour))
                low = min(low, spread.mean - (spread.sd or 0))
                high = max(high, spread.mean + (spread.sd or 0))
                if spread.sd is not None:
                    axes.errorbar(place, spread.mean, spread.sd, color=palette.INK, linewidth=0.9)
    # The usual range, so that figures can be compared, or more where a line would be cut off: a
    # Brier score reaches 1, or 2 with several classes, and mean + sd may pass 1.
    margin = MARGIN * (high - low)
    axes.set(
        xticks=[],
        ylim=(low - margin if low < 0 else 0, high + margin if high > usual else usual),
    )
    axes.grid(False, axis="x")


def _look(role: str, colour: str) -> dict[str, Any]:
    if role == "source":
        return {"facecolor": "none", "edgecolor": colour, "linestyle": (0, (3, 1.5))}
    return {"facecolor": colour, "edgecolor": colour}


def _legend(facts: ExperimentFacts) -> list[Patch]:
    methods = [Patch(color=method.colour, label=method.label) for method in facts.methods]
    roles = [
        Patch(label=role, **_look(role, palette.INK))
        for role in ("source", "target")
        if facts.labelled(role)
    ]
    return [*methods, *roles]
