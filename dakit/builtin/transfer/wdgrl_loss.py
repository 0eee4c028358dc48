"""Wasserstein distance guided representation learning (Shen et al. 2018)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn

from dakit.builtin.numerics import at_least_float32, full_precision, zero_with_graph
from dakit.builtin.transfer.wdgrl import WDGRLSpec
from dakit.contracts import Batch, BuildContext, LossTerm, Phase, seeded


@final
class WDGRL(LossTerm):
    """The critic's estimate of the Wasserstein distance; see ``WDGRLSpec``. 0 without target rows.

    The points between the domains are drawn from torch's generator, which the run seeds.
    """

    def __init__(self, spec: WDGRLSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        adam = partial(torch.optim.Adam, lr=spec.critic_lr)
        self.phases = (
            Phase("critic", {"term"}, "before", spec.critic_steps, "detached", optimizer=adam),
        )
        self.critic = critic(context.feature_dim, spec.hidden, context.seed)
        self._distance: Tensor | None = None

    def forward(self, batch: Batch) -> Tensor:
        """Return ``mean f(x) - mean f(y)``."""
        source, target = batch.source.features, batch.target.features
        if len(target) == 0:
            return zero_with_graph(source, target)
        distance = self._values(source).mean() - self._values(target).mean()
        self._distance = distance.detach()
        return distance

    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        """Return what the critic lowers, ``penalty mean (|grad f| - 1)^2 - W``."""
        source, target = batch.source.features, batch.target.features
        if len(target) == 0:
            return 0 * self._values(source).sum()
        distance = self._values(source).mean() - self._values(target).mean()
        points = torch.cat([source, target, between(source, target)]).to(self._type)
        return self._spec.penalty * self._steepness(points) - distance

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``wasserstein``, the latest estimate."""
        return {} if self._distance is None else {"wasserstein": self._distance}

    @property
    def _type(self) -> torch.dtype:
        return next(self.critic.parameters()).dtype

    def _values(self, features: Tensor) -> Tensor:
        with full_precision(features):
            values: Tensor = self.critic(features.to(self._type))
        return at_least_float32(values).squeeze(1)

    def _steepness(self, points: Tensor) -> Tensor:
        """Return the mean of ``(|grad f| - 1)^2`` at ``points (K, D)``."""
        with torch.enable_grad():
            points = points.detach().requires_grad_()
            values = self._values(points).sum()
            (gradient,) = torch.autograd.grad(values, points, create_graph=True)
        tiny = torch.finfo(gradient.dtype).tiny  # the norm has no gradient at 0
        norms = (gradient.square().sum(dim=1) + tiny).sqrt()
        return (norms - 1).square().mean()


def critic(feature_dim: int, hidden: Sequence[int], seed: int) -> nn.Sequential:
    """Return the critic, features ``(B, D)`` to values ``(B, 1)``, drawn from the seed alone."""
    widths = [feature_dim, *hidden]
    with seeded(seed, "wdgrl critic"):
        layers: list[nn.Module] = []
        for width_in, width in pairwise(widths):
            layers += [nn.Linear(width_in, width), nn.ReLU()]
        return nn.Sequential(*layers, nn.Linear(widths[-1], 1))


def between(source: Tensor, target: Tensor) -> Tensor:
    """Return a random point on the line from each source row to a target row, ``(K, D)``.

    ``K`` is the larger number of rows; the rows of the smaller domain are repeated in turn.
    """
    rows = torch.arange(max(len(source), len(target)), device=source.device)
    begin, end = source[rows % len(source)], target[rows % len(target)]
    share = torch.rand(len(rows), 1, dtype=torch.float32, device=source.device).to(begin.dtype)
    return begin + share * (end - begin)
