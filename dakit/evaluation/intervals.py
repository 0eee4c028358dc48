"""Percentile bootstrap intervals, resampling whole groups where rows belong together.

And what stands in their place where no resample can differ from another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.randomness import generator

Floats = NDArray[np.float64]
Interval = tuple[float, float]

_CHUNK = 2_000_000
"""Weights held at once (16 MB), so that memory does not grow with the number of resamples."""

_ROUNDING = 1e-12
BLOCKS = 5_000
"""At most so many units are drawn from where there are very many rows."""


def bootstrap_intervals(
    statistics: Callable[[Floats], Mapping[str, Floats]],
    rows: int,
    *,
    groups: NDArray[Any] | None,
    resamples: int,
    confidence: float,
    seed: int,
) -> dict[str, Interval | None]:
    """Return the percentile interval of each statistic (Efron & Tibshirani 1993, section 13.3).

    ``statistics`` maps weights ``(R, N)``, the number of times each row was drawn in each of R
    resamples, to arrays ``(R,)``. With ``groups (N,)`` whole groups are drawn, since images of
    one object are not independent (cluster bootstrap, Field & Welsh 2007).

    Resamples in which a statistic is undefined (NaN) are left out of its interval. An interval
    is None where no resample is left or where there are fewer than two groups to draw from.
    """
    units = np.arange(rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    count = int(units.max(initial=-1)) + 1
    if count < 2 or resamples == 0:
        return {}
    parts = [statistics(w[:, units]) for w in _draws(count, resamples, rows, seed)]
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    return {
        name: _percentiles(np.concatenate([part[name] for part in parts]), tails)
        for name in parts[0]
    }


def why_none(rows: int, groups: NDArray[Any] | None) -> str | None:
    """Return why a set has no interval at all: it has one unit; None where it has more, or none."""
    if rows == 0 or (rows if groups is None else len(np.unique(groups))) > 1:
        return None
    shown = "it is a single image" if rows == 1 else f"its {rows:,} images show a single object"
    return f"{shown}, so nothing is known of how others would differ"


def pooled_units(rows: int, groups: NDArray[Any] | None, seed: int) -> NDArray[np.int64]:
    """Return for each row the number of its unit, at most :data:`BLOCKS` in all.

    Units are groups, or rows where no group is known. Where there are more, they are joined by lot
    into blocks of equal numbers of units: the variance of a mean over n blocks of m units each is
    that over the ``n m`` units, ``s^2 / (n m)``, and is itself estimated to ``sqrt(2 / n)``, so
    that an interval is right to 1 % of its width.
    """
    units = np.arange(rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    count = int(units.max(initial=-1)) + 1
    if count <= BLOCKS:
        return units.astype(np.int64)
    block = generator(seed, "bootstrap blocks").permutation(count) % BLOCKS
    return np.asarray(block[units], np.int64)


def unseen_share(units: Floats, confidence: float) -> Floats:
    """Return the share of all units that may be unlike any of the ``units`` that were tested.

    ``w = z^2 / (n + z^2)``, the upper bound of the score interval (Wilson 1927) on 0 of n, with
    ``z`` the normal quantile of ``(1 + confidence) / 2``; 1 where nothing was tested.
    """
    square = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    share: Floats = square / (units + square)
    return share


def with_width(
    interval: Interval | None, value: float, unseen: float, lowest: float, highest: float
) -> Interval | None:
    """Return ``interval``, or where it has no width the one that ``unseen`` units may make.

    Where all n units tested agree, every resample does, and the bootstrap knows no uncertainty.
    Yet a share w of all units (:func:`unseen_share`) may be unlike them, with values down to
    ``lowest`` or up to ``highest``: ``[v - w (v - lowest), v + w (highest - v)]``. Of n right ones
    in n this is Wilson's interval ``[n / (n + z^2), 1]``, and of a paired difference in which no
    unit differs it is Tango's (1998, Stat. Med. 17, 891), ``±z^2 / (n + z^2)``.
    """
    if interval is None or interval[1] - interval[0] > _ROUNDING:
        return interval
    return value - unseen * (value - lowest), value + unseen * (highest - value)


def _draws(units: int, resamples: int, rows: int, seed: int) -> Iterator[Floats]:
    """Yield weights ``(r, units)``, in chunks of r, each row the counts of one resample."""
    random = generator(seed, "bootstrap")
    chunk = max(1, _CHUNK // rows)
    for begin in range(0, resamples, chunk):
        size = min(chunk, resamples - begin)
        drawn = random.integers(0, units, size=(size, units))
        drawn += np.arange(size)[:, None] * units
        counts = np.bincount(drawn.ravel(), minlength=size * units)
        yield counts.reshape(size, units).astype(np.float64)


def _percentiles(values: Floats, tails: list[float]) -> Interval | None:
    defined = values[np.isfinite(values)]
    if len(defined) == 0:
        return None
    low, high = np.quantile(defined, tails)
    return float(low), float(high)
