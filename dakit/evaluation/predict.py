"""What a network says of rows of a domain: the one loop over them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from dakit.contracts import Side, View
from dakit.data.batches import Reader
from dakit.network import Network


@torch.no_grad()
def outputs(
    network: Network,
    read: Reader,
    rows: NDArray[np.int64],
    *,
    role: Side,
    batch_size: int,
    with_features: bool = True,
) -> View:
    """Return the features ``(N, D)`` and logits ``(N, C)`` of ``rows``, in their order.

    They pass in batches, without gradients, as inputs of the domain ``role``. The network is in
    evaluation mode meanwhile (BatchNorm uses its running averages) and is left in the mode it
    came in. Features that are not wanted, since those of many rows are large, are ``(N, 0)``.
    """
    width = network.backbone.feature_dim if with_features else 0
    none = next(network.parameters()).new_empty(0, max(width, network.num_classes))
    seen = [View(none[:, :width], none[:, : network.num_classes])] if not len(rows) else []
    with evaluation_mode(network), network.for_domain(role):
        for inputs in read.batches(rows, batch_size):
            features, logits = network(inputs)
            kept = features if with_features else features.new_empty(len(features), 0)
            seen.append(View(kept, logits))
    return View(torch.cat([v.features for v in seen]), torch.cat([v.logits for v in seen]))


def features_of(
    network: Network, read: Reader, rows: NDArray[np.int64], *, role: Side, batch_size: int
) -> NDArray[np.float32]:
    """Return the features ``(N, D)`` of ``rows``; see :func:`outputs`."""
    found = outputs(network, read, rows, role=role, batch_size=batch_size).features
    features: NDArray[np.float32] = found.float().cpu().numpy()
    return features


def probabilities_of(
    network: Network, read: Reader, rows: NDArray[np.int64], *, role: Side, batch_size: int
) -> NDArray[np.float32]:
    """Return the softmax of the logits ``(N, C)`` of ``rows``; see :func:`outputs`."""
    found = outputs(
        network, read, rows, role=role, batch_size=batch_size, with_features=False
    ).logits
    probabilities: NDArray[np.float32] = found.float().cpu().softmax(dim=1).numpy()
    return probabilities


@contextmanager
def evaluating(network: torch.nn.Module) -> Iterator[None]:
    """Put every module of ``network`` into evaluation mode, without gradients, for a while."""
    with evaluation_mode(network), torch.inference_mode():
        yield


@contextmanager
def evaluation_mode(network: torch.nn.Module) -> Iterator[None]:
    """Put every module of ``network`` into evaluation mode; give each its own mode back after."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
