"""Images that are broken, constant or otherwise odd, by id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import Domain
from dakit.data.mapping import chunks

BAD_VALUES = "NaN, infinity or beyond float32"
ZERO = "all zero"
CONSTANT = "all values equal"
CONSTANT_CHANNEL = "a channel is constant"
NEGATIVE = "negative where others are not"
OUTLIER = "brightest value far from that of others"
BROKEN = (BAD_VALUES, ZERO, CONSTANT)
"""An image with one of these shows nothing; the other kinds are worth a look."""

ROBUST_Z = 8.0
"""How far from the median, in units of 1.4826 MAD, the brightest value is an outlier."""
RARELY = 0.05
"""Negative values are odd where fewer than this share of the images have any."""

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Faults:
    """The rows of each kind of fault, in the order of the kinds; kinds without any are absent."""

    rows: dict[str, Rows] = field(default_factory=dict)

    @property
    def broken(self) -> Rows:
        """The rows of images that show nothing."""
        found = [self.rows[kind] for kind in BROKEN if kind in self.rows]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


@final
@dataclass(frozen=True)
class _Extremes:
    """Smallest and largest value ``(N, C)`` of each channel; NaN where one is not finite."""

    low: Floats
    high: Floats


def faults(domain: Domain) -> Faults:
    """Look for broken, constant and odd images in ``domain``, read once in pieces.

    Outliers are saturated or miscalibrated images: the logarithm of the brightest value of a
    channel (the value itself where any is not positive) differs from the median over the domain
    by more than 8 robust standard deviations. An image with a graver fault is not looked at for
    a lighter one.
    """
    extremes = _extremes(domain.inputs)
    found: dict[str, Rows] = {}
    taken = np.zeros(len(domain), bool)
    for kind, wrong in _kinds(extremes):
        rows = np.flatnonzero(wrong & ~taken)
        if len(rows):
            found[kind] = rows
            taken[rows] = True
    return Faults(found)


def _extremes(inputs: NDArray[Any]) -> _Extremes:
    channels = inputs.shape[1] if inputs.ndim > 2 else 1  # a vector is one channel of features
    low, high = np.empty((2, len(inputs), channels))
    for rows, chunk in chunks(inputs, np.arange(len(inputs))):
        values = chunk.reshape(len(chunk), channels, -1)
        low[rows], high[rows] = values.min(axis=2), values.max(axis=2)
    largest = np.finfo(np.float32).max
    bad = ~((high <= largest) & (low >= -largest))
    low[bad] = high[bad] = np.nan
    return _Extremes(low, high)


def _kinds(extremes: _Extremes) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    low, high = extremes.low, extremes.high
    bad = np.asarray(np.isnan(low).any(axis=1))
    same = low == high
    yield BAD_VALUES, bad
    yield ZERO, ((low == 0) & (high == 0)).all(axis=1)
    yield CONSTANT, same.all(axis=1)
    yield CONSTANT_CHANNEL, same.any(axis=1)
    negative = (low < 0).any(axis=1)
    rare = bool(negative.mean() < RARELY)
    yield NEGATIVE, np.logical_and(negative, rare)
    yield OUTLIER, _outlying(high, ~bad & ~same.any(axis=1))


def _outlying(high: Floats, sound: NDArray[np.bool_]) -> NDArray[np.bool_]:
    outlying = np.zeros(len(high), bool)
    if not sound.any():
        return outlying
    peaks = high[sound]
    logarithmic = (peaks > 0).all()
    values = np.log(peaks) if logarithmic else peaks
    middle = np.median(values, axis=0)
    spread = 1.4826 * np.median(np.abs(values - middle), axis=0)
    far = np.abs(values - middle) > ROBUST_Z * np.where(spread > 0, spread, np.inf)
    outlying[sound] = far.any(axis=1)
    return outlying
