"""Some of the groups that the search for near-duplicates found."""

from __future__ import annotations

from dakit.reporting.figures.drawing import Drawing, finish
from dakit.reporting.figures.mosaic import draw_rows
from dakit.reporting.inspection.facts import Found


def draw_copies(found: Found, role: str, mock: str) -> Drawing:
    """Draw some of the groups of one domain, a row a group."""
    images, ids = zip(*found.examples, strict=True)
    names = [f"group {number}" for number in range(1, len(images) + 1)]
    _, in_all, groups, _ = found.sizes()
    figure, stretch = draw_rows(images, ids, names)
    caption = (
        f"{mock}{len(images)} of {groups:,} groups of alike images found in the {role} "
        f"({in_all:,} images, similarity {found.threshold:g} or more), a row a group, the first "
        f"images of each with their ids; {stretch}."
    )
    return finish(figure, f"copies_{role}", caption)
