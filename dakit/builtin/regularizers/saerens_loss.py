"""Class shares of the target by expectation maximisation (Saerens et al. 2002)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional

from dakit.builtin.numerics import zero_with_graph
from dakit.builtin.regularizers.saerens import SaerensSpec
from dakit.contracts import Batch, BuildContext, EpochView, LogitPredictor, LossTerm

TEMPERATURES = torch.logspace(-1, 1, 81, base=10, dtype=torch.float64)
LEAST = 1e-6
"""The least share of a class: it may have rows all the same."""


@final
class Corrected(LogitPredictor):
    """Predicts by the logits over a temperature, corrected for other class shares."""

    temperature: Tensor
    prior: Tensor
    shares: Tensor

    def __init__(self, strength: float, context: BuildContext) -> None:
        super().__init__()
        self._strength = strength
        counts = torch.tensor(context.class_counts or (1,) * context.num_classes).double()
        prior = (counts / counts.sum()).clamp(min=LEAST)
        self.register_buffer("temperature", torch.ones(()))
        self.register_buffer("prior", prior.float())
        self.register_buffer("shares", prior.float())

    def forward(self, logits: Tensor) -> Tensor:
        """Return ``z / T + strength log(q / p)`` of logits ``z (B, C)``."""
        return logits / self.temperature + self._strength * (self.shares / self.prior).log()


@final
class Saerens(LossTerm):
    """Estimates class shares after each epoch and corrects by them; see ``SaerensSpec``."""

    uses_target = False

    def __init__(self, spec: SaerensSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        self.corrected = Corrected(spec.strength, context)

    def forward(self, batch: Batch) -> Tensor:
        """Return 0: the network learns from the other terms."""
        return zero_with_graph(batch.source.features)

    def on_epoch_end(self, view: EpochView) -> None:
        """Fit the temperature, then the class shares."""
        held_out, corrected = view.validation.source, self.corrected
        if self._spec.calibrate and len(held_out.logits):
            corrected.temperature.copy_(best_temperature(held_out.logits, held_out.labels))
        said = (view.target.logits.double() / corrected.temperature).softmax(dim=1)
        if len(said):
            found = target_shares(
                said, corrected.prior.double(), self._spec.tolerance, self._spec.iterations
            )
            corrected.shares.copy_(found.clamp(min=LEAST))

    def predictor(self) -> nn.Module:
        """Return the correction."""
        return self.corrected

    def estimated_shares(self) -> Tensor | None:
        """Return the class shares of the target."""
        return self.corrected.shares

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return the temperature, and how far the shares are apart: half the sum of |q - p|."""
        corrected = self.corrected
        apart = (corrected.shares - corrected.prior).abs().sum() / 2
        return {"temperature": corrected.temperature, "apart": apart}


def target_shares(said: Tensor, prior: Tensor, tolerance: float, iterations: int) -> Tensor:
    """Return the shares ``(C,)`` under which probabilities ``said (N, C)`` are most likely."""
    shares = prior
    for _ in range(iterations):
        joint = said * (shares / prior)
        updated = (joint / joint.sum(dim=1, keepdim=True)).mean(dim=0)
        moved, shares = float((updated - shares).abs().sum()), updated
        if moved < tolerance:
            break
    return shares


def best_temperature(logits: Tensor, labels: Tensor) -> Tensor:
    """Return that of 81 temperatures from 0.1 to 10 under which ``labels (N,)`` are most likely."""
    rows, temperatures = logits.double(), TEMPERATURES.to(logits.device)
    losses = [functional.cross_entropy(rows / each, labels) for each in temperatures]
    return temperatures[torch.stack(losses).argmin()]
