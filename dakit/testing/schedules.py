"""What a schedule promises: a pure function of the step, from 0 to the peak."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from dakit.testing.check import checks_of, require
from dakit.testing.subject import Subject

TRAININGS = ((2, 1), (3, 1), (7, 7), (40, 4), (1000, 10))
"""Steps in all, and an epoch."""


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a callable from step, total and steps an epoch to a number."""
    schedule = subject.build()
    require(callable(schedule), f"build returned {type(schedule).__name__}, not a callable")
    factor = schedule(0, 40, 4)
    require(isinstance(factor, float | int), f"it returned {type(factor).__name__}, not a number")


def stays_between_0_and_the_peak(subject: Subject) -> None:
    """Every factor is from 0 to 1, and some of each training is above 0."""
    schedule = subject.build()
    for total, per_epoch in TRAININGS:
        factors = _factors(schedule, total, per_epoch, range(total))
        training = f"in a training of {total} steps, {per_epoch} an epoch"
        wrong = [(step, f) for step, f in enumerate(factors) if not 0 <= f <= 1 + 1e-9]
        require(not wrong, f"(step, factor) is {wrong[:1]} {training}; it is of the peak rate")
        require(max(factors) > 0, f"every factor is 0 {training}: nothing is learned")


def is_a_function_of_the_step_alone(subject: Subject) -> None:
    """Asked in any order, and when built anew, it says the same of the same step."""
    for total, per_epoch in TRAININGS:
        steps = list(range(total))
        in_order = _factors(subject.build(), total, per_epoch, steps)
        random.Random(0).shuffle(steps)
        shuffled = _factors(subject.build(), total, per_epoch, steps)
        same = [in_order[step] for step in steps] == shuffled
        require(same, "its factors depend on what was asked before: a resumed run would differ")


def _factors(schedule: Any, total: int, per_epoch: int, steps: Sequence[int]) -> list[float]:
    return [float(schedule(step, total, per_epoch)) for step in steps]


CHECKS = checks_of(
    builds_from_its_spec, stays_between_0_and_the_peak, is_a_function_of_the_step_alone
)
