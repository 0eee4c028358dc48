"""The page of an inspection: its sections in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dakit.reporting.inspection.cautions import cautions
from dakit.reporting.inspection.facts import InspectionFacts
from dakit.reporting.inspection.tables import (
    class_tables,
    copies_table,
    fault_tables,
    near_tables,
    what_they_are,
)
from dakit.reporting.page.frame import PageFigure, framed, pictures, without_matplotlib
from dakit.reporting.page.markup import bullets, escaped, paragraph

Figures = Mapping[str, Sequence[PageFigure]]
NO_MATPLOTLIB = without_matplotlib("dakit inspect")


def render_inspection(facts: InspectionFacts, figures: Figures | None) -> str:
    """Return the page as HTML; ``figures`` is None where they cannot be drawn."""
    warnings = cautions(facts)
    title = ("MOCK DATA: " if facts.mock else "") + f"the data of {facts.name}"
    return framed(title, _banner(facts, warnings), _sections(facts, figures, warnings))


def _sections(
    facts: InspectionFacts, figures: Figures | None, warnings: Sequence[str]
) -> Iterator[tuple[str, str]]:
    def drawn(name: str) -> str:
        why = facts.missing.get(name)
        if figures is None:
            return pictures((), why) + pictures((), NO_MATPLOTLIB)
        return pictures(figures.get(name, ()), why)

    yield "What the data are", what_they_are(facts)
    yield "Classes and parts", class_tables(facts) + _missing(facts, "split")
    yield "Some of the images", drawn("mosaic")
    yield "Pixel values", paragraph(f"Normalisation: {facts.normalization}.") + drawn("flux")
    yield "Broken and odd images", fault_tables(facts)
    lines = facts.leakage.lines() if facts.leakage is not None else ()
    yield "Leakage of the split", bullets(lines) + _missing(facts, "split")
    yield "Exact copies", copies_table(facts)
    yield "Near-duplicates", near_tables(facts) + drawn("near")
    yield "Warnings", bullets(warnings, "warnings") if warnings else paragraph("None.")


def _missing(facts: InspectionFacts, name: str) -> str:
    why = facts.missing.get(name)
    return paragraph(why, "missing") if why else ""


def _banner(facts: InspectionFacts, warnings: Sequence[str]) -> str:
    mock = '<span class="mock">MOCK DATA</span>' if facts.mock else ""
    count = "1 warning" if len(warnings) == 1 else f"{len(warnings)} warnings"
    title = escaped(f"The data of {facts.name}")
    return f'<h1>{mock} {title}</h1><p><a href="#s9">{count}</a> before anyone trains</p>'
