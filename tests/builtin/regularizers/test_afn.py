from __future__ import annotations

import pytest
import torch

from dakit.builtin.regularizers.afn import AFNSpec
from dakit.contracts import BuildContext


def build(**options):
    return AFNSpec(**options).build(BuildContext(seed=0))


@pytest.mark.parametrize("step", [0.5, 1.0, 25.0])
@pytest.mark.parametrize(("n", "m"), [(8, 8), (12, 5)])
def test_value_is_the_square_of_the_step_a_domain(step, n, m, make_batch):
    assert build(step=step)(make_batch(n, m)).item() == pytest.approx(2 * step**2, rel=1e-12)


def test_the_gradient_draws_each_row_outwards(make_batch):
    """-2 step f / (|f| B), by the formula."""
    batch = make_batch(6, 9)
    build(step=0.7)(batch).backward()
    for side in (batch.source, batch.target):
        rows = side.features.detach()
        wanted = -2 * 0.7 * rows / rows.norm(dim=1, keepdim=True) / len(rows)
        torch.testing.assert_close(side.features.grad, wanted)


def test_a_row_of_zeros_stays(make_batch):
    rows = torch.randn(4, 5, dtype=torch.float64)
    rows[1] = 0
    batch = make_batch(source=rows)
    build()(batch).backward()
    assert batch.source.features.grad[1].abs().max() == 0
    assert batch.source.features.grad[0].abs().max() > 0
