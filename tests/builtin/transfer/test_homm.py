from __future__ import annotations

import itertools

import numpy as np
import pytest

from dakit.builtin.transfer.homm import HoMMSpec
from dakit.contracts import BuildContext


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize(("n", "m"), [(8, 8), (5, 9), (1, 3)])
def test_value_is_that_of_all_products_of_features(order, n, m, make_batch):
    batch = make_batch(n, m, dim=3)
    x, y = (side.features.detach().numpy() for side in (batch.source, batch.target))
    wanted = 0.0
    for chosen in itertools.product(range(3), repeat=order):
        moments = [rows[:, chosen].prod(axis=1).mean() for rows in (x, y)]
        wanted += (moments[0] - moments[1]) ** 2
    value = HoMMSpec(order=order).build(BuildContext(seed=0))(batch).item()
    assert value == pytest.approx(wanted / 3**order, rel=1e-9)


def test_order_1_is_the_distance_of_the_means(make_batch):
    batch = make_batch(7, 4)
    x, y = (side.features.detach().numpy().mean(axis=0) for side in (batch.source, batch.target))
    value = HoMMSpec(order=1).build(BuildContext(seed=0))(batch).item()
    assert value == pytest.approx(np.square(x - y).mean(), rel=1e-9)
