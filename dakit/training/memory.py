"""Whether a network can be trained in the memory there is, known before any of it is taken."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, final

import torch
from torch.overrides import TorchFunctionMode

from dakit.errors import InputError
from dakit.spec.run import RunSpec

_MAKERS = {torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn}
_BYTES = 4
MEMORY = Path("/proc/meminfo")
LIMIT, TAKEN = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")


@final
class MemoryBound(TorchFunctionMode):
    """Inside, a network larger than the memory of ``device`` is refused as soon as it shows.

    Every tensor that is made is counted before it is made, as often as :func:`copies` says, in
    float32. Raises InputError.
    """

    def __init__(self, device: torch.device, copies: int) -> None:
        super().__init__()
        self.most, self.copies, self.entries = free_memory(device), copies, 0

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
            needed = self.entries * _BYTES * self.copies
            if needed > self.most:
                raise InputError(
                    f"the network does not fit: to train it takes {needed / 1e9:,.0f} GB or more, "
                    f"and {self.most / 1e9:,.0f} GB are free; take smaller widths in model, or in "
                    "the terms of the objective"
                )
        return func(*args, **(kwargs or {}))


def _entries(args: Sequence[Any], kwargs: Mapping[str, Any]) -> int:
    size = kwargs.get("size", args[0] if args and isinstance(args[0], Sequence) else args)
    return math.prod(n for n in size if isinstance(n, int))


def copies(spec: RunSpec, device: torch.device) -> int:
    """Return how often the memory of ``device`` holds each weight while it is trained.

    The weight, its gradient and the averages of the optimizer; on the host also those of the best
    epoch, and a checkpoint (weights, averages, best epoch) before it is on the disk.
    """
    frozen = spec.init_from is not None and not {"backbone", "head"} <= spec.init_from.learns
    averages = 0 if frozen else spec.optimizer.averages
    on_host = 1 + 2 + averages
    return 1 + (not frozen) + averages + (on_host if device.type == "cpu" else 0)


def free_memory(device: torch.device) -> float:
    """Return the bytes that can be taken; infinite where the system does not say."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    return min(_available(), _limit())


def _available() -> float:
    with suppress(OSError, ValueError):  # of Linux alone
        lines = MEMORY.read_text().splitlines()
        return 1024 * next(float(line.split()[1]) for line in lines if "MemAvailable" in line)
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return math.inf


def _limit() -> float:
    """Return what a container leaves."""
    with suppress(OSError, ValueError):
        return float(LIMIT.read_text()) - float(TAKEN.read_text())
    return math.inf
