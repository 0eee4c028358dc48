"""Broken, constant and odd images, each under its gravest fault."""

from __future__ import annotations

import numpy as np
import pytest

from dakit.contracts import Domain
from dakit.inspecting import faults as kinds
from dakit.inspecting.faults import faults


def domain(shape: tuple[int, ...] = (2, 5, 5), n: int = 60) -> Domain:
    inputs = np.random.default_rng(0).uniform(1, 2, (n, *shape))
    return Domain("source", inputs, None, np.arange(n))


def spoil(values: Domain) -> Domain:
    inputs = values.inputs
    inputs[3, 0, 1] = np.nan
    inputs[4, 1, 1] = -np.inf
    inputs[5, 0, 0] = 1e300
    inputs[6] = 0
    inputs[7] = 4
    inputs[8, 1] = 1.5
    inputs[9, 0, 2] = -1
    inputs[10, 1, 3] = 1e6
    return values


def test_every_kind_is_found_and_nothing_else() -> None:
    found = faults(spoil(domain()))
    assert {kind: rows.tolist() for kind, rows in found.rows.items()} == {
        kinds.BAD_VALUES: [3, 4, 5],
        kinds.ZERO: [6],
        kinds.CONSTANT: [7],
        kinds.CONSTANT_CHANNEL: [8],
        kinds.NEGATIVE: [9],
        kinds.OUTLIER: [10],
    }
    assert found.broken.tolist() == [3, 4, 5, 6, 7]


@pytest.mark.parametrize("shape", [(2, 5, 5), (30,), (2, 40)])
def test_sound_data_have_none(shape: tuple[int, ...]) -> None:
    assert faults(domain(shape)).rows == {}


def test_negative_values_are_no_fault_where_they_are_common() -> None:
    noisy = domain()
    noisy.inputs[:30] -= 1.5
    assert kinds.NEGATIVE not in faults(noisy).rows
