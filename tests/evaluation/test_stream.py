"""Streaming: every batch as the model sees it, one buffer, and all broken inputs by id."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from dakit.components import NormalizeSpec
from dakit.contracts import Backbone, Domain
from dakit.data.new_inputs import InputPart, NewInputs
from dakit.data.normalization import Normalization, fit
from dakit.errors import InputError
from dakit.evaluation.averaging import Averaged, Averaging, stream
from dakit.network import Head, Network
from dakit.spec.run import HeadSpec


class Counting(Backbone):
    """The inputs as they are; counts them."""

    feature_dim = 3

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] = []
        self.places: set[int] = set()

    def forward(self, inputs: Tensor) -> Tensor:
        self.seen.append(inputs.clone())
        self.places.add(inputs.data_ptr())
        return inputs


@pytest.fixture
def network() -> Network:
    return Network(Counting(), Head(HeadSpec(), 3, 2))


def halved() -> Normalization:
    data = Domain("d", np.array([[-2.0] * 3, [2.0] * 3]), None, np.arange(2))
    return fit([(data, np.arange(2))], NormalizeSpec())


def run(network: Network, inputs: np.ndarray, batch_size: int) -> list[tuple[int, int, Averaged]]:
    new = NewInputs([InputPart("x", inputs)], (3,))
    device = torch.device("cpu")
    return list(stream(network, halved(), Averaging(), new, batch_size=batch_size, device=device))


def test_batches_are_normalised_and_in_order(network: Network) -> None:
    inputs = np.random.default_rng(0).normal(size=(7, 3))
    found = run(network, inputs, 3)
    assert [(begin, end) for begin, end, _ in found] == [(0, 3), (3, 6), (6, 7)]
    np.testing.assert_allclose(torch.cat(network.backbone.seen), inputs / 2, rtol=1e-6)


def test_all_batches_share_one_buffer(network: Network) -> None:
    run(network, np.zeros((40, 3)), 4)
    assert len(network.backbone.places) == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_all_broken_inputs_are_named_and_no_more_predicted(network: Network, value: float) -> None:
    inputs = np.zeros((20, 3))
    inputs[[5, 6, 19], [0, 2, 1]] = value
    with pytest.raises(InputError, match=r"3 of 20 inputs .* \(ids 5, 6, 19\)"):
        run(network, inputs, 4)
    assert len(network.backbone.seen) == 1


def test_large_finite_values_whose_sum_overflows_are_fine(network: Network) -> None:
    assert len(run(network, np.full((2, 3), 3e38), 2)) == 1
