"""Nuclear norm of the target predictions."""

from __future__ import annotations

from typing import final

import torch

from dakit.builtin.validators.bnm import BNMSpec
from dakit.contracts import BuildContext, ValidationView


@final
class BNM:
    """Nuclear norm of the target predictions over the number of rows."""

    def __init__(self, spec: BNMSpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return ``||P||_* / M``; 0 without rows or where a logit is not a number."""
        probabilities = view.target_logits.double().softmax(dim=1)
        if not len(probabilities) or not probabilities.isfinite().all():
            return 0.0
        norm: float = torch.linalg.svdvals(probabilities).sum().item()
        return norm / len(probabilities)
