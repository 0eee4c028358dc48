"""Bringing inputs to the network's scale, with statistics that travel with the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dakit.components import NormalizeSpec
from dakit.contracts import SIDES, DomainPair, PairSplit
from dakit.data.statistics import Rows, lost_in_float32, moments, percentiles, sign_log
from dakit.errors import InputError

Stretch = Literal["none", "asinh", "log", "whole"]
Columns = tuple[Tensor, Tensor, Tensor]

FAR = 256.0
"""So many deviations from 0, float32 moves an input by 1.5e-5 of a deviation."""
TOO_COARSE = 2.0
"""Inputs whose type has steps of more deviations than this say nothing."""
NARROWEST = 1e-7
"""Percentiles nearer than this share of the range send the rest to where float32 is coarse."""


@final
@dataclass(frozen=True)
class Normalization:
    """``y = scale * stretch(x) + shift`` per channel.

    ``stretch(x)`` is x itself, asinh(x / s) or sign(x) log(1 + |x| / s), with the softening ``s``
    of each channel. Under ``whole`` inputs are whole numbers and stay as they are, int64. A channel
    is an entry of the first axis of one input: a filter of an image
    ``(C, H, W)`` or a series ``(C, L)``, a single feature of a vector ``(D,)``.
    """

    stretch: Stretch
    softening: tuple[float, ...]
    scale: tuple[float, ...]
    shift: tuple[float, ...]
    _columns: dict[tuple[int, torch.device, torch.dtype], Columns] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def dtype(self) -> torch.dtype:
        """What raw inputs are held in: float64 where their offset is large for their spread.

        In float32 ``y`` would be off by ``6e-8 max |shift|`` and, after a stretch, by as many
        times ``scale``. Up to ``FAR`` that is nothing.
        """
        if self.stretch == "whole":
            return torch.int64
        return torch.float64 if max(self._magnitudes, default=0.0) > FAR else torch.float32

    @property
    def _magnitudes(self) -> tuple[float, ...]:
        """By how much a relative step of the inputs moves ``y``, for each channel."""
        return tuple(map(abs, self.shift if self.stretch == "none" else self.scale))

    def check_type(self, dtype: np.dtype[Any], name: str) -> None:
        """Raise InputError where inputs of this type cannot tell apart what the model does."""
        if self.stretch == "whole" and dtype.kind not in "iub":
            raise InputError(
                f"{name}: the backbone takes whole numbers, and the inputs are of type {dtype}; "
                "store them as integers, or take a backbone for real numbers"
            )
        step = float(np.finfo(dtype).eps) if dtype.kind == "f" else 0.0
        constant = [scale == 1 for scale in self.scale]
        pairs = zip(self._magnitudes, constant, strict=True)
        coarse = [
            c for c, (size, same) in enumerate(pairs) if not same and size * step > TOO_COARSE
        ]
        if coarse:
            first = coarse[0]
            steps = (
                f"{name}: inputs of type {dtype} are too coarse: so far from 0, channel {first} "
                f"has steps of {self._magnitudes[first] * step:.2g} standard deviations of the "
                "training data; give them as float64, or without the offset"
            )
            if self.stretch != "none" and abs(self.shift[first]) * step <= TOO_COARSE:
                steps = (
                    f"{name}: normalize.softening is too large for inputs of type {dtype}: they "
                    f"are divided by {self.softening[first]:.2g} in channel {first}, and what "
                    "is left is too small to be told apart; take a smaller one, or "
                    '"normalize.method": "standardize"'
                )
            raise InputError(steps)

    def __call__(self, inputs: Tensor) -> Tensor:
        """Return ``inputs`` ``(B, C, ...)`` normalised, as float32; the given ones stay."""
        return self.apply_(inputs.to(self.dtype, copy=True))

    def on(self, device: torch.device, inputs: Tensor) -> Tensor:
        """Return ``inputs`` on ``device``, normalised; the given ones may be overwritten."""
        if self.dtype == torch.float64:  # not every device has it
            return self.apply_(inputs).to(device)
        return self.apply_(inputs.to(device))

    def apply_(self, inputs: Tensor) -> Tensor:
        """Normalise ``inputs`` ``(B, C, ...)`` of :attr:`dtype` in place; return them as float32.

        Whole numbers are returned as they are.

        Raises:
            InputError: they have another number of channels than the statistics.
        """
        softening, scale, shift = self._columns_for(inputs)
        if self.stretch == "whole":
            return inputs
        if self.stretch == "asinh":
            _asinh_(inputs.div_(softening))
        elif self.stretch == "log":
            inputs.div_(softening)
            inputs.copy_(inputs.abs().log1p_().copysign_(inputs))
        return inputs.mul_(scale).add_(shift).float()

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
        numbers = (tuple(map(float, values[name])) for name in ("softening", "scale", "shift"))
        return cls(values["stretch"], *numbers)

    def _columns_for(self, inputs: Tensor) -> Columns:
        if inputs.shape[1] != len(self.scale):
            raise InputError(
                f"the normalisation has statistics of {len(self.scale)} channels, "
                f"the inputs {tuple(inputs.shape[1:])} have {inputs.shape[1]}"
            )
        key = (inputs.dim(), inputs.device, inputs.dtype)
        if key not in self._columns:
            self._columns[key] = (
                _column(self.softening, inputs),
                _column(self.scale, inputs),
                _column(self.shift, inputs),
            )
        return self._columns[key]


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
        return cls(*(Normalization.from_dict(values[side]) for side in SIDES))


def fit_pair(pair: DomainPair, split: PairSplit, spec: NormalizeSpec) -> PairNormalization:
    """Fit the normalisation of both domains to their training rows, or as ``spec`` says.

    Without a source it is fitted to the target.

    The published DeepMerge code takes all images (``fit_on`` all, ``statistics`` per_domain) and
    leaves the last image of each array raw by an off-by-one, which is not repeated here.
    """
    parts: list[Rows] = []
    for domain in pair.domains:
        rows = (split.source if domain is pair.source else split.target).train
        parts.append((domain, np.arange(len(domain)) if spec.fit_on == "all" else rows))
    if spec.statistics == "per_domain" and len(parts) > 1:
        return PairNormalization(*(fit([part], spec) for part in parts))
    used = parts[:1] if spec.statistics == "source" else parts
    both = fit(used, spec)
    return PairNormalization(both, both)


def whole_numbers(pair: DomainPair, spec: NormalizeSpec) -> PairNormalization:
    """Return the normalisation of whole numbers, which leaves them as they are.

    Raises InputError where ``spec`` asks for one that makes them real; ``standardize``, the
    default, is taken as not asked for.
    """
    if spec.method not in ("standardize", "none"):
        raise InputError(
            f"normalize.method '{spec.method}' makes real numbers, and the backbone takes whole "
            "ones; leave it out"
        )
    channels = pair.target.input_shape[0]
    same = Normalization("whole", *(((value,) * channels) for value in (1.0, 1.0, 0.0)))
    return PairNormalization(same, same)


def fit(parts: Sequence[Rows], spec: NormalizeSpec) -> Normalization:
    """Fit one normalisation to the given rows of the given domains, read in chunks.

    Moments are accumulated in float64; a channel that is constant is only centred. asinh and log
    need a second pass, for the moments of the stretched values. Percentiles are exact on a fixed
    random subsample of the rows of about 16 million values.

    Raises:
        InputError: the method is ``none`` and float32, which a network takes, cannot tell the
            values of a channel apart.
    """
    channels = parts[0][0].input_shape[0]
    zeros, ones = np.zeros(channels), np.ones(channels)
    if spec.method == "none":
        _check_float32(parts)
        return _affine("none", ones, zeros, ones)
    if spec.method == "percentile":
        low, high, *ends = percentiles(parts, spec.low, spec.high, 0, 100)
        _check_apart(high - low, ends[1] - ends[0], spec, parts[0][0].name)
        return _affine("none", ones, low, np.where(high > low, high - low, 1.0))
    if spec.method == "standardize":
        return _affine("none", ones, *moments(parts))
    softening = spec.softening * moments(parts)[1]
    function = np.arcsinh if spec.method == "asinh" else sign_log
    stretched = moments(parts, lambda x: function(x / softening[:, None]))
    return _affine(spec.method, softening, *stretched)


def _affine(
    stretch: Stretch,
    softening: NDArray[np.float64],
    centre: NDArray[np.float64],
    width: NDArray[np.float64],
) -> Normalization:
    """Return ``(stretch(x) - centre) / width`` as one factor and one addend."""
    numbers = (softening, 1 / width, 0.0 - centre / width)
    return Normalization(stretch, *(tuple(map(float, column)) for column in numbers))


def _check_float32(parts: Sequence[Rows]) -> None:
    lost = np.flatnonzero(lost_in_float32(parts))
    if len(lost):
        raise InputError(
            f"{parts[0][0].name}: channel {lost[0]} varies by less than float32 can tell so far "
            "from 0, and a network takes float32: without a normalisation it would be constant. "
            'Choose another "normalize.method" than "none"'
        )


def _check_apart(
    between: NDArray[np.float64], whole: NDArray[np.float64], spec: NormalizeSpec, name: str
) -> None:
    """Raise InputError where percentiles are so near each other that all else is far away."""
    narrow = np.flatnonzero((between > 0) & (between < whole * NARROWEST))
    if len(narrow):
        channel = narrow[0]
        raise InputError(
            f"{name}: normalize.low {spec.low!r} and normalize.high {spec.high!r} are too near "
            f"each other: {between[channel]:.2g} in channel {channel}, whose values go over "
            f"{whole[channel]:.2g}; give percentiles further apart"
        )


def _column(values: Sequence[float], inputs: Tensor) -> Tensor:
    column = torch.tensor(values, dtype=inputs.dtype, device=inputs.device)
    return column.view(-1, *[1] * (inputs.dim() - 2))


def _asinh_(x: Tensor) -> None:
    """Replace ``x`` by asinh(x) = sign(x) log1p(m + m / (1/m + sqrt(1 + 1/m^2))), m = |x|.

    Exact to the type. torch's own asinh is not vectorised on the CPU: it would take longer than the
    rest of a batch.
    """
    size = x.abs()
    inverse = size.reciprocal()
    x.copy_(size.add_(size / (inverse + (inverse * inverse + 1).sqrt_())).log1p_().copysign_(x))
