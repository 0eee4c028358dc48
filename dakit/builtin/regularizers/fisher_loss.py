"""Fisher loss: scatter within classes against scatter between their centres."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from dakit.builtin.numerics import at_least_float32, class_means
from dakit.builtin.regularizers.fisher import FisherSpec
from dakit.contracts import Batch, BuildContext, LossTerm, derived_seed

FLOOR = 1e-6
"""Least S_b in the ratio, as a fraction of the mean scatter within classes."""


@final
class Fisher(LossTerm):
    """Fisher loss of source features ``(B, D)``; see ``FisherSpec``.

    Departures from the published code: distances are not clamped to [1e-12, 1e12]. Instead the
    ratio's S_b is held above :data:`FLOOR` times the mean within-class scatter, and the ratio is
    0 where fewer than two centres exist (``centres = batch`` and one class in the batch), so that
    value and gradient stay finite when S_b = 0.
    """

    uses_target = False

    def __init__(self, spec: FisherSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        self._num_classes = context.num_classes
        self.centres: nn.Parameter | None = None
        if spec.centres == "learned":
            generator = torch.Generator().manual_seed(derived_seed(context.seed, "fisher centres"))
            self.centres = nn.Parameter(
                torch.randn(context.num_classes, context.feature_dim, generator=generator)
            )

    def forward(self, batch: Batch) -> Tensor:
        """Return the trace ratio or trace difference of the batch."""
        features = at_least_float32(batch.source.features)
        labels = batch.source.labels
        centres, present = self._centres(features, labels)
        within = (features - centres[labels]).square().sum()
        between = scatter_between(centres, present)
        mean_within = within / len(features)
        chosen = within if self._spec.reduction == "sum" else mean_within
        lw, lb = self._spec.within_weight, self._spec.between_weight
        if self._spec.form == "trace_difference":
            return lw * chosen - lb * between
        floor = (FLOOR * mean_within.detach()).clamp(min=torch.finfo(features.dtype).tiny)
        defined = (present.sum() > 1).to(features.dtype)
        return lw * chosen / (lb * torch.maximum(between, floor)) * defined

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of the learned centres."""
        return self._spec.lr_multiplier

    def _centres(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the centres ``(C, D)`` and which of them exist ``(C,)``."""
        if self.centres is not None:
            return self.centres.to(features.dtype), labels.new_ones(self._num_classes)
        return class_means(features, labels, self._num_classes)


def scatter_between(centres: Tensor, present: Tensor) -> Tensor:
    """Return ``sum_k |c_k - mean_l c_l|^2`` over the centres ``(C, D)`` that are ``present``."""
    weights = present.to(centres.dtype)[:, None]
    mean = (weights * centres).sum(dim=0) / weights.sum()
    return (weights * (centres - mean).square()).sum()
