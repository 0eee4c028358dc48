"""Statistics per channel of arrays that are larger than the memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import Domain
from dakit.data.mapping import CHUNK_BYTES, chunks
from dakit.randomness import generator

Rows = tuple[Domain, NDArray[np.int64]]
"""A domain and the rows of it that count."""

Floats = NDArray[np.float64]

PERCENTILE_VALUES = 16 << 20
"""Percentiles come from at most about so many values, of rows drawn once."""

CONSTANT = 1e-7
"""A channel that varies less than this, relative to its mean, is constant in float32."""


def moments(
    parts: Sequence[Rows], stretch: Callable[[Floats], Floats] = lambda x: x
) -> tuple[Floats, Floats]:
    """Return the mean ``(C,)`` and standard deviation ``(C,)`` of the stretched values.

    Two passes within a chunk; chunks are merged as in Chan, Golub & LeVeque (1979), eq. 2.1:
    ``S = S_a + S_b + (m_b - m_a)^2 n_a n_b / (n_a + n_b)``. The deviation of a constant channel
    is given as 1.
    """
    count, mean, squares = 0, np.zeros(1), np.zeros(1)
    for chunk in _values(parts):
        values = stretch(chunk)
        n = values.shape[0] * values.shape[2]
        chunk_mean = values.mean(axis=(0, 2))
        centred = values - chunk_mean[:, None]
        difference = chunk_mean - mean
        between = difference**2 * (count * n / (count + n))
        squares = squares + np.einsum("ncv,ncv->c", centred, centred) + between
        mean = mean + difference * (n / (count + n))
        count += n
    deviation = np.sqrt(squares / count)
    return mean, np.where(deviation > CONSTANT * np.abs(mean), deviation, 1.0)


def percentiles(parts: Sequence[Rows], low: float, high: float) -> tuple[Floats, Floats]:
    """Return the two percentiles ``(C,)``, exact on a fixed random subsample of the rows."""
    sample = np.concatenate([chunk.astype(np.float32) for chunk in _values(_subsample(parts))])
    by_channel = np.moveaxis(sample, 1, 0).reshape(sample.shape[1], -1)
    columns = [np.percentile(values, (low, high)) for values in by_channel]
    lows, highs = np.asarray(columns, dtype=np.float64).T
    return lows, highs


def sign_log(x: Floats) -> Floats:
    """Return sign(x) log(1 + |x|)."""
    stretched: Floats = np.copysign(np.log1p(np.abs(x)), x)
    return stretched


def _subsample(parts: Sequence[Rows]) -> list[Rows]:
    """Return rows in proportion to what each domain has, the same ones for any seed."""
    total = sum(len(rows) for _, rows in parts)
    affordable = max(2, PERCENTILE_VALUES // max(1, math.prod(parts[0][0].input_shape)))
    share = min(1.0, affordable / total)
    rng = generator(0, "percentiles")
    return [
        (domain, np.sort(rng.choice(rows, max(1, round(share * len(rows))), replace=False)))
        for domain, rows in parts
    ]


def _values(parts: Sequence[Rows]) -> Iterator[NDArray[Any]]:
    """Yield the inputs as float64 ``(n, C, values)``, a bounded number of rows at a time."""
    for domain, rows in parts:
        stored = domain.inputs.dtype.itemsize
        for _, chunk in chunks(domain.inputs, rows, chunk_bytes=CHUNK_BYTES * stored // 8):
            yield chunk.reshape(len(chunk), chunk.shape[1], -1).astype(np.float64, copy=False)
