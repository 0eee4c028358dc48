from __future__ import annotations

import pytest
import torch
from torch.distributions import Categorical

from dakit.builtin.numerics import at_least_float32, entropies, full_precision, zero_with_graph


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (torch.float16, torch.float32),
        (torch.bfloat16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ],
)
def test_half_types_become_float32(given, wanted):
    assert at_least_float32(torch.zeros(2, dtype=given)).dtype == wanted


def test_entropies_agree_with_torch_distributions():
    logits = 5 * torch.randn(50, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        entropies(logits), Categorical(logits=logits).entropy(), rtol=0, atol=1e-12
    )


def test_entropy_of_certain_and_of_even_predictions():
    logits = torch.tensor([[1e4, 0.0, 0.0, 0.0], [3.0, 3.0, 3.0, 3.0]])
    torch.testing.assert_close(entropies(logits), torch.tensor([0.0, 1.3862944]))


def test_zero_with_graph_is_zero_even_for_infinite_inputs():
    tensors = [torch.full((3, 2), torch.inf, requires_grad=True), torch.ones(0, 4).requires_grad_()]
    zero = zero_with_graph(*tensors)
    zero.backward()
    assert zero == 0
    assert all(torch.equal(t.grad, torch.zeros_like(t)) for t in tensors)


def test_full_precision_undoes_autocast():
    a = torch.randn(4, 4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert (a @ a).dtype == torch.bfloat16
        with full_precision(a):
            assert (a @ a).dtype == torch.float32
