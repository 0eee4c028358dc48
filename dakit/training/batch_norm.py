"""BatchNorm layers as a group: whose images their statistics come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from dakit.data.batches import Reader
from dakit.network import Network
from dakit.randomness import generator


def batch_norm_layers(module: nn.Module) -> list[_BatchNorm]:
    """Return all BatchNorm layers inside ``module``, of any dimension, synchronised or not."""
    return [layer for layer in module.modules() if isinstance(layer, _BatchNorm)]


@torch.no_grad()
def layer_of_one_value(network: Network, one: Tensor, frozen: Sequence[str] = ()) -> str | None:
    """Return the BatchNorm layer that input ``one`` gives one value a channel; None without one.

    Layers in the parts ``frozen`` (backbone, head) use their running averages and do not count.
    """
    found: list[str] = []

    def look(name: str, inputs: Tensor) -> None:
        if inputs.numel() == inputs.shape[1]:
            found.append(name)

    handles = [
        layer.register_forward_pre_hook(lambda _, given, name=name: look(name, given[0]))
        for name, layer in network.named_modules()
        if isinstance(layer, _BatchNorm) and name.partition(".")[0] not in frozen
    ]
    training = network.training
    try:
        network.eval()(one)
    finally:
        network.train(training)
        for handle in handles:
            handle.remove()
    return found[0] if found else None


@torch.no_grad()
def adapt_statistics(
    network: Network, read: Reader, rows: NDArray[np.int64], *, batch_size: int, seed: int
) -> None:
    """Give the target BatchNorm layers of its own, with the statistics of its ``rows``.

    Weights and biases are copies, the source keeps its averages (AdaBN, Li et al. 2016). The rows
    pass once in random batches of about ``batch_size``, each layer on the statistics of the batch;
    means and variances are averages over the batches. Published: statistics over all rows, layer
    by layer in one pass of a running average.
    """
    network.split_batch_norm()
    layers = [layer.target for layer in network.domain_layers if layer.target.track_running_stats]
    momenta = [layer.momentum for layer in layers]
    order = generator(seed, "adabn").permutation(rows)
    network.eval()
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the mean over all batches
        layer.train()
    with network.for_domain("target"):
        for part in np.array_split(order, max(1, round(len(order) / batch_size))):
            network(read(part))
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
        layer.eval()


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


@contextmanager
def averages_kept(module: nn.Module) -> Iterator[None]:
    """Let no BatchNorm layer of ``module`` update its running averages; all else stays as it is."""
    tracking = [layer for layer in batch_norm_layers(module) if layer.track_running_stats]
    for layer in tracking:
        layer.track_running_stats = False
    try:
        yield
    finally:
        for layer in tracking:
            layer.track_running_stats = True
