"""Small numerical steps that several of the shipped losses and validators share."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from dakit.contracts import Batch


def at_least_float32(tensor: Tensor) -> Tensor:
    """Return ``tensor`` as it is if float32 or float64, else (half types) as float32."""
    return tensor if tensor.dtype in (torch.float32, torch.float64) else tensor.float()


def full_precision(tensor: Tensor) -> torch.autocast:
    """Return a context in which matrix products on the tensor's device are not cast to half."""
    return torch.autocast(tensor.device.type, enabled=False)


def zero_with_graph(*tensors: Tensor) -> Tensor:
    """Return a scalar 0 of float32 at least, whose gradient with respect to each tensor is 0."""
    return torch.stack([at_least_float32(tensor[:0]).sum() for tensor in tensors]).sum()


def entropies(logits: Tensor) -> Tensor:
    """Return ``-sum_c p_c log p_c`` ``(B,)`` in nats of ``p = softmax(logits)`` ``(B, C)``.

    Exact through ``log_softmax``: a probability that underflows contributes 0.
    """
    log_p = torch.log_softmax(at_least_float32(logits), dim=1)
    return -(log_p.exp() * log_p).sum(dim=1)


def finite_or(number: float, otherwise: float) -> float:
    """Return ``number``, or what stands for one that is NaN or infinite."""
    return number if math.isfinite(number) else otherwise


def class_means(features: Tensor, labels: Tensor, num_classes: int) -> tuple[Tensor, Tensor]:
    """Return the mean of each class ``(C, D)``, 0 for absent ones, and which exist ``(C,)``."""
    members = functional.one_hot(labels, num_classes).to(features.dtype)
    counts = members.sum(dim=0)
    with full_precision(features):
        means = (members / counts.clamp(min=1)).T @ features
    return means, counts > 0


LARGEST = 2.0**100
"""A scale that multiplies a loss grows no further, so that a sum of some is finite in float32."""


def common_scale(*tensors: Tensor) -> Tensor:
    """Return the power of 2 above all entries: dividing by it rounds nothing.

    Without it products of features overflow in float32 from features of 1e10 on.
    """
    with torch.no_grad():
        largest = torch.stack([rows.abs().max() for rows in tensors]).max()
        return torch.ldexp(torch.ones_like(largest), torch.frexp(largest).exponent)


def scaled_back(loss: Tensor, scale: Tensor, power: int) -> Tensor:
    """Return ``loss`` of divided features in the units of the features, at most LARGEST times."""
    return loss * (scale**power).clamp(max=LARGEST)


def homogeneous(loss: Callable[..., Tensor], power: int, *features: Tensor) -> Tensor:
    """Return ``loss(*features)`` of a loss with ``loss(s x) = s^power loss(x)``, in any scale."""
    scale = common_scale(*features)
    return scaled_back(loss(*(rows / scale for rows in features)), scale, power)


def over_domains(batch: Batch, loss: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the sum of ``loss`` of the features ``(B, D)`` of each domain that has rows."""
    domains = [at_least_float32(side.features) for side in (batch.source, batch.target)]
    return torch.stack(
        [loss(rows) if len(rows) else zero_with_graph(rows) for rows in domains]
    ).sum()
