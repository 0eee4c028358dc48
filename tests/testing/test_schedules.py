"""A broken schedule is caught by the check that is there for it."""

from itertools import count
from typing import Any, Literal

import pytest

from dakit import ScheduleSpec


def spec_of(make: Any) -> type[ScheduleSpec]:
    class BrokenSpec(ScheduleSpec):
        """A schedule."""

        name: Literal["broken"] = "broken"

        def build(self, context: Any) -> Any:
            return make()

    return BrokenSpec


def counting() -> Any:
    asked = count()
    return lambda step, total, per_epoch: 1 / (1 + next(asked))


CASES = [
    (lambda: 1.0, "builds_from_its_spec", "returned float"),
    (lambda: lambda *_: "high", "builds_from_its_spec", "returned str"),
    (lambda: lambda *_: 1.5, "stays_between_0_and_the_peak", "1.5"),
    (lambda: lambda *_: float("nan"), "stays_between_0_and_the_peak", "nan"),
    (lambda: lambda *_: 0.0, "stays_between_0_and_the_peak", "nothing is learned"),
    (lambda: lambda step, total, _: 1 / (total - 2), "stays_between_0_and_the_peak", "division"),
    (counting, "is_a_function_of_the_step_alone", "asked before"),
]


@pytest.mark.parametrize(("make", "check", "message"), CASES)
def test_the_check_for_it_catches(assert_caught, make, check, message):
    assert_caught(spec_of(make), check, message)


@pytest.mark.parametrize("check", sorted({check for _, check, _ in CASES}))
def test_a_sound_one_passes(run_check, check):
    run_check(spec_of(lambda: lambda step, total, _: 1 - step / total), check)
