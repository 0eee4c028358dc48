"""The steps of a training: which each one is, how far it lies, and its learning rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from dakit.spec.run import RunSpec
from dakit.training.schedule import factor


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


def steps_of(spec: RunSpec, epoch: int, per_epoch: int) -> list[Step]:
    """Return the ``per_epoch`` steps of ``epoch``: a pure function, so nothing is to be stored."""
    total = spec.training.epochs * per_epoch

    def step(index: int) -> Step:
        done = (epoch - 1) * per_epoch + index
        rate = spec.optimizer.lr * factor(spec.schedule, done, total, per_epoch)
        return Step(epoch, index + 1, per_epoch, done + 1, done / max(1, total - 1), rate)

    return [step(index) for index in range(per_epoch)]
