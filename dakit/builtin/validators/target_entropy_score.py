"""Minus the entropy of the target predictions."""

from __future__ import annotations

import math
from typing import final

from dakit.builtin.numerics import entropies, finite_or
from dakit.builtin.validators.target_entropy import TargetEntropySpec
from dakit.contracts import BuildContext, ValidationView


@final
class TargetEntropy:
    """Minus the entropy of the target predictions."""

    def __init__(self, spec: TargetEntropySpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return minus the mean entropy, in [-log C, 0]; the least where it is not defined."""
        mean = entropies(view.target_logits.double()).mean().item()
        return finite_or(-mean, -math.log(view.target_logits.shape[1]))
