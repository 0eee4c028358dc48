"""Dynamic adversarial adaptation: global and per-class discriminators (Yu et al. 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.transfer.daan import DAANSpec
from dakit.builtin.transfer.dann_loss import adversarial_loss, discriminator, domain_logits
from dakit.contracts import Batch, BuildContext, EpochView, LossTerm, SourceSide, TargetSide
from dakit.contracts.gradient_reversal import reversal_strength, reverse_gradient

Side = SourceSide | TargetSide


@final
class DAAN(LossTerm):
    """Global and local domain classifiers, balanced by ``omega``; see ``DAANSpec``.

    A batch without target rows gives 0.
    """

    omega: Tensor

    def __init__(self, spec: DAANSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        self.all = self._discriminator(context, "daan global")
        self.of_class = nn.ModuleList(
            self._discriminator(context, f"daan class {c}") for c in range(context.num_classes)
        )
        self.register_buffer("omega", torch.tensor(0.5))

    def forward(self, batch: Batch) -> Tensor:
        """Return ``(1 - omega) L_g + omega L_l``."""
        source, target = batch.source, batch.target
        if len(target.features) == 0:
            return zero_with_graph(source.features, target.features)
        strength = reversal_strength(self._spec.schedule, self._spec.reversal, batch.progress)
        omega = float(self.omega)
        losses = torch.stack(
            [
                adversarial_loss(*(domain_logits(d, side) for side in sides))
                for d, sides in self._discriminated(source, target, strength)
            ]
        )
        return (1 - omega) * losses[0] + omega * losses[1:].mean()

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of the discriminators."""
        return self._spec.lr_multiplier

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``omega``: the weight of the local losses, in [0, 1]."""
        return {"omega": self.omega.clone()}

    @torch.no_grad()
    def on_epoch_end(self, view: EpochView) -> None:
        """Set ``omega`` from the distances that the discriminators find on all rows."""
        was_training = self.training
        self.eval()
        distances = [
            a_distance(domain_logits(d, sides[0]), domain_logits(d, sides[1]), *weights)
            for (d, sides), weights in zip(
                self._discriminated(view.source, view.target, 0.0),
                _weights(view.source, view.target),
                strict=True,
            )
        ]
        self.train(was_training)
        of_all, of_classes = distances[0], torch.stack(distances[1:]).mean()
        if float(of_all + of_classes) > 0:
            self.omega.copy_(of_classes / (of_all + of_classes))

    def _discriminated(
        self, source: Side, target: Side, strength: float
    ) -> list[tuple[nn.Module, list[Tensor]]]:
        """Return each discriminator, the global one first, with what it sees of both domains."""
        features = [at_least_float32(side.features) for side in (source, target)]
        shares = [_probabilities(side) for side in (source, target)]
        seen = [(self.all, features)] + [
            (d, [p[:, c : c + 1] * x for p, x in zip(shares, features, strict=True)])
            for c, d in enumerate(self.of_class)
        ]
        return [(d, [reverse_gradient(x, strength) for x in sides]) for d, sides in seen]

    def _discriminator(self, context: BuildContext, purpose: str) -> nn.Module:
        spec = self._spec
        return discriminator(context.feature_dim, spec.hidden, spec.dropout, context.seed, purpose)


def a_distance(
    source_logits: Tensor, target_logits: Tensor, source_weights: Tensor, target_weights: Tensor
) -> Tensor:
    """Return ``max(0, 2 (1 - 2 e))`` with ``e`` the mean of both domains' weighted error rates.

    A domain without weight counts as told apart half of the time.
    """
    errors = [
        (weights * wrong).sum() / weights.sum() if bool(weights.sum() > 0) else torch.tensor(0.5)
        for weights, wrong in (
            (source_weights, source_logits <= 0),
            (target_weights, target_logits > 0),
        )
    ]
    return (2 - 2 * (errors[0] + errors[1])).clamp(min=0)


def _weights(source: Side, target: Side) -> list[tuple[Tensor, Tensor]]:
    """Return how much each row counts, first for the global, then for each local classifier."""
    shares = [_probabilities(side) for side in (source, target)]
    ones = tuple(torch.ones_like(p[:, 0]) for p in shares)
    by_class = zip(*(p.T for p in shares), strict=True)
    return [(ones[0], ones[1]), *by_class]


def _probabilities(side: Side) -> Tensor:
    return at_least_float32(side.logits).softmax(dim=1)
