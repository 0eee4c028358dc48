"""Some images of a domain, a row a class, and its most confident mistakes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.reporting.figures.drawing import WIDTH, Drawing, bare, canvas, finish, short_id
from dakit.reporting.report.facts import Mistakes
from dakit.reporting.stretch import Mosaic, visible

LONGEST_NAME = 12
DIGIT = 3.9
"""Points that a digit of an id is wide."""


def draw_mosaic(mosaic: Mosaic, mock: str) -> Drawing:
    """Draw the images of one domain, a row a class, with their ids."""
    figure, stretch = draw_rows(mosaic.images, mosaic.ids, mosaic.classes)
    shown = sum(map(len, mosaic.images))
    caption = (
        f"{mock}{shown} {mosaic.role} {mosaic.what} drawn by lot, a row a class, with their ids; "
        f"{stretch}."
    )
    return finish(figure, f"mosaic_{mosaic.role}", caption)


def draw_rows(
    images: Sequence[NDArray[Any]], ids: Sequence[Sequence[str]], names: Sequence[str]
) -> tuple[Any, str]:
    """Return a figure of rows of images, each row with a name at its left, and their stretch."""
    seen = visible(np.concatenate(images))
    left = iter(seen.pixels)
    columns = max(map(len, images))
    cell = (WIDTH - 0.3) / max(columns, 3)
    titles = [[_lines(label, int(72 * cell / DIGIT)) for label in labels] for labels in ids]
    room = 0.29 if any("\n" in title for line in titles for title in line) else 0.2
    figure, axes = canvas(len(images) * (cell + room) + 0.1, len(images), columns, squeeze=False)
    figure.get_layout_engine().set(w_pad=0.015, h_pad=0.015, wspace=0, hspace=0)
    for place in axes.flat:
        bare(place)
    for line, pictures, labels, name in zip(axes, images, titles, names, strict=True):
        line[0].set_ylabel(short_id(name, LONGEST_NAME), fontsize=7.5)
        for place, _, label in zip(line, pictures, labels, strict=False):
            place.imshow(next(left), cmap="gray", vmin=0, vmax=1)
            place.set_title(label, fontsize=6, pad=2)
    return figure, seen.stretch


def _lines(text: str, line: int) -> str:
    """Return an id on two lines at most, each of about so many characters."""
    short = short_id(text, 2 * line)
    half = -(-len(short) // 2)
    return short if len(short) <= line else f"{short[:half]}\n{short[half:]}"


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
