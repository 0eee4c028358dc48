"""When to stop before the last epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, final, runtime_checkable


@final
@dataclass(frozen=True)
class History:
    """What a stopping rule sees after an epoch: what happened so far, and what the spec asks."""

    scores: Sequence[float]
    """Of the selecting validator, one an epoch, the higher the better."""
    validation_losses: Sequence[float] = ()
    """Of the task on a random source-validation batch, for a rule that `follows_task`."""
    patience: int = 10
    min_delta: float = 0.0


@runtime_checkable
class StoppingRule(Protocol):
    """Whether training ends here: a pure function of what happened so far."""

    def __call__(self, history: History) -> bool:
        """Return whether no further epoch is to be trained."""
