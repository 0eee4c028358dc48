"""Grad-CAMs over log-stretched images, a column an image, a row a class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from textwrap import fill

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dakit.reporting.figures.drawing import FULL, WIDTH, Drawing, bare, canvas, finish
from dakit.reporting.report.facts import Attention
from dakit.reporting.stretch import log_stretch

STRONGEST = 0.65
"""Opacity of a map where it is largest; the image shows through where it is small."""
MOST_NETWORKS = 6
"""Beside each other."""
LONGEST = 15
"""Letters that an image's width holds; longer names are broken."""
GAP = 0.12
"""Between the domains, in widths of an image."""


def draw_grad_cam(attention: Attention, class_names: Sequence[str]) -> Drawing:
    """Draw the images of one domain and, below each, its map for each class."""
    count, maps_each = attention.classes.shape
    cell = (WIDTH - 0.3) / count
    height = 0.5 + (cell + 0.02) * (1 + maps_each)
    figure, axes = canvas(height, 1 + maps_each, count, squeeze=False)
    _close(figure)
    _draw_images(
        axes[0], attention, class_names, [f"→ {c}" for c in _guesses(attention, class_names)]
    )
    _draw_maps(axes[1:], attention, class_names)
    for place in axes.flat:
        bare(place)
    return finish(figure, f"grad_cam_{attention.role}", _caption(attention))


def draw_side_by_side(
    looks: Mapping[str, Sequence[Attention]], class_names: Sequence[str], name: str, *, mock: bool
) -> Drawing:
    """Draw the same images of both domains as several networks see them, by the networks' titles.

    A column an image, the source at the left; below it two rows a network, a class each.
    """
    shown = dict(islice(looks.items(), MOST_NETWORKS))
    first = next(iter(shown.values()))
    counts = [len(part.labels) for part in first]
    maps_each = first[0].classes.shape[1]
    cell = (FULL - 0.8) / sum(counts)
    rows = 1 + maps_each * len(shown)
    ratios = [w for count in counts for w in (GAP, *[1.0] * count)][1:]
    figure, axes = canvas(
        0.25 + 0.2 * mock + cell * rows + 0.17 * len(shown),
        rows,
        len(ratios),
        FULL,
        squeeze=False,
        width_ratios=ratios,
    )
    _close(figure)
    if mock:
        figure.suptitle("MOCK DATA", fontsize=9.5)
    start = 0
    for role, count in enumerate(counts):
        block = axes[:, start : start + count]
        start += count + 1
        part = first[role]
        _draw_images(block[0], part, class_names, [""] * count)
        block[0, 0].set_ylabel(part.role, fontsize=9)
        for number, (title, parts) in enumerate(shown.items()):
            places = block[1 + number * maps_each : 1 + (number + 1) * maps_each]
            _draw_maps(places, parts[role], class_names, title if role == 0 else "")
            for place, guess in zip(places[0], _guesses(parts[role], class_names), strict=True):
                place.set_title(fill(f"→ {guess}", LONGEST), fontsize=7.5, loc="center", pad=2)
    for place in axes.flat:
        bare(place)
    return finish(figure, name, _caption_beside(looks, shown))


def _close(figure: Figure) -> None:
    figure.get_layout_engine().set(w_pad=0.015, h_pad=0.015, wspace=0, hspace=0)


def _guesses(attention: Attention, class_names: Sequence[str]) -> list[str]:
    return [class_names[int(index)] for index in attention.predicted]


def _draw_images(
    places: Iterable[Axes], attention: Attention, class_names: Sequence[str], below: Sequence[str]
) -> None:
    columns = zip(places, attention.images, attention.labels, below, strict=True)
    for place, image, label, second in columns:
        place.imshow(log_stretch(image), cmap="gray", vmin=0, vmax=1)
        title = f"{fill(class_names[int(label)], LONGEST)}\n{fill(second, LONGEST)}".rstrip()
        place.set_title(title, fontsize=7.5, loc="center")


def _draw_maps(
    places: Sequence[Sequence[Axes]],
    attention: Attention,
    class_names: Sequence[str],
    network: str = "",
) -> None:
    for number, line in enumerate(places):
        for k, place in enumerate(line):
            place.imshow(overlay(log_stretch(attention.images[k]), attention.maps[k, number]))
            if k == 0 or len(class_names) > 2:
                label = fill(class_names[int(attention.classes[k, number])], LONGEST)
                place.set_ylabel(
                    f"{fill(network, LONGEST)}\n{label}" if network and k == 0 else label,
                    fontsize=7.5,
                )


def overlay(grey: NDArray[np.float64], cam: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return ``(H, W, 3)``: the image with the map over it, scaled to its own largest value."""
    peak = float(cam.max())
    heat = cam / peak if peak > 0 else np.zeros_like(cam)
    colours: NDArray[np.float64] = colormaps["inferno"](heat)[..., :3]
    opacity = STRONGEST * np.sqrt(heat)[..., None]
    mixed: NDArray[np.float64] = (1 - opacity) * grey[..., None] + opacity * colours
    return mixed


def _caption(attention: Attention) -> str:
    return (
        f"Grad-CAM in the {attention.role}, layer {attention.layer}: {len(attention.labels)} test "
        "images (true class → predicted class, log stretch), and below where they speak for the "
        f"class at the left, each map scaled to its own maximum.{_empty([attention])}"
    )


def _caption_beside(
    looks: Mapping[str, Sequence[Attention]], shown: Mapping[str, Sequence[Attention]]
) -> str:
    parts = [part for found in shown.values() for part in found]
    layers = ", ".join(dict.fromkeys(part.layer for part in parts))
    images = " and ".join(f"{len(p.labels)} {p.role}" for p in next(iter(shown.values())))
    fewer = f" The first {len(shown)} of {len(looks)}." if len(shown) < len(looks) else ""
    return (
        f"Grad-CAM of the same {images} test images (true class above, log stretch), layer "
        f"{layers}: {'; '.join(shown)}. Below → what that network predicts, and where the image "
        "speaks for the class at the left, each map scaled to its own maximum."
        f"{fewer}{_empty(parts)}"
    )


def _empty(parts: Sequence[Attention]) -> str:
    peaks = np.concatenate([part.maps.max(axis=(2, 3)).ravel() for part in parts])
    empty = int((peaks <= 0).sum())
    return f" {empty} of {len(peaks)} maps are 0 everywhere." if empty else ""
