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
WIDE_CONSTANT = float(np.finfo(np.float64).eps)
"""The same in float64."""


def moments(
    parts: Sequence[Rows], stretch: Callable[[Floats], Floats] = lambda x: x
) -> tuple[Floats, Floats]:
    """Return the mean ``(C,)`` and standard deviation ``(C,)`` of the stretched values.

    Two passes within a chunk; chunks are merged as in Chan, Golub & LeVeque (1979), eq. 2.1:
    ``S = S_a + S_b + (m_b - m_a)^2 n_a n_b / (n_a + n_b)``. All values are first taken relative
    to one of their channel, so that no offset costs digits. The deviation of a constant channel
    is given as 1; constant is what varies by less than the stored types resolve.
    """
    count, mean, squares, pivot = 0, np.zeros(1), np.zeros(1), None
    for chunk in _values(parts):
        values = stretch(chunk)
        pivot = values[0, :, :1] if pivot is None else pivot
        values = values - pivot
        n = values.shape[0] * values.shape[2]
        chunk_mean = values.mean(axis=(0, 2))
        centred = values - chunk_mean[:, None]
        difference = chunk_mean - mean
        between = difference**2 * (count * n / (count + n))
        squares = squares + np.einsum("ncv,ncv->c", centred, centred) + between
        mean = mean + difference * (n / (count + n))
        count += n
    assert pivot is not None  # a part has rows
    mean, deviation = mean + pivot[:, 0], np.sqrt(squares / count)
    resolved = min(WIDE_CONSTANT if is_wide(domain.inputs) else CONSTANT for domain, _ in parts)
    return mean, np.where(deviation > resolved * np.abs(mean), deviation, 1.0)


def percentiles(parts: Sequence[Rows], *percent: float) -> Floats:
    """Return the percentiles ``(P, C)``, exact on a fixed random subsample of the rows."""
    columns = [np.percentile(values, percent) for values in _sampled_channels(parts)]
    return np.asarray(columns, dtype=np.float64).T


def lost_in_float32(parts: Sequence[Rows]) -> NDArray[np.bool_]:
    """Return for each channel ``(C,)`` whether float32 blurs it: its step is above the spread."""
    if not any(is_wide(domain.inputs) for domain, _ in parts):
        return np.zeros(parts[0][0].input_shape[0], np.bool_)
    channels = _sampled_channels(parts).astype(np.float64)
    step = np.finfo(np.float32).eps * np.abs(channels).max(axis=1)
    spread: Floats = channels.std(axis=1)
    return np.asarray((np.ptp(channels, axis=1) > 0) & (step > spread))


def is_wide(inputs: NDArray[Any]) -> bool:
    """Return whether float32 does not hold every value of the type of ``inputs``."""
    return not np.can_cast(inputs.dtype, np.float32)


def _sampled_channels(parts: Sequence[Rows]) -> NDArray[Any]:
    """Return values ``(C, n)`` of a fixed random subsample of the rows, as they are stored."""
    wide = any(is_wide(domain.inputs) for domain, _ in parts)
    dtype = np.float64 if wide else np.float32
    sample = np.concatenate([chunk.astype(dtype) for chunk in _values(_subsample(parts))])
    return np.moveaxis(sample, 1, 0).reshape(sample.shape[1], -1)


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
