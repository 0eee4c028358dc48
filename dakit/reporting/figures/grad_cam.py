"""Grad-CAMs over log-stretched images, a column an image, a row a class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from dakit.reporting.figures.drawing import WIDTH, Drawing, bare, canvas, finish
from dakit.reporting.log_stretch import log_stretch
from dakit.reporting.report.facts import Attention

STRONGEST = 0.65
"""Opacity of a map where it is largest; the image shows through where it is small."""


def draw_grad_cam(attention: Attention, class_names: Sequence[str]) -> Drawing:
    """Draw the images of one domain and, below each, its map for each class."""
    count, maps_each = attention.classes.shape
    cell = (WIDTH - 0.3) / count
    figure, axes = canvas(
        0.5 + (cell + 0.02) * (1 + maps_each), 1 + maps_each, count, squeeze=False
    )
    figure.get_layout_engine().set(w_pad=0.015, h_pad=0.015, wspace=0, hspace=0)
    for k in range(count):
        grey = log_stretch(attention.images[k])
        label, guess = (class_names[int(c[k])] for c in (attention.labels, attention.predicted))
        axes[0, k].set_title(f"{label}\n→ {guess}", fontsize=7.5, loc="center")
        axes[0, k].imshow(grey, cmap="gray", vmin=0, vmax=1)
        for row in range(maps_each):
            place = axes[1 + row, k]
            place.imshow(overlay(grey, attention.maps[k, row]))
            if k == 0 or len(class_names) > 2:
                place.set_ylabel(class_names[attention.classes[k, row]], fontsize=7.5)
    for place in axes.flat:
        bare(place)
    return finish(figure, f"grad_cam_{attention.role}", _caption(attention))


def overlay(grey: NDArray[np.float64], cam: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return ``(H, W, 3)``: the image with the map over it, scaled to its own largest value."""
    peak = float(cam.max())
    heat = cam / peak if peak > 0 else np.zeros_like(cam)
    colours: NDArray[np.float64] = colormaps["inferno"](heat)[..., :3]
    opacity = STRONGEST * np.sqrt(heat)[..., None]
    mixed: NDArray[np.float64] = (1 - opacity) * grey[..., None] + opacity * colours
    return mixed


def _caption(attention: Attention) -> str:
    empty = int((attention.maps.reshape(attention.classes.size, -1).max(axis=1) <= 0).sum())
    tail = f" {empty} of {attention.classes.size} maps are 0 everywhere." if empty else ""
    return (
        f"Grad-CAM in the {attention.role}, layer {attention.layer}: {len(attention.labels)} test "
        "images (true class → predicted class, log stretch), and below where they speak for the "
        f"class at the left, each map scaled to its own maximum.{tail}"
    )
