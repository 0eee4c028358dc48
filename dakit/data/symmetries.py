"""The eight symmetries of a square image: flips and quarter turns."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dakit.components import AugmentSpec

SYMMETRIES = 8
"""0-3: that many quarter turns; 4-7: a left-right flip after n - 4 of them."""


def is_image(shape: tuple[int, ...]) -> bool:
    """Return whether inputs of this shape are images ``(C, H, W)``."""
    return len(shape) == 3


def draw_symmetries(
    spec: AugmentSpec, n: int, rng: np.random.Generator
) -> NDArray[np.int64] | None:
    """Return a symmetry for each of ``n`` images; None where ``spec`` asks for none.

    Flips alone draw from {none, left-right, up-down, both}; turns alone from the four turns.
    """
    choices = allowed_symmetries(spec)
    return None if len(choices) == 1 else rng.choice(choices, n)


def allowed_symmetries(spec: AugmentSpec) -> list[int]:
    """Return the symmetries that ``spec`` draws from."""
    if spec.flips and spec.quarter_turns:
        return list(range(SYMMETRIES))
    if spec.flips:
        return [0, 2, 4, 6]  # two quarter turns are both flips; flipping after them is up-down
    return [0, 1, 2, 3] if spec.quarter_turns else [0]


def apply_symmetries(images: Tensor, symmetries: NDArray[np.int64]) -> None:
    """Turn and flip each image of ``(B, C, H, W)`` in place. Images must be square for turns."""
    for symmetry in np.unique(symmetries[symmetries > 0]):
        rows = torch.from_numpy(np.flatnonzero(symmetries == symmetry)).to(images.device)
        moved = torch.rot90(images[rows], int(symmetry) % 4, dims=(2, 3))
        images[rows] = moved.flip(3) if symmetry >= 4 else moved
