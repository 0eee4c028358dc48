"""How inputs are changed in training: flips and quarter turns, and the second, strong view."""

from __future__ import annotations

from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dakit.components import AugmentSpec, StrongAugmentSpec
from dakit.errors import InputError

ALL = (0, 1, 2, 3, 4, 5, 6, 7)
"""0-3: that many quarter turns; 4-7: n - 4 of them and then a left-right flip."""
TURNS = (0, 1, 2, 3)
FLIPS = (0, 2, 4, 6)
"""None, both flips, left-right, up-down: those that keep the shape of any rectangle."""


def is_image(shape: tuple[int, ...]) -> bool:
    """Return whether inputs of this shape are images ``(C, H, W)``."""
    return len(shape) == 3


def augmentation(spec: AugmentSpec, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the symmetries that ``spec`` asks for, ``(0,)`` where it asks for none.

    Raises:
        InputError: inputs of this shape have no such symmetries.
    """
    if not (spec.flips or spec.quarter_turns):
        return (0,)
    if not is_image(shape):
        raise InputError(f"augment: inputs {shape} are no images (C, H, W) to flip or turn")
    if not spec.quarter_turns:
        return FLIPS
    if shape[1] != shape[2]:
        raise InputError(f"augment.quarter_turns: images {shape} are not square; use flips alone")
    return ALL if spec.flips else TURNS


def symmetries_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return all symmetries that inputs of this shape have, the first one being none."""
    if not is_image(shape):
        return (0,)
    return ALL if shape[1] == shape[2] else FLIPS


def apply_symmetries(images: Tensor, symmetries: NDArray[np.int64]) -> None:
    """Turn and flip each image of ``(B, C, H, W)``, on the CPU, in place, by its entry of ``(B,)``.

    One image after the other: a copy of one stays in the cache.
    """
    stored = images.numpy()
    for row in np.flatnonzero(symmetries):
        symmetry = int(symmetries[row])
        turned = np.rot90(stored[row].copy(), symmetry % 4, axes=(1, 2))
        stored[row] = turned[:, :, ::-1] if symmetry >= 4 else turned


def turned(images: Tensor, symmetry: int) -> Tensor:
    """Return all of ``images`` ``(B, C, H, W)`` turned and flipped by one of :data:`ALL`."""
    rotated = torch.rot90(images, symmetry % 4, dims=(2, 3))
    return rotated.flip(3) if symmetry >= 4 else rotated


@final
class StrongAugmentation:
    """Random changes of normalised inputs ``(B, C, ...)``; see StrongAugmentSpec.

    The scale of the data is that of the batch: mean and standard deviation of each channel. A
    vector ``(B, D)`` has no positions: each entry is a channel, and its gain is not changed.
    """

    def __init__(self, spec: StrongAugmentSpec) -> None:
        self._spec = spec

    def __call__(self, inputs: Tensor, rng: torch.Generator) -> Tensor:
        """Return changed copies of ``inputs``; the same ones for an equal state of ``rng``."""
        spec, mean, deviation = self._spec, *_scale(inputs)
        if inputs.dim() == 2:
            dropped = _draw(inputs.shape, rng, inputs) < spec.drop
            return torch.where(dropped, mean, inputs + _noise(inputs, rng, spec.noise * deviation))
        gain = 1 + spec.gain * (2 * _draw(_ones(inputs, 2), rng, inputs) - 1)
        changed = mean + gain * (inputs - mean) + _noise(inputs, rng, spec.noise * deviation)
        return torch.where(_patches(inputs, rng, spec.erase), mean, changed)

    def changes(self, shape: tuple[int, ...]) -> bool:
        """Return whether inputs of this shape are changed at all."""
        spec = self._spec
        return max(spec.noise, *((spec.drop,) if len(shape) == 1 else (spec.gain, spec.erase))) > 0


def _scale(inputs: Tensor) -> tuple[Tensor, Tensor]:
    axes = [0, *range(2, inputs.dim())]
    deviation, mean = torch.std_mean(inputs, dim=axes, correction=0, keepdim=True)
    return mean, deviation


def _noise(inputs: Tensor, rng: torch.Generator, deviation: Tensor) -> Tensor:
    return deviation * torch.randn(inputs.shape, generator=rng).to(inputs.device)


def _patches(inputs: Tensor, rng: torch.Generator, largest: float) -> Tensor:
    """Return ``(B, 1, ...)``: where a random box of up to ``largest`` of each side lies."""
    inside = torch.ones((), dtype=torch.bool, device=inputs.device)
    for axis in range(2, inputs.dim()):
        size = inputs.shape[axis]
        width = _draw(_ones(inputs, 1), rng, inputs) * largest * size
        begin = _draw(_ones(inputs, 1), rng, inputs) * (size - width)
        along = [size if other == axis else 1 for other in range(inputs.dim())]
        centres = torch.arange(size, device=inputs.device).view(along) + 0.5
        inside = inside & (centres >= begin) & (centres < begin + width)
    return inside


def _ones(inputs: Tensor, kept: int) -> list[int]:
    """Return the shape of ``inputs`` with 1 for all but the first ``kept`` axes."""
    return [*inputs.shape[:kept], *[1] * (inputs.dim() - kept)]


def _draw(shape: list[int] | torch.Size, rng: torch.Generator, like: Tensor) -> Tensor:
    """Return uniform numbers in [0, 1), drawn on the CPU so that devices agree."""
    return torch.rand(shape, generator=rng).to(like.device)
