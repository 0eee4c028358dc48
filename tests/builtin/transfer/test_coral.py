from __future__ import annotations

import numpy as np
import pytest
import torch

from dakit.builtin.transfer.coral import CORALSpec
from dakit.contracts import BuildContext

TERM = CORALSpec().build(BuildContext(seed=0))


@pytest.mark.parametrize(("n", "m", "dim"), [(8, 8, 5), (12, 5, 3), (4, 6, 40), (2, 3, 7)])
def test_value_is_that_of_the_covariances(n, m, dim, make_batch):
    batch = make_batch(n, m, dim=dim)
    source, target = (
        np.cov(side.features.detach().numpy().T) for side in (batch.source, batch.target)
    )
    wanted = ((source - target) ** 2).sum() / (4 * dim**2)
    assert TERM(batch).item() == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("dim", [5, 40])
def test_gradient_is_that_of_the_formula(dim, make_batch):
    batch, plain = make_batch(8, 6, dim=dim), make_batch(8, 6, dim=dim)
    TERM(batch).backward()
    covariances = [torch.cov(side.features.T) for side in (plain.source, plain.target)]
    ((covariances[0] - covariances[1]).square().sum() / (4 * dim**2)).backward()
    for side, wanted in ((batch.source, plain.source), (batch.target, plain.target)):
        torch.testing.assert_close(side.features.grad, wanted.features.grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dim", [5, 40])
def test_a_common_offset_and_equal_covariances_cost_nothing(dim, make_batch):
    rows = torch.randn(8, dim, dtype=torch.float64)
    assert TERM(make_batch(source=rows, target=rows + 3.0)).item() == pytest.approx(0, abs=1e-12)


def test_it_goes_with_the_fourth_power_of_the_features_in_float32(make_batch):
    rows = [torch.randn(9, 4), torch.randn(7, 4)]
    small, large = (
        TERM(make_batch(source=scale * rows[0], target=scale * rows[1])).item()
        for scale in (1, 1e4)
    )
    assert large == pytest.approx(1e16 * small, rel=1e-4)
