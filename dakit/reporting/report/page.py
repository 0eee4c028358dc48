"""The page: sections in their order, figures inlined, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Protocol

from dakit.reporting.figures import palette
from dakit.reporting.report.cautions import cautions
from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.report.latent_numbers import latent_numbers
from dakit.reporting.report.markup import bullets, paragraph
from dakit.reporting.report.metric_tables import metric_tables
from dakit.reporting.report.what_was_run import what_was_run

NO_MATPLOTLIB = (
    "Figures need matplotlib, which is not installed: install dakit with its extra 'figures' "
    "(or matplotlib itself) and run `dakit report` again."
)


class PageFigure(Protocol):
    """A figure as the page needs it."""

    @property
    def name(self) -> str:
        """Its file name without suffix."""

    @property
    def caption(self) -> str:
        """What it shows."""

    def inline(self) -> str:
        """Return it as SVG."""


Figures = Mapping[str, Sequence[PageFigure]]


def render_page(facts: ReportFacts, figures: Figures | None) -> str:
    """Return the report as one HTML page; ``figures`` is None where they cannot be drawn."""
    warnings = cautions(facts)
    sections = "".join(
        f'<section id="s{number}"><h2>{number}. {escape(title)}</h2>{body}</section>'
        for number, (title, body) in enumerate(_sections(facts, figures, warnings), start=1)
    )
    template = Template(_resource("page.html.template"))
    return template.substitute(
        title=escape(("MOCK DATA: " if facts.mock else "") + facts.results["name"]),
        banner=_banner(facts, warnings),
        sections=sections,
        css=_resource("page.css"),
        light=palette.css_variables(dark=False),
        dark=palette.css_variables(dark=True),
    )


def _sections(
    facts: ReportFacts, figures: Figures | None, warnings: Sequence[str]
) -> Iterator[tuple[str, str]]:
    def pictures(name: str) -> str:
        return _pictures(name, facts, figures)

    yield "What was run", what_was_run(facts)
    yield "Metrics", metric_tables(facts)
    yield "Training", pictures("training")
    yield "ROC, precision-recall, reliability", pictures("curves")
    yield "Latent space", pictures("latent") + latent_numbers(facts.latent_by_title)
    yield "Grad-CAM", pictures("attention")
    yield "Most confident mistakes", pictures("mistakes")
    yield "Warnings", bullets(warnings, "warnings")


def _pictures(name: str, facts: ReportFacts, figures: Figures | None) -> str:
    why = facts.missing.get(name)
    explained = paragraph(why, "missing") if why else ""
    if figures is None:
        return explained + paragraph(NO_MATPLOTLIB, "missing")
    drawn = "".join(
        f'<figure id="{figure.name}">{figure.inline()}'
        f"<figcaption>{escape(figure.caption)}</figcaption></figure>"
        for figure in figures.get(name, ())
    )
    return (f'<div class="figures">{drawn}</div>' if drawn else "") + explained


def _banner(facts: ReportFacts, warnings: Sequence[str]) -> str:
    mock = '<span class="mock">MOCK DATA</span>' if facts.mock else ""
    count = "1 warning" if len(warnings) == 1 else f"{len(warnings)} warnings"
    title = escape(f"{facts.results['name']} ({facts.results['run_id']})")
    return f'<h1>{mock} {title}</h1><p><a href="#s8">{count}</a> a colleague would give</p>'


def _resource(name: str) -> str:
    return (files("dakit.reporting.report") / name).read_text(encoding="utf-8")
