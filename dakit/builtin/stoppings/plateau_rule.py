"""Stop where the score no longer rises."""

from __future__ import annotations

from typing import final

from dakit.builtin.stoppings.plateau import PlateauSpec
from dakit.contracts import BuildContext, History


@final
class Plateau:
    """Stop after so many epochs without a gain."""

    def __init__(self, spec: PlateauSpec, context: BuildContext) -> None: ...

    def __call__(self, history: History) -> bool:
        """Return whether the latest ``patience`` epochs all brought no gain of ``min_delta``."""
        best, wait = -float("inf"), 0
        for score in history.scores:
            gain = score - best
            if gain > 0 and gain >= history.min_delta:
                best, wait = score, 0
            else:
                wait += 1
        return wait >= history.patience
