"""The page of one run: its sections in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dakit.reporting.page.frame import PageFigure, framed, pictures, without_matplotlib
from dakit.reporting.page.latent_numbers import latent_numbers
from dakit.reporting.page.markup import bullets, escaped
from dakit.reporting.report.cautions import cautions
from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.report.metric_tables import metric_tables
from dakit.reporting.report.what_was_run import what_was_run

NO_MATPLOTLIB = without_matplotlib("dakit report")

Figures = Mapping[str, Sequence[PageFigure]]


def render_page(facts: ReportFacts, figures: Figures | None) -> str:
    """Return the report as one HTML page; ``figures`` is None where they cannot be drawn."""
    warnings = cautions(facts)
    title = ("MOCK DATA: " if facts.mock else "") + facts.results.name
    return framed(title, _banner(facts, warnings), _sections(facts, figures, warnings))


def _sections(
    facts: ReportFacts, figures: Figures | None, warnings: Sequence[str]
) -> Iterator[tuple[str, str]]:
    def drawn(name: str) -> str:
        return _pictures(name, facts, figures)

    yield "What was run", what_was_run(facts) + (drawn("mosaic") if facts.mosaics else "")
    yield "Metrics", metric_tables(facts)
    yield "Training", drawn("training")
    yield "ROC, precision-recall, reliability", drawn("curves")
    yield "Latent space", drawn("latent") + latent_numbers(facts.latent_by_title)
    yield "Grad-CAM", drawn("attention")
    yield "Most confident mistakes", drawn("mistakes")
    yield "Warnings", bullets(warnings, "warnings")


def _pictures(name: str, facts: ReportFacts, figures: Figures | None) -> str:
    why = facts.missing.get(name)
    if figures is None:
        return pictures((), why) + pictures((), NO_MATPLOTLIB)
    return pictures(figures.get(name, ()), why)


def _banner(facts: ReportFacts, warnings: Sequence[str]) -> str:
    mock = '<span class="mock">MOCK DATA</span>' if facts.mock else ""
    count = "1 warning" if len(warnings) == 1 else f"{len(warnings)} warnings"
    title = escaped(facts.results.title)
    return f'<h1>{mock} {title}</h1><p><a href="#s8">{count}</a> a colleague would give</p>'
