"""t-SNE of the latent space: class by colour, domain by opacity."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.lines import Line2D

from dakit.evaluation.latent_space import LatentSpace
from dakit.reporting.figures import palette
from dakit.reporting.figures.drawing import Drawing, bare, canvas, finish

OPACITY = {"source": 0.3, "target": 0.95}
MARKER = {"source": "o", "target": "^"}
UNKNOWN = palette.MUTED


def draw_latent_space(
    space: LatentSpace, name: str, title: str, class_names: Sequence[str]
) -> Drawing:
    """Draw the positions of both domains' test images; ``title`` as in "after training"."""
    figure, axes = canvas(3.9)
    for role in ("source", "target"):
        in_domain = space.is_target == (role == "target")
        for index in range(-1, len(class_names)):
            x, y = space.positions[in_domain & (space.labels == index)].T
            axes.scatter(
                x,
                y,
                s=13,
                marker=MARKER[role],
                color=UNKNOWN if index < 0 else palette.class_colour(index),
                alpha=OPACITY[role],
                linewidths=0,
            )
    axes.set_title(title)
    bare(axes)
    handles = _legend(space, class_names)
    columns = 2 if len(handles) <= 4 else 4
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    targets = int(space.is_target.sum())
    caption = (
        f"t-SNE of the features {title} (perplexity 36, cosine distance, start from the "
        f"principal components; axes have no units): {len(space.labels) - targets:,} source and "
        f"{targets:,} target test images."
    )
    return finish(figure, f"latent_space_{name}", caption)


def _legend(space: LatentSpace, class_names: Sequence[str]) -> list[Line2D]:
    handles = []
    for index in sorted(set(space.labels.tolist())):
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
