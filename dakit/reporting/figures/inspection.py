"""All figures of an inspection, by section; histograms of pixel values are made here."""

from __future__ import annotations

import math
from typing import final

from matplotlib.ticker import LogFormatter

from dakit.inspecting.flux import FluxHistograms
from dakit.reporting import palette
from dakit.reporting.figures.drawing import Drawing, canvas, finish, style
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


DASHES = {"source": "--", "target": "-"}
MOST_CHANNELS = 6
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@final
class PowersOfTen(LogFormatter):  # type: ignore[misc]  # matplotlib is an extra: no types
    """Ticks as ``10⁻³`` in plain text: a figure's texts are no mathematics."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the text of one tick."""
        factor, e, exponent = str(super().__call__(abs(x), pos)).partition("e")
        power = f"10{str(int(exponent.replace('−', '-'))).translate(RAISED)}" if e else ""
        digits = power if e and factor == "1" else " × ".join(filter(None, (factor, power)))
        return f"-{digits}" if x < 0 and digits else digits


def draw_flux(flux: FluxHistograms, when: str, mock: str) -> Drawing:
    """Draw the shares of pixels per bin ``when``: before or after normalisation."""
    channels = len(next(iter(flux.shares.values())))
    panels = min(channels, MOST_CHANNELS)
    threshold = 10.0 ** math.ceil(math.log10(2 * flux.softening))  # a tick, so that none crowd 0
    figure, axes = canvas(0.9 + 1.25 * panels, panels, sharex=True, squeeze=False)
    for channel, place in enumerate(axes[:, 0]):
        for role, shares in flux.shares.items():
            place.stairs(
                shares[channel],
                flux.edges,
                color=palette.NAVY if role == "source" else palette.PINK,
                linestyle=DASHES[role],
                linewidth=1.3,
                label=f"{role}, n = {flux.images[role]:,} images",
            )
        place.set_xscale("symlog", linthresh=threshold)
        place.set_yscale("log")
        for axis in (place.xaxis, place.yaxis):
            axis.set_major_formatter(PowersOfTen(linthresh=threshold))
            axis.set_minor_formatter(PowersOfTen(linthresh=threshold, labelOnlyBase=False))
        place.set_title(f"channel {channel}")
        place.set_ylabel("share of pixels")
    handles, _ = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles=handles, loc="outside upper right", ncols=2)
    unit = "pixel value as stored" if when == "before" else "pixel value as the network sees it"
    axes[-1, 0].set_xlabel(unit)
    hidden = f" The first {panels} of {channels} channels." if panels < channels else ""
    caption = (
        f"{mock}Pixel values {when} normalisation, share of pixels in each of "
        f"{len(flux.edges) - 1} bins, of images drawn by lot; the axis is linear about 0 and "
        f"logarithmic beyond.{hidden}"
    )
    return finish(figure, f"flux_{when}", caption)
