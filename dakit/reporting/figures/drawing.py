"""A figure from its axes to PNG, PDF, SVG, and SVG that takes the colours of the page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dakit.reporting.figures import palette

WIDTH = 3.7
"""Inches: one column of the page, all of a phone."""

LONGEST_LINE = 40
"""Characters of a label that one column's width holds."""

STYLE: dict[str, Any] = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": palette.MUTED,
    "axes.labelcolor": palette.INK,
    "text.color": palette.INK,
    "xtick.color": palette.MUTED,
    "ytick.color": palette.MUTED,
    "xtick.labelcolor": palette.INK,
    "ytick.labelcolor": palette.INK,
    "axes.grid": True,
    "grid.color": palette.LINE,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "dakit",
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
}


@final
@dataclass(frozen=True)
class Drawing:
    """A finished figure: file name without suffix, what it shows, and its three files."""

    name: str
    caption: str
    png: bytes
    pdf: bytes
    svg: str

    def inline(self) -> str:
        """Return the SVG for a page: no fixed size, its colours those of the page."""
        svg = self.svg[self.svg.index("<svg") :]
        head, _, rest = svg.partition(">")
        head = re.sub(r' (width|height)="[^"]*"', "", head)
        rest = re.sub(r"<metadata>.*?</metadata>", "", rest, flags=re.S)
        rest = re.sub(r'<g id="[^"]*"', "<g", rest)  # a page holds many figures: ids would clash
        rest = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", rest)
        for colour in palette.IN_THE_DARK:
            rest = rest.replace(colour, f"var({palette.variable(colour)})")
        return f"{head}>{rest}"


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the report; matplotlib's own settings come back after."""
    with rc_context(STYLE):
        yield


def canvas(height: float = 2.9, rows: int = 1, columns: int = 1, **options: Any) -> Any:
    """Return a figure of one column's width and its axes."""
    figure = Figure(figsize=(WIDTH, height))
    return figure, figure.subplots(rows, columns, **options)


def finish(figure: Figure, name: str, caption: str) -> Drawing:
    """Return ``figure`` as PNG at 200 dots an inch, as PDF and as SVG, without a date."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # the places found once hold for all three files
    png, pdf, svg = io.BytesIO(), io.BytesIO(), io.StringIO()
    figure.savefig(png, format="png", dpi=200, metadata={"Software": None})
    figure.savefig(pdf, format="pdf", metadata={"CreationDate": None})
    figure.savefig(svg, format="svg", transparent=True, metadata={"Date": None})
    return Drawing(name, caption, png.getvalue(), pdf.getvalue(), svg.getvalue())


def legend_below(figure: Figure, handles: Sequence[Line2D], columns: int) -> int:
    """Put a legend below in as many of ``columns`` as the width holds; return how many.

    A label longer than a line is broken.
    """
    labels = ["\n".join(wrap(str(handle.get_label()), LONGEST_LINE)) for handle in handles]
    for fitting in range(columns, 0, -1):
        legend = figure.legend(
            handles=handles, labels=labels, loc="outside lower center", ncols=fitting
        )
        if fitting == 1 or legend.get_window_extent().width <= figure.bbox.width:
            return fitting
        legend.remove()
    raise ValueError("a legend has at least one column")


def bare(axes: Axes) -> None:
    """Take ticks, frame and grid away, for pictures."""
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
