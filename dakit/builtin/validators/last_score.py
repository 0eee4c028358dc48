"""The number of the epoch."""

from __future__ import annotations

from typing import final

from dakit.builtin.validators.last import LastSpec
from dakit.contracts import BuildContext, ValidationView


@final
class Last:
    """The later the better."""

    def __init__(self, spec: LastSpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return the number of the epoch."""
        return float(view.epoch)
