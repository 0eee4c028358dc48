"""The learning rate over a training."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Schedule(Protocol):
    """The factor on the peak learning rate: a pure function of the step."""

    def __call__(self, step: int, total: int, per_epoch: int) -> float:
        """Return the factor at ``step`` = 0 ... ``total`` - 1, with ``per_epoch`` steps an epoch.

        It is at least 0, and near 1 at some step of any training. A training of one step is not
        asked for: it is taken at the peak.
        """
