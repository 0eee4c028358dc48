"""Neighbourhood reciprocity clustering (Yang et al. 2021)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32, entropies, full_precision, zero_with_graph
from dakit.builtin.transfer.nrc import NRCSpec
from dakit.contracts import Batch, BuildContext, EpochView, LossTerm, Need


@final
class NRC(LossTerm):
    """Agreement with the predictions of neighbours in a memory; see ``NRCSpec``."""

    needs: frozenset[Need] = frozenset({"indices"})
    uses_source = False
    directions: Tensor
    predictions: Tensor
    filled: Tensor

    def __init__(self, spec: NRCSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        rows = context.target_size
        self.register_buffer("directions", torch.zeros(rows, context.feature_dim))
        self.register_buffer("predictions", torch.zeros(rows, context.num_classes))
        self.register_buffer("filled", torch.zeros((), dtype=torch.bool))
        self._reciprocal: Tensor | None = None

    def on_epoch_start(self, view: EpochView) -> None:
        """Fill the memory, before the first epoch."""
        if not self.filled:
            self.directions.copy_(directions(view.target.features))
            self.predictions.copy_(at_least_float32(view.target.logits).softmax(dim=1))
            self.filled.fill_(True)

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss over the target rows of the batch; 0 with a graph without them."""
        logits, rows = at_least_float32(batch.target.logits), batch.target.indices
        assert rows is not None  # needed
        if len(logits) == 0:
            return zero_with_graph(batch.target.logits)
        found, predicted = directions(batch.target.features.detach()), logits.softmax(dim=1)
        if self.training:
            self.directions[rows] = found.to(self.directions.dtype)
            self.predictions[rows] = predicted.detach().to(self.predictions.dtype)
        near = self._nearest(found, rows, self._spec.neighbours)
        theirs = self._nearest(self.directions[near], near, self._spec.expanded)
        mutual = (theirs == rows[:, None, None]).any(dim=2)
        self._reciprocal = mutual.float().mean() if mutual.numel() else None
        affinity = torch.where(mutual, 1.0, self._spec.affinity)
        memory = self.predictions.to(predicted.dtype)
        wanted = (affinity[:, :, None] * memory[near]).sum(dim=1)
        wanted = wanted + self._spec.affinity * memory[theirs].sum(dim=(1, 2)) + memory[rows]
        agreement = (wanted * predicted).sum(dim=1).mean()
        mean = torch.log_softmax(logits, dim=1).logsumexp(dim=0, keepdim=True)
        return -agreement - self._spec.diversity * entropies(mean).squeeze(0)

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``reciprocal``, the share of neighbours that are mutual."""
        return {} if self._reciprocal is None else {"reciprocal": self._reciprocal}

    def _nearest(self, found: Tensor, rows: Tensor, count: int) -> Tensor:
        """Return the ``count`` rows ``(..., count)`` of the memory nearest to ``found (..., D)``.

        Those are the rows ``rows (...)`` themselves, which do not count.
        """
        with full_precision(found):
            cosines = found.to(self.directions.dtype) @ self.directions.T
        cosines = cosines.scatter(-1, rows[..., None], -torch.inf)
        return cosines.topk(min(count, len(self.directions) - 1), dim=-1).indices


def directions(features: Tensor) -> Tensor:
    """Return ``features (..., D)`` at length 1, in float32 at least."""
    return functional.normalize(at_least_float32(features), dim=-1)
