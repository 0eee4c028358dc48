"""The most confident mistakes, as images with their ids."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dakit.reporting.colour_stretch import visible
from dakit.reporting.figures.drawing import WIDTH, Drawing, bare, canvas, finish
from dakit.reporting.report.facts import Mistakes

COLUMNS = 3
LONGEST_ID = 20


def draw_mistakes(mistakes: Mistakes, class_names: Sequence[str]) -> Drawing:
    """Draw the mistakes of one domain with id, true and predicted class, and confidence."""
    rows = math.ceil(len(mistakes.ids) / COLUMNS)
    figure, axes = canvas(rows * (WIDTH / COLUMNS + 0.5), rows, COLUMNS, squeeze=False)
    for place in axes.flat:
        bare(place)
    seen = visible(mistakes.images)
    for k, place in zip(range(len(mistakes.ids)), axes.flat, strict=False):
        label, guess = (class_names[int(c[k])] for c in (mistakes.labels, mistakes.predicted))
        place.imshow(seen.pixels[k], cmap="gray", vmin=0, vmax=1)
        title = f"{_short(mistakes.ids[k])}\n{label}\n→ {guess} {mistakes.confidence[k]:.2f}"
        place.set_title(title, fontsize=7.5)
    caption = (
        f"The {len(mistakes.ids)} most confident of {mistakes.wrong:,} mistakes among "
        f"{mistakes.tested:,} {mistakes.role} test images: id, true class → predicted class with "
        f"its probability, the worst of each object where objects are known; {seen.stretch}."
    )
    return finish(figure, f"mistakes_{mistakes.role}", caption)


def _short(identifier: str) -> str:
    if len(identifier) <= LONGEST_ID:
        return identifier
    return f"{identifier[:8]}…{identifier[-(LONGEST_ID - 9) :]}"
