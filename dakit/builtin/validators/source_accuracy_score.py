"""Accuracy on the source."""

from __future__ import annotations

from torch import Tensor

from dakit.contracts import ValidationView


def source_accuracy(view: ValidationView) -> float:
    """Return the accuracy on the source validation rows, in [0, 1]."""
    return accuracy(view.source_logits, view.source_labels)


def accuracy(logits: Tensor, labels: Tensor) -> float:
    """Return the share of rows ``(B, C)`` whose largest logit is at the label; 0 without rows."""
    if len(labels) == 0:
        return 0.0
    return (logits.argmax(dim=1) == labels).double().mean().item()
