"""Adversarial discriminative domain adaptation (Tzeng et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import logsigmoid

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.transfer.adda import ADDASpec
from dakit.builtin.transfer.dann_loss import (
    adversarial_loss,
    balanced_accuracy,
    discriminator,
    domain_logits,
)
from dakit.contracts import Batch, BuildContext, EpochView, LossTerm, Need, Phase


@final
class ADDA(LossTerm):
    """The target's encoder against a discriminator of kept source features; see ``ADDASpec``."""

    needs: frozenset[Need] = frozenset({"indices"})
    kept: Tensor
    filled: Tensor

    def __init__(self, spec: ADDASpec, context: BuildContext) -> None:
        super().__init__()
        self._rate = spec.discriminator_lr
        self.phases = (Phase("discriminator", {"term"}, "before", 1, "detached", self._adam),)
        self.register_buffer("kept", torch.zeros(context.source_size, context.feature_dim))
        self.register_buffer("filled", torch.zeros((), dtype=torch.bool))
        self.discriminator = discriminator(
            context.feature_dim, spec.hidden, 0.0, context.seed, "adda discriminator"
        )
        self._accuracy: Tensor | None = None

    def on_epoch_start(self, view: EpochView) -> None:
        """Keep the features of the source, before the first epoch."""
        if not self.filled:
            self.kept.copy_(view.source.features)
            self.filled.fill_(True)

    def forward(self, batch: Batch) -> Tensor:
        """Return ``-mean_j log D(M_t(y_j))``, which teaches the backbone and not ``D``."""
        if len(batch.target.features) == 0:
            return zero_with_graph(batch.target.features)
        fixed = {name: p.detach() for name, p in self.discriminator.named_parameters()}
        rows = batch.target.features.to(next(iter(fixed.values())).dtype)
        logits: Tensor = functional_call(self.discriminator, fixed, (rows,))
        return -logsigmoid(at_least_float32(logits)).mean()

    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        """Return the mean of the discriminator's cross entropies over both domains."""
        if len(batch.target.features) == 0:
            return zero_with_graph(*self.discriminator.parameters())
        assert batch.source.indices is not None  # needed
        kept = self.kept[batch.source.indices]
        real, adapted = (
            domain_logits(self.discriminator, f) for f in (kept, batch.target.features)
        )
        self._accuracy = balanced_accuracy(real.detach(), adapted.detach())
        return adversarial_loss(real, adapted)

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``domain_accuracy``, the share of rows whose domain the discriminator tells."""
        return {} if self._accuracy is None else {"domain_accuracy": self._accuracy}

    def _adam(self, given: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.Adam(given, lr=self._rate, betas=(0.5, 0.999))
