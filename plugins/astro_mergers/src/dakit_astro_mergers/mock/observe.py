"""What telescope and sky do to an image: point spread, foreground, noise, stretch."""

from __future__ import annotations

import numpy as np

from dakit_astro_mergers.mock.blobs import blob_images
from dakit_astro_mergers.mock.draws import Rng, log_uniform, normal, uniform
from dakit_astro_mergers.mock.populations import Range
from dakit_astro_mergers.mock.render import PIXELS
from dakit_astro_mergers.mock.scene import FILTERS, Floats
from dakit_astro_mergers.mock.surveys import Survey

MOST_INTRUDERS = 8
INTRUDER_LIGHT: Range = (0.01, 0.2)
"""Log-uniform; the typical galaxy has 1."""
POINT: Range = (0.4, 0.41)
SMALL: Range = (1.0, 2.5)
FRAME: Range = (-PIXELS / 2, PIXELS / 2)
LUPTON_Q = 8.0
WHITE = 255.0


def expose(light: Floats, survey: Survey) -> Floats:
    """Blur images ``(B, 3, 75, 75)`` by the point spread and bring them to image units."""
    blurred = np.empty_like(light)
    wing = smoothing_matrix(survey.psf_wing)
    for band in range(FILTERS):
        core = smoothing_matrix(survey.psf_core[band])
        share = np.float32(survey.wing_light)
        blurred[:, band] = (1 - share) * _smooth(light[:, band], core)
        blurred[:, band] += share * _smooth(light[:, band], wing)
        blurred[:, band] *= np.float32(survey.gain[band])
    return blurred


def add_intruders(rng: Rng, light: Floats, survey: Survey) -> Floats:
    """Add foreground stars (points) and small background galaxies to images of light."""
    if not survey.stars and not survey.neighbours:
        return light
    stars = _intruders(rng, len(light), survey.stars, POINT)
    return light + stars + _intruders(rng, len(light), survey.neighbours, SMALL)


def add_noise(rng: Rng, images: Floats, survey: Survey) -> Floats:
    """Add sky noise; the sky itself is taken as subtracted."""
    if not any(survey.sky_noise):
        return images
    noise = normal(rng, *images.shape)
    if survey.noise_smoothing:
        matrix = smoothing_matrix(survey.noise_smoothing)
        noise = _smooth(noise, matrix)
        noise /= np.square(matrix[PIXELS // 2]).sum()  # back to unit variance
    noise *= np.asarray(survey.sky_noise, np.float32)[:, None, None]
    return images + noise


def stretch(images: Floats, softening: float | None) -> Floats:
    """Return the colour composite of Lupton et al. 2004 in 0-255, or ``images`` for None.

    Red, green and blue are the filters from red to blue, so the order of the filters turns round.
    With I the mean of the filters, every filter is multiplied by asinh(Q I / s) / (Q I), Q = 8,
    clipped at 1 (kept in colour: all filters divided by the largest) and scaled to 255.
    """
    if softening is None:
        return images
    mean = np.maximum(images.mean(axis=1, keepdims=True), 1e-6)
    q = np.float32(LUPTON_Q)
    colour = images * (np.arcsinh(q * mean / np.float32(softening)) / (q * mean))
    colour /= np.maximum(colour.max(axis=1, keepdims=True), 1.0)
    composite: Floats = np.round(np.clip(colour[:, ::-1], 0, 1) * np.float32(WHITE))
    return composite


def smoothing_matrix(sigma: float) -> Floats:
    """Return the matrix ``(75, 75)`` that smooths one axis by a Gaussian of sd ``sigma``."""
    grid = np.arange(PIXELS)
    matrix = np.exp(-0.5 * ((grid[:, None] - grid[None, :]) / sigma) ** 2)
    reach = np.arange(-4 * PIXELS, 4 * PIXELS + 1)
    total = np.exp(-0.5 * (reach / sigma) ** 2).sum()
    return np.asarray(matrix / total, dtype=np.float32)


def _smooth(images: Floats, matrix: Floats) -> Floats:
    smooth: Floats = np.matmul(np.matmul(matrix, images), matrix)
    return smooth


def _intruders(rng: Rng, count: int, mean: float, size: Range) -> Floats:
    shape = (count, MOST_INTRUDERS)
    present = np.arange(MOST_INTRUDERS) < rng.poisson(mean, (count, 1))
    flux = log_uniform(rng, INTRUDER_LIGHT, shape) * present
    colour = np.exp(np.linspace(-0.6, 0.6, FILTERS) * normal(rng, *shape)[..., None])
    x, y = uniform(rng, FRAME, shape), uniform(rng, FRAME, shape)
    light = (flux[..., None] * colour).astype(np.float32)
    return blob_images(x, y, uniform(rng, size, shape), light, PIXELS)
