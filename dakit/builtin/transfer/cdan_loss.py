"""Conditional domain-adversarial training (Long et al. 2018)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from dakit.builtin.numerics import (
    at_least_float32,
    entropies,
    full_precision,
    zero_with_graph,
)
from dakit.builtin.transfer.cdan import CDANSpec
from dakit.builtin.transfer.dann_loss import balanced_accuracy, discriminator, domain_logits
from dakit.contracts import Batch, BuildContext, LossTerm, derived_seed
from dakit.contracts.gradient_reversal import reversal_strength, reverse_gradient


@final
class CDAN(LossTerm):
    """Domain classifier on features ``(B, D)`` times predictions ``(B, C)``; see CDANSpec.

    A batch without target rows gives 0.
    """

    of_features: Tensor | None
    of_predictions: Tensor | None

    def __init__(self, spec: CDANSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        whole = context.feature_dim * context.num_classes
        self._random = whole > spec.map_dim
        width = spec.map_dim if self._random else whole
        generator = torch.Generator().manual_seed(derived_seed(context.seed, "cdan random map"))
        for name, rows in (("features", context.feature_dim), ("predictions", context.num_classes)):
            drawn = torch.randn(rows, width, generator=generator) if self._random else None
            self.register_buffer(f"of_{name}", drawn)
        self.discriminator = discriminator(
            width, spec.hidden, spec.dropout, context.seed, "cdan discriminator"
        )
        self._domain_accuracy: Tensor | None = None

    def forward(self, batch: Batch) -> Tensor:
        """Return the weighted binary cross entropies, half for each domain."""
        sides = (batch.source, batch.target)
        features, logits = ([getattr(s, of) for s in sides] for of in ("features", "logits"))
        if len(batch.target.features) == 0:
            self._domain_accuracy = None
            return zero_with_graph(*features, *logits)
        strength = reversal_strength(self._spec.schedule, self._spec.reversal, batch.progress)
        seen = reverse_gradient(at_least_float32(torch.cat(features)), strength)
        predicted = reverse_gradient(at_least_float32(torch.cat(logits)), strength)
        domains = domain_logits(self.discriminator, self._map(seen, predicted.softmax(dim=1)))
        sizes = [len(rows) for rows in features]
        on_source, on_target = torch.split(domains, sizes)
        self._domain_accuracy = balanced_accuracy(on_source.detach(), on_target.detach())
        weights = [self._weights(rows) for rows in torch.split(predicted, sizes)]
        source_loss = (weights[0] * logsigmoid(on_source)).sum()
        return -0.5 * (source_loss + (weights[1] * logsigmoid(-on_target)).sum())

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of the discriminator."""
        return self._spec.lr_multiplier

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``domain_accuracy``: 0.5 where the domains cannot be told apart, 1 at worst."""
        return {} if self._domain_accuracy is None else {"domain_accuracy": self._domain_accuracy}

    def _map(self, features: Tensor, predicted: Tensor) -> Tensor:
        if self.of_features is None or self.of_predictions is None:
            return (features[:, :, None] * predicted[:, None, :]).flatten(1)
        with full_precision(features):
            mapped = [
                rows @ matrix.to(rows.dtype)
                for rows, matrix in (
                    (features, self.of_features),
                    (predicted, self.of_predictions),
                )
            ]
        return mapped[0] * mapped[1] / math.sqrt(self._spec.map_dim)

    def _weights(self, logits: Tensor) -> Tensor:
        if not self._spec.entropy_conditioning:
            return logits.new_full((len(logits),), 1 / len(logits))
        weights = 1 + torch.exp(-entropies(logits))
        return weights / weights.detach().sum()
