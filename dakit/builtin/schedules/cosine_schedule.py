"""Half a cosine."""

from __future__ import annotations

import math
from typing import final

from dakit.builtin.schedules.cosine import CosineSpec
from dakit.contracts import BuildContext


@final
class Cosine:
    """Linear warm-up to 1, then half a cosine down to the floor at the last step."""

    def __init__(self, spec: CosineSpec, context: BuildContext) -> None:
        self._spec = spec

    def __call__(self, step: int, total: int, per_epoch: int) -> float:
        """Return the factor at ``step``."""
        rising = int(self._spec.warmup * total)
        if step < rising:
            return (step + 1) / (rising + 1)
        fall = (step - rising) / max(1, total - 1 - rising)
        return cosine_between(1.0, self._spec.floor_factor, min(1.0, fall))


def cosine_between(start: float, end: float, fraction: float) -> float:
    """Return what half a cosine from ``start`` to ``end`` is after ``fraction`` of it."""
    return end + (start - end) / 2 * (1 + math.cos(math.pi * fraction))
