"""Finding and replacing layers of a model."""

from __future__ import annotations

import torch
from torch import nn


def last_linear(model: nn.Module) -> tuple[str, nn.Linear] | None:
    """Return name and module of the last fully connected layer, None where it has no such layer."""
    found = [(name, m) for name, m in model.named_modules() if isinstance(m, nn.Linear)]
    return found[-1] if found else None


def replace(model: nn.Module, name: str, layer: nn.Module) -> None:
    """Put ``layer`` where ``model`` has the one called ``name``."""
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, layer)


def with_channels(model: nn.Module, channels: int, *, keep_weights: bool) -> None:
    """Make the first convolution take ``channels`` inputs.

    The new one has fresh weights, or the mean of the old ones over their channels ``C``, times
    ``C / channels``: equal channels give the same sums as before.
    """
    name, old = next((n, m) for n, m in model.named_modules() if isinstance(m, nn.Conv2d))
    new = nn.Conv2d(
        channels,
        old.out_channels,
        kernel_size=old.kernel_size,  # type: ignore[arg-type]
        stride=old.stride,  # type: ignore[arg-type]
        padding=old.padding,  # type: ignore[arg-type]
        dilation=old.dilation,  # type: ignore[arg-type]
        groups=old.groups,
        bias=old.bias is not None,
        padding_mode=old.padding_mode,
    )
    if keep_weights:
        with torch.no_grad():
            mean = old.weight.mean(dim=1, keepdim=True) * old.in_channels / channels
            new.weight.copy_(mean.expand_as(new.weight))
            if new.bias is not None and old.bias is not None:
                new.bias.copy_(old.bias)
    replace(model, name, new)
