"""Open-set domain adaptation by backpropagation (Saito et al. 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import zero_with_graph
from dakit.builtin.transfer.osbp import OSBPSpec
from dakit.contracts import (
    Batch,
    BuildContext,
    LossTerm,
    Need,
    ganin_strength,
    reverse_gradient,
)


@final
class OSBP(LossTerm):
    """Cross entropy of the unknown's probability with a threshold; see ``OSBPSpec``."""

    uses_source = False
    needs: frozenset[Need] = frozenset({"network", "unknown_class"})

    def __init__(self, spec: OSBPSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        self._known = known_classes(context)
        self._unknown: Tensor | None = None

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss over the target; 0 with a graph without rows."""
        features = batch.target.features
        assert batch.network is not None  # needed
        self._unknown = None
        if len(features) == 0:
            return zero_with_graph(features)
        strength = self._spec.reversal * ganin_strength(batch.progress)
        # the network's own type: float32, whatever a test asks
        logits = batch.network.head(reverse_gradient(features, strength).float())
        known = torch.tensor(self._known, device=logits.device)
        log_p = torch.log_softmax(logits.float(), dim=1)
        of_unknown = torch.logsumexp(log_p[:, ~known], dim=1)
        of_known = torch.logsumexp(log_p[:, known], dim=1)
        self._unknown = of_unknown.detach().exp().mean()
        threshold = self._spec.threshold
        return -(threshold * of_unknown + (1 - threshold) * of_known).mean()

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``unknown``, the mean probability that a target image is unknown."""
        return {} if self._unknown is None else {"unknown": self._unknown}


def known_classes(context: BuildContext) -> list[bool]:
    """Return for each class whether the source has rows of it; all but the last if it has all.

    A run without a class that the source lacks is refused before.
    """
    counts = context.class_counts or (1,) * context.num_classes
    known = [count > 0 for count in counts]
    return known if not all(known) else [*known[:-1], False]
