"""All figures of an inspection, by section."""

from __future__ import annotations

from dakit.reporting.figures.copies import draw_copies
from dakit.reporting.figures.drawing import Drawing, style
from dakit.reporting.figures.flux import draw_flux
from dakit.reporting.figures.mosaic import draw_mosaic
from dakit.reporting.inspection.facts import InspectionFacts


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
