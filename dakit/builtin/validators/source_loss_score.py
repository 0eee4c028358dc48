"""Minus the cross entropy on the source."""

from __future__ import annotations

from typing import final

import torch
from torch.nn import functional

from dakit.builtin.numerics import finite_or
from dakit.builtin.validators.source_loss import SourceLossSpec
from dakit.contracts import BuildContext, ValidationView

WORST = -float(torch.finfo(torch.float32).max)
"""The score of a model whose loss is not a number."""


@final
class SourceLoss:
    """Minus the cross entropy on the source."""

    def __init__(self, spec: SourceLossSpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return ``mean_i log p_i(y_i)`` over the source validation rows, at most 0."""
        loss = functional.cross_entropy(view.source_logits.double(), view.source_labels).item()
        return finite_or(-loss, WORST)
