"""No schedule at all."""

from __future__ import annotations

from typing import final

from dakit.builtin.schedules.constant import ConstantSpec
from dakit.contracts import BuildContext


@final
class Constant:
    """The learning rate stays as it is."""

    def __init__(self, spec: ConstantSpec, context: BuildContext) -> None: ...

    def __call__(self, step: int, total: int, per_epoch: int) -> float:
        """Return 1."""
        return 1.0
