"""Some images of a domain, a row a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.reporting.colour_stretch import visible
from dakit.reporting.figures.drawing import WIDTH, Drawing, bare, canvas, finish
from dakit.reporting.mosaics import Mosaic

LONGEST = 12


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
    figure, axes = canvas(len(images) * (cell + 0.2) + 0.1, len(images), columns, squeeze=False)
    figure.get_layout_engine().set(w_pad=0.015, h_pad=0.015, wspace=0, hspace=0)
    for place in axes.flat:
        bare(place)
    for line, pictures, labels, name in zip(axes, images, ids, names, strict=True):
        line[0].set_ylabel(_short(name), fontsize=7.5)
        for place, _, label in zip(line, pictures, labels, strict=False):
            place.imshow(next(left), cmap="gray", vmin=0, vmax=1)
            place.set_title(_short(label), fontsize=6.5, pad=2)
    return figure, seen.stretch


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:4]}…{text[-(LONGEST - 5) :]}"
