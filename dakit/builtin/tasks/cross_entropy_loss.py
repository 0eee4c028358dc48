"""Cross entropy of the source labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit import InputError
from dakit.builtin.numerics import at_least_float32
from dakit.builtin.tasks.cross_entropy import CrossEntropySpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class CrossEntropy(LossTerm):
    """Cross entropy of logits ``(B, C)`` and labels ``(B,)``; see ``CrossEntropySpec``.

    Raises:
        InputError: there is not one class weight a class.
    """

    uses_target = False
    honours_weights = True
    weights: Tensor | None

    def __init__(self, spec: CrossEntropySpec, context: BuildContext) -> None:
        super().__init__()
        self.register_buffer("weights", _class_weights(spec, context), persistent=False)
        self._label_smoothing = spec.label_smoothing

    def forward(self, batch: Batch) -> Tensor:
        """Return the cross entropy of the source half."""
        logits = at_least_float32(batch.source.logits)
        weights = None if self.weights is None else self.weights.to(logits.dtype)
        labels, smoothing = batch.source.labels, self._label_smoothing
        if batch.source.weights is None:
            return functional.cross_entropy(logits, labels, weights, label_smoothing=smoothing)
        losses = functional.cross_entropy(
            logits, labels, weights, label_smoothing=smoothing, reduction="none"
        )
        total = len(labels) if weights is None else weights[labels].sum()
        return (losses * batch.source.weights.to(losses.dtype)).sum() / total


def _class_weights(spec: CrossEntropySpec, context: BuildContext) -> Tensor | None:
    if spec.class_weights is None:
        return None
    if spec.class_weights == "balanced":
        return torch.tensor(balanced_weights(context.class_counts))
    if len(spec.class_weights) != context.num_classes:
        raise InputError(
            f"cross_entropy: class_weights has {len(spec.class_weights)} values, but the data "
            f"have {context.num_classes} classes; give one weight a class, in the order of the "
            "class names"
        )
    return torch.tensor(spec.class_weights)


def balanced_weights(class_counts: Sequence[int]) -> tuple[float, ...]:
    """Return ``n / (C n_c)`` of the counts ``n_c``, 0 for a class without images.

    Raises:
        InputError: the counts are not known.
    """
    if not any(class_counts):
        raise InputError(
            "cross_entropy: class_weights 'balanced' needs the class counts of the source "
            "training images, and they are not known here; give one weight a class"
        )
    share = sum(class_counts) / len(class_counts)
    return tuple(share / count if count else 0.0 for count in class_counts)
