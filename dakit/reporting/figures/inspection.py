"""All figures of an inspection, by section."""

from __future__ import annotations

from dakit.reporting.figures.drawing import Drawing, finish, style
from dakit.reporting.figures.flux import draw_flux
from dakit.reporting.figures.mosaic import draw_mosaic, draw_rows
from dakit.reporting.inspection.facts import Found, InspectionFacts


def make_inspection_figures(facts: InspectionFacts) -> dict[str, list[Drawing]]:
    """Draw everything that ``facts`` allow: a list of drawings for each section's name."""
    mock = "MOCK DATA. " if facts.mock else ""
    with style():
        return {
            "mosaic": [draw_mosaic(mosaic, mock) for mosaic in facts.mosaics if mosaic.classes],
            "flux": [draw_flux(part, when, mock) for when, part in facts.flux.items()],
            "near": [
                draw_copies(found, role, mock)
                for role, found in facts.found.items()
                if found.examples
            ],
        }


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
