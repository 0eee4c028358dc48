"""Bringing inputs to the network's scale, with statistics that travel with the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dakit.components import NormalizeSpec
from dakit.contracts import Domain, DomainPair, PairSplit
from dakit.data.mapping import release_pages
from dakit.randomness import generator

Stretch = Literal["none", "asinh", "log"]
CHUNK_BYTES = 32 << 20
PERCENTILE_ROWS = 2048
"""Percentiles come from at most this many training images, drawn once."""


@final
@dataclass(frozen=True)
class Normalization:
    """``y = scale * stretch(x) + shift`` per channel.

    ``stretch`` is x itself, asinh(x / s) or sign(x) log(1 + |x| / s) with the softening ``s`` of
    each channel. A channel is the first axis of an image ``(C, H, W)`` or a series ``(C, L)``,
    and each entry of a feature vector ``(D,)``.
    """

    stretch: Stretch
    softening: tuple[float, ...]
    scale: tuple[float, ...]
    shift: tuple[float, ...]

    def __call__(self, inputs: Tensor) -> Tensor:
        """Normalise ``inputs`` ``(B, C, ...)`` in place and return them."""
        if self.stretch != "none":
            inputs.div_(self._column(self.softening, inputs))
            if self.stretch == "asinh":
                inputs.asinh_()
            else:
                inputs.copy_(inputs.sign() * inputs.abs().log1p())
        return inputs.mul_(self._column(self.scale, inputs)).add_(self._column(self.shift, inputs))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that :meth:`from_dict` makes an equal normalisation of."""
        return {
            "stretch": self.stretch,
            "softening": list(self.softening),
            "scale": list(self.scale),
            "shift": list(self.shift),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Normalization:
        """Return the normalisation whose :meth:`to_dict` gave ``values``."""
        numbers = (tuple(values[name]) for name in ("softening", "scale", "shift"))
        return cls(values["stretch"], *numbers)

    def _column(self, values: Sequence[float], inputs: Tensor) -> Tensor:
        column = torch.tensor(values, dtype=inputs.dtype, device=inputs.device)
        return column.view(-1, *[1] * (inputs.dim() - 2))


@final
@dataclass(frozen=True)
class PairNormalization:
    """The normalisation of both domains."""

    source: Normalization
    target: Normalization

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that :meth:`from_dict` makes an equal pair of."""
        return {"source": self.source.to_dict(), "target": self.target.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> PairNormalization:
        """Return the pair whose :meth:`to_dict` gave ``values``."""
        return cls(*(Normalization.from_dict(values[side]) for side in ("source", "target")))


def fit_pair(pair: DomainPair, split: PairSplit, spec: NormalizeSpec) -> PairNormalization:
    """Fit the normalisation of both domains to their training rows, or as ``spec`` says."""
    parts = []
    for domain, rows in ((pair.source, split.source.train), (pair.target, split.target.train)):
        parts.append((domain, np.arange(len(domain)) if spec.fit_on == "all" else rows))
    if spec.statistics == "per_domain":
        return PairNormalization(*(fit([part], spec) for part in parts))
    used = parts[:1] if spec.statistics == "source" else parts
    both = fit(used, spec)
    return PairNormalization(both, both)


def fit(parts: Sequence[tuple[Domain, NDArray[np.int64]]], spec: NormalizeSpec) -> Normalization:
    """Fit one normalisation to the given rows of the given domains, read in chunks.

    Moments are summed in float64; a channel that is constant is only centred.
    """
    channels = parts[0][0].input_shape[0]
    ones = (1.0,) * channels
    if spec.method == "none":
        return Normalization("none", ones, ones, (0.0,) * channels)
    if spec.method == "percentile":
        return _fit_percentiles(parts, spec)
    if spec.method == "standardize":
        return _standardized("none", ones, *_moments(parts, lambda x: x))
    _, deviation = _moments(parts, lambda x: x)
    softening = spec.softening * deviation
    stretch = _asinh if spec.method == "asinh" else _log
    return _standardized(
        spec.method, tuple(softening), *_moments(parts, lambda x: stretch(x / softening[:, None]))
    )


def _standardized(
    stretch: Stretch,
    softening: tuple[float, ...],
    mean: NDArray[np.float64],
    deviation: NDArray[np.float64],
) -> Normalization:
    return Normalization(
        stretch,
        tuple(map(float, softening)),
        tuple((1 / deviation).tolist()),
        tuple((-mean / deviation).tolist()),
    )


def _asinh(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.arcsinh(x)


def _log(x: NDArray[np.float64]) -> NDArray[np.float64]:
    stretched: NDArray[np.float64] = np.sign(x) * np.log1p(np.abs(x))
    return stretched


def _moments(
    parts: Sequence[tuple[Domain, NDArray[np.int64]]],
    stretch: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation per channel; chunks merged by Chan et al. (1979)."""
    count, mean, squares = 0, np.zeros(1), np.zeros(1)
    for chunk in _chunks(parts):
        values = stretch(chunk)
        n, m = values.shape[1], values.mean(axis=1)
        s = np.square(values - m[:, None]).sum(axis=1)
        delta = m - mean
        squares = squares + s + delta**2 * count * n / (count + n)
        mean = mean + delta * n / (count + n)
        count += n
    deviation = np.sqrt(squares / count)
    return mean, np.where(deviation > 0, deviation, 1.0)


def _chunks(
    parts: Sequence[tuple[Domain, NDArray[np.int64]]],
) -> Iterator[NDArray[np.float64]]:
    """Yield the inputs as float64 ``(C, values)``, a bounded number of rows at a time."""
    for domain, rows in parts:
        size = max(1, CHUNK_BYTES // max(1, 8 * int(np.prod(domain.input_shape))))
        for begin in range(0, len(rows), size):
            chunk = np.asarray(domain.inputs[rows[begin : begin + size]], dtype=np.float64)
            release_pages(domain.inputs)
            yield np.moveaxis(chunk.reshape(len(chunk), chunk.shape[1], -1), 1, 0).reshape(
                chunk.shape[1], -1
            )


def _fit_percentiles(
    parts: Sequence[tuple[Domain, NDArray[np.int64]]], spec: NormalizeSpec
) -> Normalization:
    rng = generator(0, "percentiles")
    drawn = [
        (domain, np.sort(rng.choice(rows, min(len(rows), PERCENTILE_ROWS), replace=False)))
        for domain, rows in parts
    ]
    values = np.concatenate(list(_chunks(drawn)), axis=1)
    low, high = np.percentile(values, (spec.low, spec.high), axis=1)
    width = np.where(high > low, high - low, 1.0)
    ones = (1.0,) * len(low)
    return Normalization("none", ones, tuple((1 / width).tolist()), tuple((-low / width).tolist()))
