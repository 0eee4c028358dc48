"""The steps of a training: which each one is, how far it lies, and its learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from dakit.contracts import Schedule
from dakit.errors import RunError
from dakit.plugins.faults import described, number
from dakit.spec.run import RunSpec
from dakit.training.optimizer import MOST_MULTIPLIED


@final
@dataclass(frozen=True, slots=True)
class Step:
    """One step of a training. In a text it is its place: ``epoch 3, step 5 of 6``."""

    epoch: int
    """The first one is 1."""
    index: int
    """In its epoch, from 1 ..."""
    of: int
    """... to the number of steps an epoch."""
    number: int
    """In the whole training, from 1."""
    progress: float
    """Of the whole training: 0 at its first step, 1 at its last."""
    learning_rate: float

    def __str__(self) -> str:
        return f"epoch {self.epoch}, step {self.index} of {self.of}"


def steps_of(spec: RunSpec, schedule: Schedule, epoch: int, per_epoch: int) -> list[Step]:
    """Return the ``per_epoch`` steps of ``epoch``: a pure function, so nothing is to be stored.

    A training of one step takes it at the peak, whatever the schedule.
    """
    total = spec.training.epochs * per_epoch

    def step(index: int) -> Step:
        done = (epoch - 1) * per_epoch + index
        factor = 1.0 if total == 1 else _factor(schedule, done, total, per_epoch)
        rate = spec.optimizer.lr * factor
        return Step(epoch, index + 1, per_epoch, done + 1, done / max(1, total - 1), rate)

    return [step(index) for index in range(per_epoch)]


def ends_of(steps: Sequence[Step], epoch: int) -> tuple[Step, Step]:
    """Return the first and the last of ``steps``; where ``epoch`` takes none, its one moment."""
    moment = Step(epoch, index=0, of=0, number=0, progress=1.0, learning_rate=0.0)
    return (steps[0], steps[-1]) if steps else (moment, moment)


def _factor(schedule: Schedule, step: int, total: int, per_epoch: int) -> float:
    factor = number(schedule(step, total, per_epoch), schedule, "__call__")
    if not 0 <= factor <= MOST_MULTIPLIED:
        raise RunError(
            f"'__call__' of {described(schedule)} returned {factor:g} at step {step} of {total}; "
            f"it must be between 0 and {MOST_MULTIPLIED:g}"
        )
    return factor
