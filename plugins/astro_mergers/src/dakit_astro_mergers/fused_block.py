"""Batch norm, ReLU and 2x2 max pooling in one, which halves a training step on a CPU.

On maps of 8 to 32 channels torch spends most of a CPU step not in the convolutions but on walks
over full-size maps: normalise, clip, pool, and back. Two facts save most of these walks:

* Pooling commutes with ReLU and with the affine map of batch norm, both monotonic:
  ``pool(relu(a x + b)) = relu(a p + b)`` with ``p = pool(x)`` for a >= 0 and ``p = -pool(-x)``
  for a < 0. So only the statistics need the full map ``x``; the rest works on a quarter of it.
* The gradient of batch norm is, per channel, ``a g + c1 x + c0`` with ``g`` scattered to the
  maxima (Ioffe & Szegedy 2015, section 3, rearranged): one pass over ``x``, then the scatter.

Values and gradients are those of the stock layers up to rounding. Where two pixels of a window
differ by less than the normalisation rounds away, or where a scale is exactly 0, the stock layers
pick the first of them and these the largest before normalisation: both are subgradients.
"""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Tensor, nn
from torch.nn import functional

CHUNK = 2**20
"""Values whose variance is summed at a time: small enough to stay in the cache."""


def norm_relu_pool(maps: Tensor, norm: nn.BatchNorm2d) -> Tensor:
    """Return ``max_pool2d(relu(norm(maps)), 2)``: ``(B, C, H, W)`` to ``(B, C, H // 2, W // 2)``.

    Training in float32 or float64 on a CPU takes the fast path, which keeps the running statistics
    of ``norm`` as the module itself would, but does not call it: hooks on it stay silent.
    Everything else (evaluation, other devices, mixed precision) takes the stock layers.
    """
    if not _fast_path_fits(maps, norm):
        return functional.max_pool2d(functional.relu(norm(maps)), 2)
    maps = maps.contiguous(memory_format=torch.channels_last)
    mean, variance = _statistics(maps.detach())
    _update_running_statistics(norm, mean, variance, count=maps.numel() // maps.shape[1])
    pooled: Tensor = _NormReLUPool.apply(  # type: ignore[no-untyped-call]
        maps, norm.weight, norm.bias, mean, (variance + norm.eps).rsqrt(), norm.eps
    )
    return pooled


def _fast_path_fits(maps: Tensor, norm: nn.BatchNorm2d) -> bool:
    return (
        norm.training
        and maps.device.type == "cpu"
        and maps.dtype == norm.weight.dtype
        and maps.dtype in (torch.float32, torch.float64)
        and not torch.is_autocast_enabled("cpu")
    )


def _statistics(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and biased variance ``(C,)`` of ``(B, C, H, W)``, chunks merged in float64."""
    sizes, means, squares = [], [], []
    for chunk in torch.split(maps, max(1, CHUNK // maps[0].numel())):
        mean = chunk.mean((0, 2, 3), keepdim=True)
        sizes.append(chunk.numel() // chunk.shape[1])
        means.append(mean.flatten().double())
        squares.append((chunk - mean).square_().sum((0, 2, 3)).double())
    size = torch.tensor(sizes, dtype=torch.float64)[:, None]
    parts = torch.stack(means)
    mean = (size * parts).sum(0) / size.sum()
    spread = torch.stack(squares) + size * (parts - mean).square()
    return mean.to(maps.dtype), (spread.sum(0) / size.sum()).to(maps.dtype)


@torch.no_grad()
def _update_running_statistics(
    norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor, count: int
) -> None:
    if norm.running_mean is None or norm.running_var is None or norm.num_batches_tracked is None:
        return
    norm.num_batches_tracked.add_(1)
    momentum = norm.momentum
    if momentum is None:  # torch's cumulative average
        momentum = 1.0 / float(norm.num_batches_tracked)
    norm.running_mean.lerp_(mean, momentum)
    norm.running_var.lerp_(variance * (count / max(1, count - 1)), momentum)


@final
class _NormReLUPool(torch.autograd.Function):
    """Maps ``(B, C, H, W)`` in channels-last, normalised, clipped and pooled."""

    @staticmethod
    def forward(
        ctx: Any, maps: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, rstd: Tensor, eps: float
    ) -> Tensor:
        sign = torch.where(weight < 0, -1.0, 1.0).to(maps.dtype)
        signed = maps if bool((sign > 0).all()) else maps * _wide(sign)
        largest, places = functional.max_pool2d(signed, 2, return_indices=True)
        picked = (largest if signed is maps else largest.mul_(_wide(sign))) - _wide(mean)
        outputs = torch.addcmul(_wide(bias), picked, _wide(weight * rstd)).relu_()
        ctx.save_for_backward(maps, weight, bias, mean, rstd, places, picked, outputs)
        ctx.eps = eps
        return outputs

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        maps, weight, bias, mean, rstd, places, picked, outputs = ctx.saved_tensors
        if torch.is_grad_enabled():
            return *_stock_gradients(gradients[0], maps, weight, bias, ctx.eps), None, None, None
        incoming = gradients[0].contiguous(memory_format=torch.channels_last)
        gradient = torch.where(outputs > 0, incoming, 0)
        to_bias = gradient.sum((0, 2, 3))
        to_weight = (gradient * picked).sum((0, 2, 3)) * rstd
        scale = weight * rstd
        count = maps.numel() // maps.shape[1]
        c1 = -scale * rstd * to_weight / count
        c0 = -scale * to_bias / count - c1 * mean
        to_maps = torch.addcmul(_wide(c0), maps, _wide(c1))
        _pixels(to_maps).scatter_add_(1, _pixels(places), _pixels(gradient * _wide(scale)))
        return to_maps, to_weight, to_bias, None, None, None


def _stock_gradients(
    gradient: Tensor, maps: Tensor, weight: Tensor, bias: Tensor, eps: float
) -> tuple[Tensor, ...]:
    """Return the gradients by torch's own layers, which can be differentiated once more."""
    normalised = functional.batch_norm(maps, None, None, weight, bias, training=True, eps=eps)
    outputs = functional.max_pool2d(functional.relu(normalised), 2)
    return torch.autograd.grad(outputs, (maps, weight, bias), gradient, create_graph=True)


def _wide(values: Tensor) -> Tensor:
    """View ``(C,)`` as ``(1, C, 1, 1)``."""
    return values.view(1, -1, 1, 1)


def _pixels(maps: Tensor) -> Tensor:
    """View ``(B, C, H, W)`` in channels-last as ``(B, H * W, C)``, never copying."""
    batch, channels, height, width = maps.shape
    return maps.permute(0, 2, 3, 1).view(batch, height * width, channels)
