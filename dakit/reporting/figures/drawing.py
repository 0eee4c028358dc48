"""A figure from its axes to PNG, PDF, SVG, and SVG that takes the colours of the page."""

from __future__ import annotations

import io
import re
import warnings
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, final

from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from dakit.errors import printable
from dakit.reporting import palette

WIDTH = 3.7
"""Inches: one column of the page, all of a phone."""

FULL = 8.4
"""Inches: the whole width of the page; a phone scrolls it."""

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
    "text.parse_math": False,
    "text.usetex": False,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
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
    png: bytes = b""
    pdf: bytes = b""
    svg: str = ""
    wide: bool = False
    """Whether it takes the whole width of the page."""
    as_image: bool = False
    """Whether its SVG is of another hand, and no part of the page itself."""

    def inline(self) -> str:
        """Return the SVG for a page: no fixed size, its colours those of the page."""
        if self.as_image or not self.svg:  # within an image no script runs
            kind, data = ("svg+xml", self.svg.encode()) if self.svg else ("png", self.png)
            return f'<img alt="" src="data:image/{kind};base64,{b64encode(data).decode()}">'
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
    """Draw in the style of the report; matplotlib's own settings come back after.

    A letter that the font lacks is drawn as a box, and no warning repeats it on the terminal.
    """
    with rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph ", UserWarning)
        yield


def canvas(
    height: float = 2.9, rows: int = 1, columns: int = 1, width: float = WIDTH, **options: Any
) -> Any:
    """Return a figure, by default of one column's width, and its axes."""
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(rows, columns, **options)


def finish(figure: Figure, name: str, caption: str) -> Drawing:
    """Return ``figure`` as PNG at 200 dots an inch, as PDF and as SVG, without a date.

    Every text in it is drawn as it is, what cannot be seen spelt out.
    """
    for text in figure.findobj(Text):
        assert isinstance(text, Text)  # findobj knows no types
        text.set_text(printable(text.get_text()))
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # the places found once hold for all three files
    png, pdf, svg = io.BytesIO(), io.BytesIO(), io.StringIO()
    figure.savefig(png, format="png", dpi=200, metadata={"Software": None})
    figure.savefig(pdf, format="pdf", metadata={"CreationDate": None})
    figure.savefig(svg, format="svg", transparent=True, metadata={"Date": None})
    wide = figure.get_figwidth() > WIDTH
    return Drawing(name, caption, png.getvalue(), pdf.getvalue(), svg.getvalue(), wide)


def legend_below(figure: Figure, handles: Sequence[Artist], columns: int) -> None:
    """Put a legend below, in as many of ``columns`` as the width holds; the figure grows by it.

    A label longer than a line is broken.
    """
    labels = ["\n".join(wrap(str(handle.get_label()), LONGEST_LINE)) for handle in handles]
    for fitting in range(columns, 0, -1):
        legend = figure.legend(
            handles=handles, labels=labels, loc="outside lower center", ncols=fitting
        )
        box = legend.get_window_extent()
        if fitting == 1 or box.width <= figure.bbox.width:
            figure.set_figheight(figure.get_figheight() + box.height / figure.dpi)
            return
        legend.remove()


def bare(axes: Axes, *, frame: bool = False) -> None:
    """Take ticks and grid away, for pictures, and the frame, or draw all of it faintly."""
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set(visible=frame, color=palette.LINE)


def short_id(text: str, longest: int) -> str:
    """Return at most ``longest`` characters of an id: those that a reader looks an object up by.

    Folders before it go first (``edge-on/5877...``); then what is farthest from the longest number,
    which is cut only where it has no room itself, and then at its beginning.

    >>> short_id("edge-on/587722981742084144", 20), short_id("SDSS-587722981742-turned-by-30", 20)
    ('587722981742084144', 'SDSS-587722981742-t…')
    """
    name = text if len(text) <= longest else text.rsplit("/", 1)[-1]
    if len(name) <= longest:
        return name
    spans = [number.span() for number in re.finditer(r"\d+", name)]
    begin, end = max(spans, key=lambda span: span[1] - span[0], default=(0, 0))
    if end < longest:
        return f"{name[: longest - 1]}…"
    if len(name) - begin < longest or end == len(name):
        return f"…{name[-(longest - 1) :]}"
    first = min(begin, len(name) - longest) if end - begin <= longest - 2 else end - longest + 2
    return f"…{name[first : first + longest - 2]}…"
