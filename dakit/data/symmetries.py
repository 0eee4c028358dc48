"""The eight symmetries of a square image: flips and quarter turns."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dakit.components import AugmentSpec
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
