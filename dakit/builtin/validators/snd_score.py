"""Soft neighbourhood density."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import entropies, finite_or
from dakit.builtin.validators.snd import SNDSpec
from dakit.contracts import BuildContext, ValidationView

ROWS = 1024
"""Compared with all at a time."""


@final
class SND:
    """Mean entropy of the similarities of target predictions."""

    def __init__(self, spec: SNDSpec, context: BuildContext) -> None:
        self._temperature = spec.temperature

    def __call__(self, view: ValidationView) -> float:
        """Return the density, in [0, log(M - 1)]; 0 below two rows, or of what is no number."""
        directions = functional.normalize(view.target_logits.double().softmax(dim=1), dim=1)
        if len(directions) < 2:
            return 0.0
        parts = [self._densities(directions, begin) for begin in range(0, len(directions), ROWS)]
        return finite_or(torch.cat(parts).mean().item(), 0.0)

    def _densities(self, directions: Tensor, begin: int) -> Tensor:
        """Return the density around each of ``ROWS`` rows from ``begin`` on."""
        similarities = directions[begin : begin + ROWS] @ directions.T / self._temperature
        own = torch.arange(len(similarities), device=directions.device)
        others = torch.ones_like(similarities, dtype=torch.bool)
        others[own, begin + own] = False
        return entropies(similarities[others].reshape(len(own), -1))
