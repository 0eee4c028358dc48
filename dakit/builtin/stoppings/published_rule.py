"""DeepMerge II's counter of divergence."""

from __future__ import annotations

from typing import final

from dakit.builtin.stoppings.published import PublishedSpec
from dakit.contracts import BuildContext, History

_PENALTIES = ((0.4, 1.0), (0.3, 0.5), (0.2, 0.25), (0.1, 0.1))


@final
class Published:
    """A counter that a loss above the lowest one raises, and nothing resets."""

    def __init__(self, spec: PublishedSpec, context: BuildContext) -> None: ...

    def __call__(self, history: History) -> bool:
        """Return whether the counter exceeds ``patience``."""
        best, count = float("inf"), 0.0
        for loss in history.validation_losses:
            excess = loss - best
            count += next((penalty for bound, penalty in _PENALTIES if excess >= bound), 0.0)
            best = min(best, loss)
        return count > history.patience
