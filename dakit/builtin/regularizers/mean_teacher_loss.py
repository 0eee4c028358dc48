"""Consistency of target predictions with a moving average of the network (French et al. 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.regularizers.mean_teacher import MeanTeacherSpec
from dakit.contracts import Batch, BuildContext, LossTerm, Need

ADDED = 1e-6
"""To a probability before its logarithm, as in the published code."""


@final
class MeanTeacher(LossTerm):
    """Squared difference of the network's and the teacher's predictions; see the spec."""

    uses_source = False
    needs: frozenset[Need] = frozenset({"inputs", "second_view", "teacher"})

    def __init__(self, spec: MeanTeacherSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        self._trusted: Tensor | None = None

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss over the target images; 0 with a graph without rows."""
        second, inputs = batch.target.second_view, batch.target.inputs
        assert second is not None  # needed, as the teacher
        assert batch.teacher is not None
        if inputs is None or len(inputs) == 0:
            self._trusted = None
            return zero_with_graph(second.logits)
        own = at_least_float32(second.logits).softmax(dim=1)
        taught = at_least_float32(batch.teacher(inputs).logits).softmax(dim=1).to(own.dtype)
        trusted = (taught.max(dim=1).values > self._spec.threshold).to(own.dtype)
        self._trusted = trusted.mean()
        apart = ((own - taught).square().mean(dim=1) * trusted).mean()
        return apart + self._spec.balance * self._trusted * imbalance(own)

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``trusted``, the share of target images on which the teacher is sure."""
        return {} if self._trusted is None else {"trusted": self._trusted}


def imbalance(probabilities: Tensor) -> Tensor:
    """Return ``sum_c BCE(1/C, mean p_c)`` of probabilities ``(B, C)``."""
    means, even = probabilities.mean(dim=0), 1 / probabilities.shape[1]
    terms = even * torch.log(means + ADDED) + (1 - even) * torch.log(1 - means + ADDED)
    total: Tensor = -terms.sum()
    return total
