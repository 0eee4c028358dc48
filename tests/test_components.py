"""What the spec bases themselves compute: the ramp of a weight."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dakit import Ramp

SHARES = st.just(0.0) | st.floats(1e-6, 1)


@given(begin=SHARES, end=SHARES, progress=SHARES, shape=st.sampled_from(["linear", "sigmoid"]))
def test_a_ramp_is_0_before_its_begin_1_from_its_end_on_and_between_them_rises(
    begin: float, end: float, progress: float, shape: str
) -> None:
    begin, end = sorted((begin, end))
    ramp = Ramp.model_validate({"shape": shape, "begin": begin, "end": end})
    factor = ramp.factor(progress)
    if progress >= end:
        assert factor == 1
    elif progress <= begin:
        assert factor == 0
    else:
        assert 0 <= factor <= 1


@pytest.mark.parametrize("shape", ["linear", "sigmoid"])
def test_a_ramp_that_ends_where_it_begins_is_a_step(shape: str) -> None:
    ramp = Ramp.model_validate({"shape": shape, "begin": 0.5, "end": 0.5})
    assert [ramp.factor(progress) for progress in (0.0, 0.49, 0.5, 1.0)] == [0, 0, 1, 1]


def test_the_sigmoid_is_that_of_ganin_scaled_to_reach_1() -> None:
    def ganin(p: float) -> float:
        return 2 / (1 + math.exp(-10 * p)) - 1

    ramp = Ramp.model_validate({"shape": "sigmoid", "begin": 0.2, "end": 0.7})
    assert ramp.factor(0.35) == pytest.approx(ganin(0.3) / ganin(1))
