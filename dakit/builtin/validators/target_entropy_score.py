"""Minus the entropy of the target predictions."""

from __future__ import annotations

import math

from dakit.builtin.numerics import entropies
from dakit.contracts import ValidationView


def target_entropy(view: ValidationView) -> float:
    """Return minus the mean entropy, in [-log C, 0]; the least where it is not defined."""
    mean = entropies(view.target_logits.double()).mean().item()
    return -mean if math.isfinite(mean) else -math.log(view.target_logits.shape[1])
