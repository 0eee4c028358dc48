from __future__ import annotations

import pytest

from dakit.fetching.http import Failure
from dakit.fetching.patience import GivenUp, Patience, Policy, WrongBytes


def waited(policy: Policy, failures: list[tuple[Failure, int]]) -> list[str]:
    notes: list[str] = []
    patience = Patience(policy)
    for failure, reached in failures:
        patience.wait(failure, reached, notes.append)
    return notes


def policy(slept: list[float], **options: float) -> Policy:
    bounds = {"attempts": 4, **options}
    return Policy(sleep=slept.append, uniform=lambda low, high: low, **bounds)  # type: ignore[arg-type]


def test_waits_double_up_to_a_bound_and_are_jittered() -> None:
    slept: list[float] = []
    waited(policy(slept, attempts=9, longest=5.0), [(Failure("busy"), 0)] * 5)
    assert slept == [0.5, 1.0, 2.0, 2.5, 2.5]


def test_it_ends_after_so_many_failures_and_says_the_last_reason() -> None:
    with pytest.raises(GivenUp, match=r"busy \(tried 4 times\)"):
        waited(policy([]), [(Failure("busy"), 0)] * 9)


def test_progress_renews_the_patience_but_only_beyond_what_was_ever_reached() -> None:
    going_on = [(Failure("cut"), 100 * n) for n in range(20)]
    slept: list[float] = []
    waited(policy(slept, progress=100), going_on)
    assert slept == [0.5] * 20
    again_and_again = [(Failure("cut"), 100 * (n % 2)) for n in range(20)]
    with pytest.raises(GivenUp):
        waited(policy([], progress=100), again_and_again)


def test_wrong_copies_are_few() -> None:
    with pytest.raises(GivenUp, match="tried 2 times"):
        waited(policy([], copies=2, progress=1), [(WrongBytes("wrong"), n) for n in range(9)])


def test_a_permanent_failure_ends_it_at_once() -> None:
    with pytest.raises(GivenUp, match=r"^gone$"):
        waited(policy([]), [(Failure("gone", permanent=True), 0)])


def test_the_server_is_obeyed_within_reason() -> None:
    slept: list[float] = []
    waited(
        policy(slept), [(Failure("busy", retry_after=7), 0), (Failure("busy", retry_after=0), 0)]
    )
    assert slept == [7, 1.0]
    with pytest.raises(GivenUp, match="asks to come back in 9000 s"):
        waited(policy(slept), [(Failure("busy", retry_after=9000), 0)])
