"""Deep embedded validation."""

from __future__ import annotations

from typing import final

from dakit.builtin.numerics import finite_or
from dakit.builtin.validators.density_ratio import Floats, weights_and_losses
from dakit.builtin.validators.dev import DEVSpec
from dakit.builtin.validators.source_loss_score import WORST
from dakit.contracts import BuildContext, ValidationView


@final
class DEV:
    """Minus the importance-weighted source loss, with a control variate."""

    def __init__(self, spec: DEVSpec, context: BuildContext) -> None:
        self._loss = spec.loss

    def __call__(self, view: ValidationView) -> float:
        """Return minus the controlled mean of ``w_i l_i``; the least without source rows."""
        weights, losses = weights_and_losses(view, self._loss)
        return finite_or(-controlled_risk(weights, losses), WORST) if len(weights) else WORST


def controlled_risk(weights: Floats, losses: Floats) -> float:
    """Return ``mean(w l) + eta mean(w) - eta`` with ``eta = -cov(w l, w) / var(w)``."""
    weighted, apart = weights * losses, weights - weights.mean()
    variance = apart @ apart
    eta = -(weighted @ apart) / variance if variance > 0 else 0.0
    return float(weighted.mean() + eta * (weights.mean() - 1))
