"""Whether a network can be trained in the memory there is, known before any of it is taken."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

import torch
from torch.overrides import TorchFunctionMode

from dakit.errors import InputError

_MAKERS = {torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn}
_BYTES = 4
_COPIES = 4
"""Weights, their gradients, and the two averages of Adam."""


@final
class MemoryBound(TorchFunctionMode):
    """Inside, a network larger than the memory of ``device`` is refused as soon as it shows.

    Every tensor that is made is counted before it is made, 16 bytes an entry: float32 weights,
    gradients, and the optimizer's two averages. Raises InputError.
    """

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.most, self.entries = _memory(device), 0

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Count what ``func`` would make, then let it."""
        if func in _MAKERS:
            self.entries += _entries(args, kwargs or {})
            needed = self.entries * _BYTES * _COPIES
            if needed > self.most:
                raise InputError(
                    f"the network does not fit: to train it takes {needed / 1e9:,.0f} GB or more, "
                    f"and there are {self.most / 1e9:,.0f} GB; take smaller widths in model, or in "
                    "the terms of the objective"
                )
        return func(*args, **(kwargs or {}))


def _entries(args: Sequence[Any], kwargs: Mapping[str, Any]) -> int:
    size = kwargs.get("size", args[0] if args and isinstance(args[0], Sequence) else args)
    return math.prod(n for n in size if isinstance(n, int))


def _memory(device: torch.device) -> float:
    """Return the bytes of the device's memory; infinite where the system does not say."""
    if device.type == "cuda":
        return float(torch.cuda.get_device_properties(device).total_memory)
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return math.inf
