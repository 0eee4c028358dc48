"""A broken stopping rule is caught by the check that is there for it."""

from typing import Any, Literal

import pytest

from dakit import StoppingSpec


def spec_of(make: Any) -> type[StoppingSpec]:
    class BrokenSpec(StoppingSpec):
        """A stopping rule."""

        name: Literal["broken"] = "broken"

        def build(self, context: Any) -> Any:
            return make()

    return BrokenSpec


def counting() -> Any:
    asked = iter(range(10**6))
    return lambda history: next(asked) > 30 and history.scores[-1:] < history.scores[-2:-1]


CASES = [
    (lambda: True, "builds_from_its_spec", "returned bool"),
    (lambda: lambda history: 0, "builds_from_its_spec", "returned int"),
    (lambda: lambda history: not history.scores, "goes_on_while_scores_rise", "after 0 epochs"),
    (lambda: lambda h: h.scores[-1] < 0, "goes_on_while_scores_rise", "index"),
    (lambda: lambda h: len(h.scores) > 50, "goes_on_while_scores_rise", "after 60 epochs"),
    (counting, "is_a_function_of_the_history_alone", "asked before"),
]


@pytest.mark.parametrize(("make", "check", "message"), CASES)
def test_the_check_for_it_catches(assert_caught, make, check, message):
    assert_caught(spec_of(make), check, message)


@pytest.mark.parametrize("check", sorted({check for _, check, _ in CASES}))
def test_a_sound_one_passes(run_check, check):
    run_check(spec_of(lambda: lambda h: h.scores[-1:] < h.scores[-2:-1]), check)
