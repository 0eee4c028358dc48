"""t-SNE of the latent space: class by colour, domain by opacity."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from dakit.contracts import SIDES
from dakit.evaluation.latent_space import LatentSpace
from dakit.reporting import palette
from dakit.reporting.figures.drawing import FULL, WIDTH, Drawing, bare, canvas, finish, legend_below

OPACITY = {"source": 0.95, "target": 0.35}
"""As in the published figures."""
MOST_COLUMNS = 3
MARKER = {"source": "o", "target": "^"}
UNKNOWN = palette.MUTED
SETTINGS = "perplexity 36, cosine distance, start from the principal components; axes have no units"


def draw_latent_space(
    space: LatentSpace, name: str, title: str, class_names: Sequence[str]
) -> Drawing:
    """Draw the positions of both domains' test images; ``title`` as in "after training"."""
    caption = f"t-SNE of the features {title} ({SETTINGS}): {space.images}."
    return draw_latent_spaces({title: space}, f"latent_space_{name}", caption, class_names)


def draw_methods(
    spaces: Mapping[str, LatentSpace], name: str, which: str, class_names: Sequence[str]
) -> Drawing:
    """Draw several networks side by side, by title; ``which`` says whose they are."""
    counts = next(iter(spaces.values())).images
    caption = f"t-SNE of the features of {which} ({SETTINGS}): {counts} each."
    return draw_latent_spaces(spaces, name, caption, class_names)


def draw_latent_spaces(
    spaces: Mapping[str, LatentSpace], name: str, caption: str, class_names: Sequence[str]
) -> Drawing:
    """Draw each space under its title, up to three beside each other, with one legend."""
    columns = min(MOST_COLUMNS, len(spaces))
    rows = math.ceil(len(spaces) / columns)
    width = WIDTH if columns == 1 else FULL
    height = 0.3 + (width / columns + 0.2) * rows
    figure, axes = canvas(height, rows, columns, width, squeeze=False)
    for number, place in enumerate(axes.flat):
        bare(place, frame=number < len(spaces))
    for (title, space), place in zip(spaces.items(), axes.flat, strict=False):
        _scatter(place, space, len(class_names), size=13)
        place.set_title(title)
    legend_below(figure, _legend(spaces.values(), class_names), 2 if columns == 1 else 6)
    return finish(figure, name, caption)


def _scatter(axes: Axes, space: LatentSpace, classes: int, size: float) -> None:
    for role in SIDES:
        in_domain = space.is_target == (role == "target")
        for index in range(-1, classes):
            x, y = space.positions[in_domain & (space.labels == index)].T
            colour = UNKNOWN if index < 0 else palette.class_colour(index)
            look: dict[str, Any] = {"marker": MARKER[role], "alpha": OPACITY[role]}
            axes.scatter(x, y, s=size, color=colour, linewidths=0, **look)


def _legend(spaces: Iterable[LatentSpace], class_names: Sequence[str]) -> list[Line2D]:
    handles = []
    for index in sorted({label for space in spaces for label in space.labels.tolist()}):
        name = "target, class unknown" if index < 0 else class_names[index]
        colour = UNKNOWN if index < 0 else palette.class_colour(index)
        handles.append(_symbol("s", colour, name))
    for role, marker in MARKER.items():
        handles.append(_symbol(marker, palette.INK, role, OPACITY[role]))
    return handles


def _symbol(marker: str, colour: str, label: str, opacity: float = 1.0) -> Line2D:
    return Line2D(
        [],
        [],
        marker=marker,
        color=colour,
        label=label,
        alpha=opacity,
        linestyle="",
        markersize=6,
    )
