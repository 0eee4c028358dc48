"""The most confident mistakes, as images with their ids."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dakit.reporting.figures.drawing import WIDTH, Drawing, bare, canvas, finish
from dakit.reporting.report.facts import Mistakes
from dakit.reporting.short_ids import short_id
from dakit.reporting.stretch import visible

COLUMNS = 3
LONGEST_ID = 19


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
        name = short_id(mistakes.ids[k], LONGEST_ID)
        title = f"{name}\n{label}\n→ {guess} {mistakes.confidence[k]:.2f}"
        place.set_title(title, fontsize=7)
    caption = (
        f"The {len(mistakes.ids)} most confident of {mistakes.wrong:,} mistakes among "
        f"{mistakes.tested:,} {mistakes.role} test images: id, true class → predicted class with "
        f"its probability, the worst of each object where objects are known; {seen.stretch}."
    )
    return finish(figure, f"mistakes_{mistakes.role}", caption)
