"""What kinds of galaxies a domain holds: sizes in pixels, light fractions, stages of mergers.

The numbers are chosen, not fitted: they make images that look like the domain's, with overlapping
classes (isolated galaxies have clumps and companions, old mergers have relaxed).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

Range = tuple[float, float]
"""Lower and upper end of a uniform draw, or of a log-uniform one where it says so."""

Colour = tuple[float, float, float]
"""Light in the three filters of stars with luminosity 1."""


@final
@dataclass(frozen=True)
class Population:
    """The galaxies of one domain and how they merge."""

    young: Colour
    old: Colour
    luminosity_scatter: float
    """Standard deviation of ln L."""
    radius: float
    """Median half-light radius of the discs."""
    radius_scatter: float
    """Standard deviation of ln R."""
    thickness: Range
    bulge_fraction: Range
    bulge_radius: Range
    """Over the radius of the disc."""
    bulge_index: Range
    halo_fraction: Range
    """Light of the diffuse stellar halo over that of the galaxy."""
    arm_fraction: Range
    clump_fraction: Range
    clump_size: Range
    """In pixels."""
    satellite_fraction: Range
    """Light of faint satellites and halo stars over that of the galaxy."""
    dust: Range
    """Face-on optical depth in the bluest filter."""
    companion_chance: float
    """Chance that an isolated galaxy has a companion near its line of sight."""
    future: float
    """Fraction of mergers before coalescence."""
    single_nucleus: float
    """Fraction of the others whose nuclei have become one."""
    approach: Range
    """Log-uniform distance of the galaxies before coalescence, over the larger disc radius."""
    nuclei: Range
    """Log-uniform distance of two nuclei about to coalesce, over the larger disc radius."""
    mass_ratio: Range
    """Log-uniform."""
    debris: Range
    """Fraction of the light in tails, bridges and shells."""
    starburst: Range
    """Light of the central starburst over that of the galaxy."""


ILLUSTRIS_Z2 = Population(
    young=(1.2, 0.9, 0.6),
    old=(0.2, 0.45, 1.6),
    luminosity_scatter=1.5,
    radius=5.0,
    radius_scatter=0.35,
    thickness=(0.15, 0.35),
    bulge_fraction=(0.2, 0.8),
    bulge_radius=(0.04, 0.12),
    bulge_index=(1.0, 2.0),
    halo_fraction=(0.1, 0.3),
    arm_fraction=(0.0, 0.3),
    clump_fraction=(0.1, 0.5),
    clump_size=(0.45, 0.9),
    satellite_fraction=(0.05, 0.3),
    dust=(0.0, 0.0),
    companion_chance=0.25,
    future=0.26,
    single_nucleus=0.35,
    approach=(1.0, 5.0),
    nuclei=(0.5, 1.8),
    mass_ratio=(0.33, 1.0),
    debris=(0.05, 0.35),
    starburst=(0.1, 0.5),
)

ILLUSTRIS_Z0 = Population(
    young=(1.0, 0.9, 0.75),
    old=(0.55, 0.95, 1.2),
    luminosity_scatter=0.4,
    radius=8.0,
    radius_scatter=0.35,
    thickness=(0.1, 0.3),
    bulge_fraction=(0.05, 0.45),
    bulge_radius=(0.2, 0.45),
    bulge_index=(1.5, 3.0),
    halo_fraction=(0.0, 0.15),
    arm_fraction=(0.0, 0.4),
    clump_fraction=(0.02, 0.25),
    clump_size=(0.6, 1.4),
    satellite_fraction=(0.02, 0.15),
    dust=(0.1, 0.9),
    companion_chance=0.25,
    future=0.3,
    single_nucleus=0.4,
    approach=(1.0, 4.0),
    nuclei=(0.5, 1.5),
    mass_ratio=(0.2, 1.0),
    debris=(0.08, 0.4),
    starburst=(0.0, 0.15),
)

SDSS = Population(
    young=(1.15, 0.9, 0.75),
    old=(0.4, 0.95, 1.4),
    luminosity_scatter=0.5,
    radius=7.0,
    radius_scatter=0.3,
    thickness=(0.1, 0.3),
    bulge_fraction=(0.15, 0.75),
    bulge_radius=(0.12, 0.35),
    bulge_index=(1.5, 4.0),
    halo_fraction=(0.0, 0.15),
    arm_fraction=(0.0, 0.45),
    clump_fraction=(0.0, 0.15),
    clump_size=(0.8, 1.6),
    satellite_fraction=(0.0, 0.03),
    dust=(0.1, 0.8),
    companion_chance=0.1,
    future=0.75,
    single_nucleus=0.15,
    approach=(1.2, 3.2),
    nuclei=(0.6, 1.3),
    mass_ratio=(0.35, 1.0),
    debris=(0.05, 0.25),
    starburst=(0.0, 0.2),
)
