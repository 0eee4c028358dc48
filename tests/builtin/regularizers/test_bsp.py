from __future__ import annotations

import numpy as np
import pytest

from dakit.builtin.regularizers.bsp import BSPSpec
from dakit.contracts import BuildContext


@pytest.mark.parametrize("largest", [1, 2, 50])
@pytest.mark.parametrize(("n", "m"), [(8, 8), (12, 3)])
def test_value_is_that_of_the_largest_eigenvalues(largest, n, m, make_batch):
    """The squares of singular values are the eigenvalues of the Gram matrix."""
    batch = make_batch(n, m)
    wanted = 0.0
    for side in (batch.source, batch.target):
        rows = side.features.detach().numpy()
        wanted += np.sort(np.linalg.eigvalsh(rows.T @ rows))[::-1][:largest].sum()
    value = BSPSpec(largest=largest).build(BuildContext(seed=0))(batch).item()
    assert value == pytest.approx(wanted, rel=1e-9)


def test_only_the_largest_direction_is_held_down(make_batch):
    batch = make_batch()
    BSPSpec().build(BuildContext(seed=0))(batch).backward()
    gradient, rows = batch.source.features.grad.numpy(), batch.source.features.detach().numpy()
    u, s, v = np.linalg.svd(rows)
    np.testing.assert_allclose(gradient, 2 * s[0] * np.outer(u[:, 0], v[0]), atol=1e-9)
