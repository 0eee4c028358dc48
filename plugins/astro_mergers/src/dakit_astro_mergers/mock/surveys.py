"""How a domain's images are taken: point spread, flux scale, sky, noise, stretch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

Triple = tuple[float, float, float]


@final
@dataclass(frozen=True)
class Survey:
    """One telescope and its pipeline; triples hold one number per filter."""

    psf_core: Triple
    """Standard deviation of the Gaussian core of the point spread, in pixels."""
    psf_wing: float
    """Standard deviation of its Gaussian wing."""
    wing_light: float
    """Fraction of the light in the wing."""
    gain: Triple
    """Image units for one unit of light."""
    sky_noise: Triple
    """Standard deviation of the sky noise of one pixel, in image units before any stretch."""
    noise_smoothing: float
    """Standard deviation, in pixels, of the smoothing that resampling did to the noise."""
    stars: float
    """Mean number of foreground stars in a frame."""
    neighbours: float
    """Mean number of small background galaxies in a frame."""
    stretch: float | None
    """Softening of the asinh colour composite of Lupton et al. 2004 (0-255); None: linear."""


HST_PRISTINE = Survey(
    psf_core=(0.45, 0.45, 0.6),
    psf_wing=2.5,
    wing_light=0.1,
    gain=(58.0, 53.0, 67.0),
    sky_noise=(0.0, 0.0, 0.0),
    noise_smoothing=0.0,
    stars=0.0,
    neighbours=0.0,
    stretch=None,
)

HST_NOISY = replace(HST_PRISTINE, sky_noise=(0.42, 0.54, 0.42))

SDSS_SIMULATED = Survey(
    psf_core=(1.5, 1.4, 1.35),
    psf_wing=3.0,
    wing_light=0.1,
    gain=(2300.0, 2000.0, 1800.0),
    sky_noise=(0.1, 0.1, 0.1),
    noise_smoothing=0.0,
    stars=0.0,
    neighbours=0.0,
    stretch=None,
)

SDSS_CUTOUTS = Survey(
    psf_core=(1.7, 1.8, 1.9),
    psf_wing=4.5,
    wing_light=0.12,
    gain=(125.0, 160.0, 158.0),
    sky_noise=(0.008, 0.006, 0.008),
    noise_smoothing=0.9,
    stars=0.4,
    neighbours=0.6,
    stretch=0.12,
)
