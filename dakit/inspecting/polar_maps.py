"""Images as rings, where a turn and a zoom are shifts, and how alike two are at their best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from dakit.data.mapping import chunks

ANGLES = 48
MODES = 9
"""Angular waves 0-8 are kept: the finer ones of galaxies are mostly noise."""
STEP = 0.06
"""Of the logarithm of the radius, between rings."""
INNERMOST, OUTERMOST = 0.04, 0.5
"""Radii in units of half the image: farther out there is sky, and there are other objects."""
SMALLEST = 24
"""Images with fewer pixels on a side have too few rings to tell copies from look-alikes."""
SOFTENING = 1 / 3
"""Where asinh turns from linear to logarithmic, in units of the image's bright pixels."""
BRIGHT = 98
"""The percentile of an image that counts as bright."""
CLIP = 2.0
"""Standard deviations of a ring: a star in one of two copies must not outweigh the galaxy."""
CHUNK_BYTES = 8 << 20

Floats = NDArray[np.float32]
Spectra = NDArray[np.complex64]


@final
@dataclass(frozen=True)
class PolarGrid:
    """``matrix (R * ANGLES, H * W)`` that averages pixels around each point of R rings."""

    matrix: sparse.csr_matrix
    rings: int

    @classmethod
    def of(cls, height: int, width: int) -> PolarGrid:
        """Return the grid about the centre of images ``(height, width)``, R = 43 rings.

        The centre is that of the frame: copies are turned and zoomed about it, and a flux
        centroid would follow the neighbours that happen to be in the frame. Points are Gaussian
        averages as wide as their distance to the next.
        """
        half = (min(height, width) - 1) / 2
        rings = int(np.log(OUTERMOST / INNERMOST) / STEP) + 1
        radii = half * OUTERMOST * np.exp(-STEP * np.arange(rings)[::-1])
        angles = 2 * np.pi * np.arange(ANGLES) / ANGLES
        radius, angle = (values.ravel() for values in np.meshgrid(radii, angles, indexing="ij"))
        y = (height - 1) / 2 + radius * np.sin(angle)
        x = (width - 1) / 2 + radius * np.cos(angle)
        sigma = np.maximum(0.7, radius * np.pi / ANGLES)
        rows = [_weights(*point, height, width) for point in zip(y, x, sigma, strict=True)]
        return cls(sparse.vstack(rows, format="csr").astype(np.float32), rings)

    def __call__(self, images: Floats) -> Floats:
        """Return the maps ``(n, C, R, ANGLES)`` of images ``(n, C, H, W)``."""
        n, channels = images.shape[:2]
        flat = images.reshape(n * channels, -1)
        maps: Floats = (self.matrix @ flat.T).T
        return maps.reshape(n, channels, self.rings, ANGLES)


def ring_spectra(inputs: NDArray[Any], rows: NDArray[np.int64]) -> Spectra:
    """Return ``(n, C, R, MODES)``: how each of the given images departs from the mean one.

    Each image is stretched by asinh, in units of its own bright pixels above its own sky, and
    mapped to rings. The mean of all images is subtracted ring by ring, the rest divided by its
    standard deviation, clipped, and Fourier transformed along the rings. Without that, any two
    galaxies look alike, for both are bright in the middle. Each wave is then divided by the
    square root of its root mean square: rare fine structure tells galaxies apart better than
    common coarse shapes, but a full whitening would lift the noise as well. ``inputs
    (N, C, H, W)`` are read twice, a bounded number of images at a time; they must be finite there.
    """
    if not len(rows):
        return np.zeros((0, 1, 1, MODES), np.complex64)
    grid = PolarGrid.of(*inputs.shape[2:])
    mean, deviation = _ring_statistics(_maps(inputs, rows, grid))
    spectra = np.empty((len(rows), *mean.shape[:2], MODES), np.complex64)
    done = 0
    for maps in _maps(inputs, rows, grid):
        departure = np.clip((maps - mean) / deviation, -CLIP, CLIP)
        spectra[done : done + len(maps)] = np.fft.rfft(departure)[..., :MODES] / ANGLES
        done += len(maps)
    rms = np.sqrt(sum(np.square(np.abs(one)) for one in spectra) / len(rows))
    spectra /= np.sqrt(np.where(rms > 0, rms, 1))
    return spectra


def _maps(inputs: NDArray[Any], rows: NDArray[np.int64], grid: PolarGrid) -> Iterator[Floats]:
    for _, chunk in chunks(inputs, rows, chunk_bytes=CHUNK_BYTES):
        yield grid(_stretched(chunk))


def _stretched(images: NDArray[Any]) -> Floats:
    values = images.astype(np.float32)
    values -= np.median(values, axis=(2, 3), keepdims=True)
    bright = np.percentile(values.mean(axis=1), BRIGHT, axis=(1, 2))
    scale = np.where(bright > 0, bright, 1.0)[:, None, None, None] * SOFTENING
    stretched: Floats = np.arcsinh(values / scale.astype(np.float32))
    return stretched


def _ring_statistics(maps: Iterator[Floats]) -> tuple[Floats, Floats]:
    """Return mean and standard deviation ``(C, R, 1)`` over images and angles."""
    count, total, squares = 0, np.zeros(1), np.zeros(1)
    for piece in maps:
        count += len(piece)
        total = total + piece.mean(axis=-1, dtype=np.float64).sum(axis=0)
        squares = squares + np.square(piece, dtype=np.float64).mean(axis=-1).sum(axis=0)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0))
    deviation = np.where(deviation > 0, deviation, 1.0)
    return mean.astype(np.float32)[..., None], deviation.astype(np.float32)[..., None]


def _weights(y: float, x: float, sigma: float, height: int, width: int) -> sparse.csr_matrix:
    """Return one row ``(1, H * W)``: Gaussian weights around a point, of sum 1."""
    reach = 3 * sigma
    ys = np.arange(max(0, int(y - reach)), min(height, int(y + reach) + 2))
    xs = np.arange(max(0, int(x - reach)), min(width, int(x + reach) + 2))
    weights = np.exp(-0.5 * ((ys[:, None] - y) ** 2 + (xs - x) ** 2) / sigma**2).ravel()
    columns = (ys[:, None] * width + xs).ravel()
    shape = (1, height * width)
    return sparse.csr_matrix((weights / weights.sum(), (np.zeros_like(columns), columns)), shape)


ZOOM_STEPS = 4
"""Zooms from exp(-4 * 0.06) = 0.79 to 1.27: two images zoomed by 0.9 and 1.1, and a little more."""
PAIRS_AT_ONCE = 2048


def similarities(spectra: Spectra, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the similarity ``(P,)`` of ``pairs (P, 2)`` of rows of ``spectra (n, C, R, M)``.

    With the departures a and b of both images from the mean image, over channels, rings and
    angles: the largest ``2 <a, Tb> / (<a, a> + <Tb, Tb>)`` over turns, flips and zooms T. 1 for
    copies, 0 for images that have nothing in common; unlike a correlation it is small too where
    one departs in the same direction as the other but farther. All turns at once by the
    correlation theorem: with the spectra A and B along the angle, ``<a, Tb>`` for every turn is
    the inverse transform of ``A conj(B)``, for the flipped ones of ``A B``.
    """
    pieces = range(0, len(pairs), PAIRS_AT_ONCE)
    found = [_of_piece(spectra, pairs[start : start + PAIRS_AT_ONCE]) for start in pieces]
    return np.concatenate(found) if found else np.zeros(0)


def _of_piece(spectra: Spectra, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    first, second = spectra[pairs[:, 0]], spectra[pairs[:, 1]]
    best = np.full(len(pairs), -1.0)
    for steps in range(-ZOOM_STEPS, ZOOM_STEPS + 1):
        a, b = _overlap(first, second, steps)
        norms = _norm(a) + _norm(b)
        for mirrored in (b.conj(), b):
            best = np.maximum(best, 2 * _best_turn(a, mirrored) / np.where(norms > 0, norms, 1))
    return best


def _overlap(a: Spectra, b: Spectra, steps: int) -> tuple[Spectra, Spectra]:
    """Return the rings that both have when ``b`` is zoomed by so many steps."""
    rings = a.shape[2]
    low, high = max(0, steps), min(rings, rings + steps)
    return a[:, :, low:high], b[:, :, low - steps : high - steps]


def _best_turn(a: Spectra, b: Spectra) -> NDArray[np.float64]:
    products = np.einsum("pcrm,pcrm->pm", a, b)
    best: NDArray[np.float64] = np.fft.irfft(products, n=ANGLES).max(axis=1) * ANGLES
    return best


def _norm(spectrum: Spectra) -> NDArray[np.float64]:
    """Return the mean square along the angle, summed over channels and rings (Parseval)."""
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    total: NDArray[np.float64] = 2 * power.sum(axis=(1, 2, 3)) - power[..., 0].sum(axis=(1, 2))
    return total
