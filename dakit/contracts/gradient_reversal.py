"""Gradient reversal: identity forwards, the gradient times -strength backwards."""

from __future__ import annotations

import math
from typing import Any, Literal, final

import torch
from torch import Tensor


@final
class _Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, inputs: Tensor, strength: float) -> Tensor:
        ctx.strength = strength
        return inputs.view_as(inputs)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return -ctx.strength * gradient, None


def reverse_gradient(inputs: Tensor, strength: float) -> Tensor:
    """Return ``inputs`` unchanged; in the backward pass its gradient is ``-strength`` times."""
    reversed_: Tensor = _Reversal.apply(inputs, strength)  # type: ignore[no-untyped-call]
    return reversed_


def ganin_strength(progress: float) -> float:
    """Return ``2 / (1 + exp(-10 p)) - 1`` at ``p = progress`` (Ganin et al. 2016, 5.2.2)."""
    return math.tanh(5 * progress)


def reversal_strength(
    schedule: Literal["ganin", "constant"], reversal: float, progress: float
) -> float:
    """Return ``reversal``, or what the ganin schedule makes of it at ``progress``."""
    return reversal * ganin_strength(progress) if schedule == "ganin" else reversal
