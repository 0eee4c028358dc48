"""Class shares of the target from the confusion matrix (Lipton et al. 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import zero_with_graph
from dakit.builtin.regularizers.bbse import BBSESpec
from dakit.contracts import Batch, BuildContext, EpochView, LossTerm


@final
class BBSE(LossTerm):
    """Weighs source rows by the estimated ratio of class shares; see ``BBSESpec``."""

    uses_target = False
    weighs_source = True
    ratio: Tensor
    shares: Tensor

    def __init__(self, spec: BBSESpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        self.register_buffer("ratio", torch.ones(context.num_classes))
        self.register_buffer("shares", torch.zeros(context.num_classes))

    def forward(self, batch: Batch) -> Tensor:
        """Return 0: what is learned is the task, by the weights."""
        return zero_with_graph(batch.source.features)

    def on_epoch_end(self, view: EpochView) -> None:
        """Estimate the ratio from the source's validation part and the target's training part."""
        source = view.validation.source
        classes = len(self.ratio)
        truth = functional.one_hot(source.labels, classes).double()
        confusion = self._said(source.logits).T @ truth / len(truth)
        found = self._said(view.target.logits).mean(dim=0)
        priors = truth.mean(dim=0)
        ratio = class_ratio(confusion, found, priors, self._spec.least)
        if ratio is not None:
            self.ratio.copy_(ratio)
            self.shares.copy_(ratio * priors)

    def source_weights(self, batch: Batch) -> Tensor:
        """Return how much each source row's class counts; 1 in the beginning."""
        strength = self._spec.strength if batch.progress >= self._spec.begin else 0.0
        return (1 + strength * (self.ratio - 1))[batch.source.labels]

    def estimated_shares(self) -> Tensor | None:
        """Return the class shares of the target, after the first estimate."""
        return self.shares if bool(self.shares.any()) else None

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return the least and the greatest ratio."""
        return {"least_ratio": self.ratio.min(), "greatest_ratio": self.ratio.max()}

    def _said(self, logits: Tensor) -> Tensor:
        """Return what each row adds to the count of each class, ``(B, C)``."""
        if self._spec.soft:
            return logits.double().softmax(dim=1)
        return functional.one_hot(logits.argmax(dim=1), logits.shape[1]).double()


def class_ratio(confusion: Tensor, found: Tensor, priors: Tensor, least: float) -> Tensor | None:
    """Return ``w (C,)`` of ``confusion (C, C) w = found (C,)``; None where it cannot be told.

    Classes without rows in the source, with priors of 0, have the ratio 1 and no part in it.
    """
    there = priors > 0
    matrix = confusion[there][:, there]
    values = torch.linalg.svdvals(matrix.cpu())
    if len(values) == 0 or values.min() <= least * values.max():
        return None
    solved = torch.linalg.solve(matrix.cpu(), found[there].cpu()).to(found).clamp(min=0)
    total = (solved * priors[there]).sum()
    if total <= 0:
        return None
    ratio = torch.ones_like(priors)
    ratio[there] = solved / total
    return ratio
