"""Domain-adversarial training of the features (Ganin et al. 2016)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.transfer.adversarial import AdversarialSpec
from dakit.contracts import Batch, BuildContext, LossTerm, derived_seed
from dakit.contracts.gradient_reversal import reversal_strength, reverse_gradient


@final
class DANN(LossTerm):
    """Domain classifier behind a gradient reversal, on features ``(B, D)``; see ``DANNSpec``.

    Through ``logsigmoid`` this is the published sigmoid and binary cross entropy without its
    overflow. Source rows count by ``batch.source.weights``, where given. Departure from the
    published script: there the discriminator is in no optimizer; here its parameters are
    trained. A batch without target rows gives 0.
    """

    honours_weights = True

    def __init__(self, spec: AdversarialSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        self.discriminator = discriminator(
            context.feature_dim, spec.hidden, spec.dropout, context.seed
        )
        self._domain_accuracy: Tensor | None = None

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean of the two domains' mean binary cross entropies."""
        source, target = batch.source.features, batch.target.features
        if len(target) == 0:
            self._domain_accuracy = None
            return zero_with_graph(source, target)
        logits = self._domain_logits(torch.cat([source, target]), batch.progress)
        on_source, on_target = logits[: len(source)], logits[len(source) :]
        self._domain_accuracy = balanced_accuracy(on_source.detach(), on_target.detach())
        return adversarial_loss(on_source, on_target, batch.source.weights)

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of the discriminator."""
        return self._spec.lr_multiplier

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``domain_accuracy``: 0.5 where the domains cannot be told apart, 1 at worst."""
        if self._domain_accuracy is None:
            return {}
        return {"domain_accuracy": self._domain_accuracy}

    def _domain_logits(self, features: Tensor, progress: float) -> Tensor:
        strength = reversal_strength(self._spec.schedule, self._spec.reversal, progress)
        return domain_logits(self.discriminator, reverse_gradient(features, strength))


def domain_logits(discriminator: nn.Module, features: Tensor) -> Tensor:
    """Return the logits ``(B,)`` of being source, float32 at least."""
    own_type = next(discriminator.parameters()).dtype
    logits: Tensor = discriminator(features.to(own_type))
    return at_least_float32(logits).squeeze(1)


def discriminator(
    feature_dim: int,
    hidden: Sequence[int],
    dropout: float,
    seed: int,
    purpose: str = "dann discriminator",
) -> nn.Sequential:
    """Return the domain classifier, features ``(B, D)`` -> one logit ``(B, 1)``.

    Initialised as published: weights N(0, 0.01), those of the last layer N(0, 0.3), biases 0.
    """
    generator = torch.Generator().manual_seed(derived_seed(seed, purpose))
    layers: list[nn.Module] = []
    for width_in, width in pairwise([feature_dim, *hidden]):
        layers += [_linear(width_in, width, 0.01, generator), nn.ReLU(), nn.Dropout(dropout)]
    last = _linear([feature_dim, *hidden][-1], 1, 0.3, generator)
    return nn.Sequential(*layers, last)


def adversarial_loss(
    source_logits: Tensor, target_logits: Tensor, weights: Tensor | None = None
) -> Tensor:
    """Return the mean of the two domains' mean binary cross entropies; source is 1.

    Source row i is multiplied by ``weights[i]``, where they are given.
    """
    on_source = logsigmoid(source_logits)
    if weights is not None:
        on_source = on_source * weights.to(on_source.dtype)
    return -0.5 * (on_source.mean() + logsigmoid(-target_logits).mean())


def balanced_accuracy(source_logits: Tensor, target_logits: Tensor) -> Tensor:
    """Return the mean of the shares of source rows above 0 and target rows at or below 0."""
    return 0.5 * ((source_logits > 0).float().mean() + (target_logits <= 0).float().mean())


def _linear(width_in: int, width_out: int, spread: float, generator: torch.Generator) -> nn.Linear:
    # not drawn on the default device: torch's global generator is left alone
    layer = nn.Linear(width_in, width_out, device="meta").to_empty(device="cpu")
    with torch.no_grad():
        layer.weight.normal_(0, spread, generator=generator)
        layer.bias.zero_()
    return layer
