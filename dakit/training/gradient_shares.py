"""How much each loss term pulls at the features: its share of the gradient norm, once an epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from dakit.network import Network

Taps = dict[str, list[Tensor]]


@contextmanager
def tapped(network: Network) -> Iterator[Taps]:
    """Collect what backbone and head of ``network`` give while a step runs.

    The tensors are those of the step's own graph: nothing is computed twice.
    """
    taps: Taps = {"features": [], "logits": []}
    handles = []
    for name, part in (("features", network.backbone), ("logits", network.head)):

        def keep(_: nn.Module, __: object, output: Tensor, name: str = name) -> None:
            taps[name].append(output)

        handles.append(part.register_forward_hook(keep))
    try:
        yield taps
    finally:
        for handle in handles:
            handle.remove()


def gradient_shares(
    losses: Mapping[str, Tensor], weights: Mapping[str, float], taps: Taps
) -> dict[str, float | None]:
    """Return ``n_i / sum_j n_j`` of each term, with ``n_i = |d (w_i L_i) / d F|``.

    F are the features ``(B, D)`` of both domains in one step, and the norm is Frobenius', after
    any gradient reversal: what the term tells the backbone. Where the backbone is frozen, F are
    the logits ``(B, C)``. The share of a term that does not reach F is 0; all are None where the
    sum is 0 or not finite. Empty where nothing was tapped.

    This costs a backward pass a term, through head and term but not through the backbone, on the
    graph that the training step uses after it. It draws no random number, updates no statistics
    and leaves no gradient behind: the training stays what it was, bit for bit.
    """
    shared = next((kept for kept in map(_in_a_graph, taps.values()) if kept), [])
    if not shared:
        return {}
    norms = {name: weights[name] * _norm(loss, shared) for name, loss in losses.items()}
    total = sum(norms.values())
    defined = math.isfinite(total) and total > 0
    return {name: norm / total if defined else None for name, norm in norms.items()}


def _in_a_graph(outputs: Sequence[Tensor]) -> list[Tensor]:
    return [output for output in outputs if output.requires_grad]


def _norm(loss: Tensor, shared: Sequence[Tensor]) -> float:
    if not loss.requires_grad:
        return 0.0
    found = torch.autograd.grad(loss, shared, retain_graph=True, allow_unused=True)
    norms = [torch.linalg.vector_norm(part.float()) for part in found if part is not None]
    return float(torch.linalg.vector_norm(torch.stack(norms))) if norms else 0.0
