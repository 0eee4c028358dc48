from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.stats import energy_distance

from dakit.builtin.transfer.energy import EnergySpec
from dakit.contracts import BuildContext

TERM = EnergySpec().build(BuildContext(seed=0))


@pytest.mark.parametrize(("n", "m"), [(8, 8), (12, 5), (1, 4), (1, 1)])
def test_value_is_that_of_all_distances(n, m, make_batch):
    batch = make_batch(n, m)
    x, y = (side.features.detach().numpy() for side in (batch.source, batch.target))
    wanted = 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()
    assert TERM(batch).item() == pytest.approx(wanted, rel=1e-9)


def test_in_one_dimension_it_is_the_square_of_scipys(make_batch):
    batch = make_batch(30, 20, dim=1)
    x, y = (side.features.detach().numpy()[:, 0] for side in (batch.source, batch.target))
    assert TERM(batch).item() == pytest.approx(energy_distance(x, y) ** 2, rel=1e-9)


def test_gradient_agrees_with_differences(make_batch):
    batch = make_batch(5, 6)
    TERM(batch).backward()
    for leaf in (batch.source.features, batch.target.features):
        for i in range(0, leaf.numel(), 4):
            values = []
            for sign in (1, -1):
                with torch.no_grad():
                    leaf.view(-1)[i] += sign * 1e-6
                    values.append(TERM(batch).item())
                    leaf.view(-1)[i] -= sign * 1e-6
            assert leaf.grad.view(-1)[i].item() == pytest.approx(
                np.subtract(*values) / 2e-6, abs=1e-7
            )


def test_equal_batches_are_at_distance_0(make_batch):
    rows = torch.randn(8, 5, dtype=torch.float64)
    assert TERM(make_batch(source=rows, target=rows.flip(0))).item() == pytest.approx(0, abs=1e-12)
