"""The frame of a page: sections in their order, figures inlined, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Protocol

from dakit.errors import install_extra
from dakit.files.writing import make_folder, write_bytes, write_text
from dakit.reporting import palette
from dakit.reporting.page.markup import escaped, paragraph

_FULL = ' class="full"'
_WHOLE = ' class="whole"'

UNBROKEN = {"Metrics", "Warnings"}
"""Sections that stand on one printed page, where it holds them."""


class PageFigure(Protocol):
    """A figure as the page needs it."""

    @property
    def name(self) -> str:
        """Its file name without suffix."""

    @property
    def caption(self) -> str:
        """What it shows."""

    @property
    def png(self) -> bytes:
        """Its PNG file."""

    @property
    def pdf(self) -> bytes:
        """Its PDF file."""

    @property
    def svg(self) -> str:
        """Its SVG file."""

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width."""

    def inline(self) -> str:
        """Return it as SVG that takes the colours of the page."""


def without_matplotlib(command: str) -> str:
    """Return what to do to get the figures of ``command``."""
    return (
        f"Figures need matplotlib, which is not installed: {install_extra('figures')} "
        f"and run `{command}` again."
    )


def framed(title: str, banner: str, sections: Iterable[tuple[str, str]]) -> str:
    """Return a whole page: ``banner`` is HTML, ``sections`` are titles and HTML, ids s1, s2 ..."""
    body = "".join(
        f'<section id="s{number}"{_WHOLE if heading in UNBROKEN else ""}>'
        f"<h2>{number}. {escaped(heading)}</h2>{content}</section>"
        for number, (heading, content) in enumerate(sections, start=1)
    )
    return Template(_resource("page.html.template")).substitute(
        title=escaped(title),
        banner=banner,
        sections=body,
        css=_resource("page.css"),
        light=palette.css_variables(dark=False),
        dark=palette.css_variables(dark=True),
    )


def pictures(drawn: Iterable[PageFigure], missing: str | None = None) -> str:
    """Return figures with their captions, and below them why some are ``missing``."""
    shown = "".join(
        f'<figure id="{figure.name}"{_FULL if figure.wide else ""}>'
        f"<div>{figure.inline()}</div><figcaption>{escaped(figure.caption)}</figcaption></figure>"
        for figure in drawn
    )
    explained = paragraph(missing, "missing") if missing else ""
    return (f'<div class="figures">{shown}</div>' if shown else "") + explained


def write_figures(folder: Path, drawn: Iterable[PageFigure]) -> None:
    """Write each figure to ``folder`` as PNG, PDF and SVG. Raises InputError, RunError."""
    make_folder(folder)
    for figure in drawn:
        write_bytes(folder / f"{figure.name}.png", figure.png)
        write_bytes(folder / f"{figure.name}.pdf", figure.pdf)
        write_text(folder / f"{figure.name}.svg", figure.svg)


def _resource(name: str) -> str:
    return (files("dakit.reporting.page") / name).read_text(encoding="utf-8")
