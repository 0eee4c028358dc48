"""What all pages share: one file, light and dark, for screen, phone and print, nothing loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from dakit.errors import install_extra
from dakit.files.writing import make_folder, write_bytes
from dakit.reporting import palette
from dakit.runs.html import rendered

if TYPE_CHECKING:
    from dakit.reporting.figures.drawing import Drawing  # needs matplotlib, an extra


Figures: TypeAlias = "Mapping[str, Sequence[Drawing]]"
"""By the name of their place on the page."""


def filled(template: str, figures: Figures | None, **data: Any) -> str:
    """Return a page; ``figures`` is None where they cannot be drawn."""
    variables = {name: palette.css_variables(dark=name == "dark") for name in ("light", "dark")}
    return rendered(template, "dakit.reporting", figures=figures, **variables, **data)


def without_matplotlib(command: str) -> str:
    """Return what to do to get the figures of ``command``."""
    return (
        f"Figures need matplotlib, which is not installed: {install_extra('figures')} "
        f"and run `{command}` again."
    )


def write_figures(folder: Path, figures: Figures) -> None:
    """Write each figure to ``folder`` as PNG, PDF and SVG. Raises InputError, RunError."""
    make_folder(folder)
    for figure in (figure for drawn in figures.values() for figure in drawn):
        files = {"png": figure.png, "pdf": figure.pdf, "svg": figure.svg.encode()}
        for ending, data in files.items():
            if data:  # of a figure of a plugin there may be one file alone
                write_bytes(folder / f"{figure.name}.{ending}", data)
