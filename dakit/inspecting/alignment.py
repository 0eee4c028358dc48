"""How alike two images are once one is turned, flipped and zoomed to fit the other best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dakit.inspecting.polar_maps import ANGLES, Spectra

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
