"""Cross entropy of the source labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, final

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
        weights = class_weights(spec.name, spec.class_weights, context)
        self.register_buffer("weights", weights, persistent=False)
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
        return mean_over_rows(batch, losses, weights)


def mean_over_rows(batch: Batch, losses: Tensor, weights: Tensor | None) -> Tensor:
    """Return ``sum_i v_i l_i / sum_i w_{y_i}`` of the source rows.

    ``l`` are losses that hold the class weights ``w (C,)`` already, ``v`` the weights of the rows,
    where terms give them; without class weights the sum below the line is the number of rows.
    """
    if batch.source.weights is not None:
        losses = losses * batch.source.weights.to(losses.dtype)
    total = len(losses) if weights is None else weights[batch.source.labels].sum()
    return losses.sum() / total


def class_weights(
    name: str, wanted: Sequence[float] | Literal["balanced"] | None, context: BuildContext
) -> Tensor | None:
    """Return the weights ``(C,)`` that the spec of the task ``name`` asks for.

    Raises:
        InputError: there is not one weight a class, or the class counts are not known.
    """
    if wanted is None:
        return None
    if wanted == "balanced":
        return torch.tensor(balanced_weights(known_counts(context, name)))
    if len(wanted) != context.num_classes:
        raise InputError(
            f"{name}: class_weights has {len(wanted)} values, but the data have "
            f"{context.num_classes} classes; give one weight a class, in the order of the class "
            "names"
        )
    return torch.tensor(wanted)


def known_counts(context: BuildContext, name: str) -> Sequence[int]:
    """Return the number of source training rows of each class.

    Raises:
        InputError: they are not known.
    """
    if not any(context.class_counts):
        raise InputError(
            f"{name}: needs the class counts of the source training images, and they are not "
            "known here; give one weight a class to cross_entropy"
        )
    return context.class_counts


def balanced_weights(class_counts: Sequence[int]) -> tuple[float, ...]:
    """Return ``n / (C n_c)`` of the counts ``n_c``, 0 for a class without images."""
    share = sum(class_counts) / len(class_counts)
    return tuple(share / count if count else 0.0 for count in class_counts)
