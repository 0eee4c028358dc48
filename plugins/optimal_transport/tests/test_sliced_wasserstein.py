"""The sliced Wasserstein distance against POT and a plain loop over sorted projections."""

from __future__ import annotations

import numpy as np
import ot
import pytest
import torch

from dakit.contracts import BuildContext
from dakit_optimal_transport.sliced_wasserstein import SlicedWasserstein
from dakit_optimal_transport.sliced_wasserstein_loss import sliced_distance

CONTEXT = BuildContext(seed=1, feature_dim=5, num_classes=3)


def directions(count: int, dim: int = 5) -> torch.Tensor:
    drawn = np.random.default_rng(3).normal(size=(dim, count))
    return torch.from_numpy(drawn / np.linalg.norm(drawn, axis=0))


@pytest.mark.parametrize(("n", "m"), [(8, 8), (7, 9), (1, 4)])
def test_equals_pot_with_gradients(make_batch, n, m):
    batch, same = make_batch(n, m), make_batch(n, m)
    value = sliced_distance(batch.source.features, batch.target.features, directions(50))
    x, y = same.source.features, same.target.features
    expected = ot.sliced_wasserstein_distance(x, y, projections=directions(50)) ** 2
    assert value.item() == pytest.approx(expected.item(), abs=1e-9)
    value.backward()
    expected.backward()
    torch.testing.assert_close(batch.source.features.grad, x.grad, rtol=0, atol=1e-9)
    torch.testing.assert_close(batch.target.features.grad, y.grad, rtol=0, atol=1e-9)


def test_equals_a_plain_loop(make_batch):
    batch = make_batch(6, 6)
    x, y = batch.source.features.detach().numpy(), batch.target.features.detach().numpy()
    costs = [np.mean((np.sort(x @ t) - np.sort(y @ t)) ** 2) for t in directions(20).numpy().T]
    value = sliced_distance(batch.source.features, batch.target.features, directions(20))
    assert value.item() == pytest.approx(np.mean(costs), abs=1e-12)


def test_a_shift_by_c_gives_its_square_over_the_dimension(make_batch):
    batch = make_batch(8, 8)
    with torch.no_grad():
        batch.target.features.copy_(batch.source.features + 2.0)
    torch.manual_seed(0)
    value = SlicedWasserstein(projections=4000).build(CONTEXT)(batch)
    assert value.item() == pytest.approx(4.0, rel=0.05)  # |c|^2 / D = 4 D / D


def test_directions_are_new_at_every_step_and_follow_from_the_seed(make_batch):
    term, batch = SlicedWasserstein(projections=3).build(CONTEXT), make_batch()
    torch.manual_seed(1)
    first, second = term(batch).item(), term(batch).item()
    torch.manual_seed(1)
    assert term(batch).item() == first
    assert first != second
