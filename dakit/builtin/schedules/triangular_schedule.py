"""The repeating triangle of DeepMerge II."""

from __future__ import annotations

from typing import final

from dakit.builtin.schedules.triangular import TriangularSpec
from dakit.contracts import BuildContext


@final
class Triangular:
    """Floor -> 1 -> floor, linear, over and over.

    Its period is ``int(0.9 * cycle_length * per_epoch)`` steps. The published code calls it
    one-cycle and means to fall far below the floor in the last tenth of each cycle, but never
    reaches that branch. A period has two steps at least, the floor and the peak.
    """

    def __init__(self, spec: TriangularSpec, context: BuildContext) -> None:
        self._spec = spec

    def __call__(self, step: int, total: int, per_epoch: int) -> float:
        """Return the factor at ``step``."""
        period = max(2, int(0.9 * self._spec.cycle_length * per_epoch))
        height = 1 - abs(2 * (step % period) / period - 1)
        return self._spec.floor_factor + (1 - self._spec.floor_factor) * height
