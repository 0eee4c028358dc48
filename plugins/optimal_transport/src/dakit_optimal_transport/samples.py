"""The two samples of a batch, ready for transport."""

from __future__ import annotations

import torch
from torch import Tensor


def at_least_float32(tensor: Tensor) -> Tensor:
    """Return ``tensor`` as it is if float32 or float64, else (half types) as float32."""
    return tensor if tensor.dtype in (torch.float32, torch.float64) else tensor.float()


def centred(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Return both samples ``(n, D)``, ``(m, D)`` moved by one constant, their joint mean.

    No distance changes, but far from the origin float32 would lose the small ones.
    """
    middle = torch.cat([source, target]).detach().mean(dim=0)
    return source - middle, target - middle


def zero_with_graph(*tensors: Tensor) -> Tensor:
    """Return a scalar 0 whose gradient with respect to each tensor is 0."""
    return torch.stack([tensor[:0].sum() for tensor in tensors]).sum()
