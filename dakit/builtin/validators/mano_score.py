"""Norm of the normalised target logits."""

from __future__ import annotations

from typing import final

import torch
from torch.nn import functional

from dakit.builtin.numerics import finite_or
from dakit.builtin.validators.mano import MaNoSpec
from dakit.contracts import BuildContext, ValidationView

POWER = 4
OVERCONFIDENT = 5.0
"""Where the mean of -log softmax is above, the logits are too far apart to expand exp in them."""


@final
class MaNo:
    """The fourth-power mean of the normalised target logits."""

    def __init__(self, spec: MaNoSpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return the norm, in [0, 1]; 0 without rows, or where a logit is not a number."""
        logits = view.target_logits.double()
        if not len(logits):
            return 0.0
        normalised = logits.softmax(dim=1)
        if -torch.log_softmax(logits, dim=1).mean() <= OVERCONFIDENT:
            expanded = 1 + logits + logits.square() / 2
            least = expanded.amin(dim=1, keepdim=True)
            normalised = functional.normalize(expanded - least, p=1, dim=1)
        return finite_or(normalised.pow(POWER).mean().item() ** (1 / POWER), 0.0)
