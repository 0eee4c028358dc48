"""BatchNorm layers as a group: whose images their statistics come from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def batch_norm_layers(module: nn.Module) -> list[_BatchNorm]:
    """Return all BatchNorm layers inside ``module``, of any dimension, synchronised or not."""
    return [layer for layer in module.modules() if isinstance(layer, _BatchNorm)]


@contextmanager
def running_averages(module: nn.Module) -> Iterator[None]:
    """Let the BatchNorm layers of ``module`` use, and not update, their running averages.

    Gradients still flow to their weights and through them; dropout is left as it is.
    """
    switched = [layer for layer in batch_norm_layers(module) if layer.training]
    for layer in switched:
        layer.eval()
    try:
        yield
    finally:
        for layer in switched:
            layer.train()
