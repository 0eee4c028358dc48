"""Histograms of pixel values, per channel and domain, before and after normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from dakit.contracts import Domain
from dakit.data.normalization import Normalization
from dakit.data.statistics import is_wide
from dakit.randomness import generator

SAMPLE = 400
"""So many images of a domain, drawn once, stand for all."""
BINS = 80
INSIDE = (0.05, 99.95)
"""Percentiles of the values that the bins reach from and to."""

Floats = NDArray[np.float64]
Images = NDArray[Any]
"""``(n, C, ...)`` float32, or float64 where float32 does not hold what is stored."""


@final
@dataclass(frozen=True)
class FluxHistograms:
    """The share of values in each bin, ``(C, BINS)`` by domain; ``edges (BINS + 1,)``.

    Bins are equally wide in asinh(x / softening): linear about 0, logarithmic far from it.
    """

    edges: Floats
    softening: float
    shares: Mapping[str, Floats]
    images: Mapping[str, int]


def sample(domain: Domain, broken: NDArray[np.int64]) -> Images:
    """Return at most 400 images ``(n, C, ...)`` that are not broken, the same ones every time."""
    sound = np.setdiff1d(np.arange(len(domain)), broken)
    drawn = generator(0, "flux sample").permutation(sound)[:SAMPLE]
    images: Images = domain.inputs[np.sort(drawn)]
    return images.astype(np.float64 if is_wide(images) else np.float32)


def normalized(images: Images, normalization: Normalization) -> NDArray[np.float32]:
    """Return the images as the network would see them."""
    values: NDArray[np.float32] = normalization(torch.from_numpy(images)).numpy()
    return values


def flux_histograms(samples: Mapping[str, Images]) -> FluxHistograms:
    """Return the histograms of images ``(n, C, ...)`` by domain, in the same bins for all."""
    values = {role: _by_channel(images) for role, images in samples.items()}
    everything = np.concatenate([columns.ravel() for columns in values.values()])
    softening = _softening(everything)
    low, high = np.arcsinh(np.percentile(everything, INSIDE) / softening)
    steps = np.linspace(low, high if high > low else low + 1, BINS + 1)
    shares = {
        role: np.stack([_share(np.arcsinh(channel / softening), steps) for channel in columns])
        for role, columns in values.items()
    }
    images = {role: len(drawn) for role, drawn in samples.items()}
    return FluxHistograms(np.sinh(steps) * softening, softening, shares, images)


def _by_channel(images: Images) -> Images:
    """Return ``(C, values)``; the features of vectors count as one channel."""
    if images.ndim == 2:
        return images.reshape(1, -1)
    return np.moveaxis(images, 1, 0).reshape(images.shape[1], -1)


def _softening(values: Images) -> float:
    spread = 1.4826 * float(np.median(np.abs(values - np.median(values))))
    return spread or float(values.std()) or 1.0


def _share(values: NDArray[np.float32], steps: Floats) -> Floats:
    counts, _ = np.histogram(np.clip(values, steps[0], steps[-1]), bins=steps)
    share: Floats = counts / max(1, counts.sum())
    return share
