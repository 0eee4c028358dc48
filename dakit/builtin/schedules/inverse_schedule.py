"""A power of the step."""

from __future__ import annotations

from typing import final

from dakit.builtin.schedules.inverse import InverseSpec
from dakit.contracts import BuildContext


@final
class Inverse:
    """(1 + gamma i)^-power at step i."""

    def __init__(self, spec: InverseSpec, context: BuildContext) -> None:
        self._spec = spec

    def __call__(self, step: int, total: int, per_epoch: int) -> float:
        """Return the factor at ``step``."""
        return float((1 + self._spec.gamma * step) ** -self._spec.power)
