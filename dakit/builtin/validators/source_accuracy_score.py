"""Accuracy on the source."""

from __future__ import annotations

from typing import final

from torch import Tensor

from dakit.builtin.validators.source_accuracy import SourceAccuracySpec
from dakit.contracts import BuildContext, ValidationView


@final
class SourceAccuracy:
    """Accuracy on the source."""

    def __init__(self, spec: SourceAccuracySpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return the accuracy on the source validation rows, in [0, 1]."""
        return accuracy(view.source_logits, view.source_labels)


def accuracy(logits: Tensor, labels: Tensor) -> float:
    """Return the share of rows ``(B, C)`` whose largest logit is at the label; 0 without rows."""
    if len(labels) == 0:
        return 0.0
    return (logits.argmax(dim=1) == labels).double().mean().item()
