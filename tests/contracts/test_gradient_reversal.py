from __future__ import annotations

import math

import pytest
import torch

from dakit.contracts import ganin_strength, reverse_gradient


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0, 2.5])
def test_identity_forwards_and_minus_the_gradient_backwards(strength):
    x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    reversed_ = reverse_gradient(x, strength)
    assert torch.equal(reversed_, x)
    reversed_.sin().sum().backward()
    step = 1e-6
    numerical = ((x + step).sin() - (x - step).sin()).detach() / (2 * step)
    torch.testing.assert_close(x.grad, -strength * numerical, rtol=0, atol=1e-8)


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_the_schedule_of_ganin(p):
    assert ganin_strength(p) == pytest.approx(2 / (1 + math.exp(-10 * p)) - 1, abs=1e-12)
