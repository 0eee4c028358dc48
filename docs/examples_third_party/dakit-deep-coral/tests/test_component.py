"""The loss is the formula of the paper, worked out in other ways."""

import numpy as np
import pytest
import torch
from dakit.contracts import Batch, BuildContext, SourceSide, TargetSide
from numpy.typing import NDArray
from torch import Tensor

from dakit_deep_coral.deep_coral import DeepCoral


def batch_of(source: Tensor, target: Tensor) -> Batch:
    """Return a batch whose features and logits are the rows given."""
    labels = torch.zeros(len(source), dtype=torch.int64)
    return Batch(SourceSide(source, source, labels), TargetSide(target, target), progress=0.0)


def random_rows(rows: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(5, 5, generator=generator, dtype=torch.float64)
    return torch.randn(rows, 5, generator=generator, dtype=torch.float64) @ mixing + seed


def equation_2(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    n, d = rows.shape
    covariance = np.zeros((d, d))
    for i in range(d):
        for j in range(d):
            products = sum(rows[k, i] * rows[k, j] for k in range(n))
            sums = sum(rows[k, i] for k in range(n)) * sum(rows[k, j] for k in range(n))
            covariance[i, j] = (products - sums / n) / (n - 1)
    return covariance


@pytest.mark.parametrize("layer", ["features", "logits"])
def test_it_is_the_formula_of_the_paper(layer: str) -> None:
    source, target = random_rows(12, seed=1), random_rows(7, seed=2)
    loss = DeepCoral(layer=layer).build(BuildContext(seed=0))
    difference = equation_2(source.numpy()) - equation_2(target.numpy())
    expected = (difference**2).sum() / (4 * 5**2)
    assert loss(batch_of(source, target)).item() == pytest.approx(expected, rel=1e-12)


def test_value_and_gradient_are_those_of_torch_cov() -> None:
    source = random_rows(12, seed=1).requires_grad_()
    target = random_rows(7, seed=2).requires_grad_()
    loss = DeepCoral().build(BuildContext(seed=0))
    expected = (torch.cov(source.T) - torch.cov(target.T)).square().sum() / 100
    found = loss(batch_of(source, target))
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)
    for one, other in zip(
        torch.autograd.grad(found, [source, target]),
        torch.autograd.grad(expected, [source, target]),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_a_shift_is_not_seen_and_a_stretch_is() -> None:
    rows = random_rows(12, seed=1)
    loss = DeepCoral().build(BuildContext(seed=0))
    assert loss(batch_of(rows, rows + 3)).item() == pytest.approx(0, abs=1e-20)
    assert loss(batch_of(rows, 2 * rows)).item() > 0.1


def test_a_single_row_gives_a_number() -> None:
    loss = DeepCoral().build(BuildContext(seed=0))
    assert loss(batch_of(random_rows(12, seed=1), random_rows(1, seed=2))).isfinite()
