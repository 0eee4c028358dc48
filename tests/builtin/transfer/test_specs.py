from __future__ import annotations

import pytest
from pydantic import ValidationError

from dakit.builtin.transfer.dann import DANNSpec
from dakit.builtin.transfer.mmd import PUBLISHED_VARIANCES, MMDSpec


def test_the_published_bank():
    wanted = [10.0**e for e in range(-6, 1)] + [5, 10, 15, 20, 25, 30, 35]
    wanted += [10.0**e for e in range(2, 7)]
    assert sorted(PUBLISHED_VARIANCES) == pytest.approx(wanted)
    assert len(MMDSpec().variances) == 19


@pytest.mark.parametrize(
    "wrong",
    [
        {"estimator": "quadratic"},
        {"variances": []},
        {"variances": [1.0, 0.0]},
        {"factors": [-1.0]},
        {"clamp": -1.0},
        {"bandwidth": "std"},
    ],
)
def test_mmd_refuses(wrong):
    with pytest.raises(ValidationError):
        MMDSpec(**wrong)


@pytest.mark.parametrize(
    "wrong", [{"dropout": 1.0}, {"hidden": [0]}, {"reversal": -1.0}, {"lr_multiplier": 0}]
)
def test_dann_refuses(wrong):
    with pytest.raises(ValidationError):
        DANNSpec(**wrong)
