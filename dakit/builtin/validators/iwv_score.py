"""Importance-weighted validation."""

from __future__ import annotations

from typing import final

from dakit.builtin.numerics import finite_or
from dakit.builtin.validators.density_ratio import weights_and_losses
from dakit.builtin.validators.iwv import IWVSpec
from dakit.builtin.validators.source_loss_score import WORST
from dakit.contracts import BuildContext, ValidationView


@final
class IWV:
    """Minus the importance-weighted source loss."""

    def __init__(self, spec: IWVSpec, context: BuildContext) -> None:
        self._loss = spec.loss

    def __call__(self, view: ValidationView) -> float:
        """Return ``-mean_i w_i l_i`` over the source validation rows; the least without any."""
        weights, losses = weights_and_losses(view, self._loss)
        return finite_or(-float((weights * losses).mean()), WORST) if len(weights) else WORST
