"""The teacher: a moving average of the network, for the terms that need one."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Self, final

import torch
from torch import Tensor, nn

from dakit.contracts import Side, View
from dakit.network import Network
from dakit.spec.training import BatchNormMode, Precision
from dakit.training.passes import Passes


@final
class MovingAverage(nn.Module):
    """A moving average of a network (a ``Teacher``): mean teacher, Tarvainen & Valpola 2017.

    It begins as the network. After each step its weights and BatchNorm's running averages, ``a``,
    follow those of the network, ``w``; ``t`` is the number of the steps before::

        a <- d a + (1 - d) w,   d = min(decay, (1 + t) / (10 + t))

    so that it soon forgets what the network began as. Counters are copied. It stays in evaluation
    mode and has no gradients. The paper's teacher passes in training mode, with noise of its own.
    """

    def __init__(
        self, network: Network, decay: float, batch_norm: BatchNormMode, precision: Precision
    ) -> None:
        super().__init__()
        self.network = deepcopy(network).requires_grad_(False).eval()
        self._decay = decay
        self._passes = Passes(self.network, batch_norm, precision)

    @torch.no_grad()
    def forward(self, inputs: Tensor, domain: Side = "target") -> View:
        """Return features and logits of ``inputs (B, ...)``, without graphs."""
        return self._passes(inputs, domain)

    @torch.no_grad()
    def follow(self, network: Network, steps: int) -> None:
        """Move towards ``network`` after so many ``steps``; after none, become as it is."""
        pull = 1 - min(self._decay, steps / (9 + steps))
        for own, other in zip(_tensors(self.network), _tensors(network), strict=True):
            if own.is_floating_point():
                own.lerp_(other, pull)
            else:
                own.copy_(other)

    def train(self, mode: bool = True) -> Self:
        """Stay in evaluation mode."""
        return super().train(False)


def _tensors(network: Network) -> Iterator[Tensor]:
    """Yield what there is of a network, each tensor once, tied or not."""
    yield from network.parameters()
    yield from network.buffers()
