"""What a network says of the rows of a domain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray

from dakit.contracts import Domain
from dakit.data.batches import evaluation_batches
from dakit.data.normalization import Normalization
from dakit.network import Network


@final
@dataclass(frozen=True)
class Predictions:
    """Outputs for ``rows (N,)`` of a domain, in their order, as float32 arrays."""

    rows: NDArray[np.int64]
    logits: NDArray[np.float32]
    """``(N, C)``."""
    probabilities: NDArray[np.float32]
    """Softmax of the logits, ``(N, C)``."""
    features: NDArray[np.float32] | None = None
    """``(N, D)`` where asked for."""


def predict(
    network: Network,
    domain: Domain,
    rows: NDArray[np.int64],
    normalization: Normalization,
    *,
    batch_size: int,
    device: torch.device,
    with_features: bool = False,
) -> Predictions:
    """Pass ``rows`` of ``domain`` through ``network`` in batches, without gradients.

    The network is in evaluation mode meanwhile (BatchNorm uses its running statistics) and is
    left in the mode it came in.
    """
    logits, features = [], []
    with evaluating(network):
        for inputs in evaluation_batches(domain, rows, normalization, batch_size, device):
            batch_features, batch_logits = network(inputs)
            logits.append(batch_logits.float().cpu())
            if with_features:
                features.append(batch_features.float().cpu())
    joined = torch.cat(logits) if logits else torch.empty(0, _classes(network))
    return Predictions(
        rows=rows,
        logits=joined.numpy(),
        probabilities=joined.softmax(dim=1).numpy(),
        features=torch.cat(features).numpy() if features else None,
    )


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


def _classes(network: Network) -> int:
    last = network.head[-1]
    assert isinstance(last, torch.nn.Linear)  # every head ends in one logit a class
    return last.out_features
