"""Mixup between source and target (Yan et al. 2020)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.distributions import Beta
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.regularizers.mixup import MixupSpec
from dakit.contracts import Batch, BuildContext, LossTerm, Need


@final
class Mixup(LossTerm):
    """Cross entropy of mixtures of source and target rows with mixed labels; see ``MixupSpec``.

    The share is drawn from torch's generator, which the run seeds.
    """

    needs: frozenset[Need] = frozenset({"inputs", "network"})

    def __init__(self, spec: MixupSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss over the mixtures; 0 with a graph where a domain has no rows."""
        source, target = batch.source, batch.target
        assert batch.network is not None  # needed, as the inputs
        if source.inputs is None or target.inputs is None or not len(target.inputs):
            return zero_with_graph(source.logits, target.logits)
        partner = torch.arange(len(source.inputs), device=source.inputs.device)
        partner = partner % len(target.inputs)
        guesses = at_least_float32(target.logits.detach() / self._spec.temperature).softmax(dim=1)
        labels = functional.one_hot(source.labels, guesses.shape[1]).to(guesses.dtype)
        share = self._drawn_share()
        mixed = torch.lerp(target.inputs[partner], source.inputs, share)
        wanted = torch.lerp(guesses[partner], labels, share)
        logits = at_least_float32(batch.network(mixed, "source").logits)
        return functional.cross_entropy(logits, wanted.to(logits.dtype))

    def _drawn_share(self) -> float:
        drawn = float(Beta(self._spec.alpha, self._spec.alpha).sample())
        return max(drawn, 1 - drawn)
