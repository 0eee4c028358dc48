from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch.nn import functional

from dakit.builtin.regularizers.vat import VATSpec
from dakit.builtin.regularizers.vat_loss import unit
from dakit.contracts import BuildContext
from dakit.training.passes import Passes

CONTEXT = BuildContext(seed=3, feature_dim=5, num_classes=3)


def of_linear(make_batch, classes, rows):
    """A batch of float64 inputs whose network is linear; its weights ``(C, D)`` and biases."""
    batch = make_batch(4, rows, dim=5, classes=classes)
    network = batch.network.network.double()
    network.backbone.forward = network.backbone.line.forward
    target = replace(batch.target, inputs=batch.target.inputs.detach().double().requires_grad_())
    with torch.no_grad():
        line, head = network.backbone.line, network.head[0]
        weights = (head.weight @ line.weight).numpy()
        biases = (head.weight @ line.bias + head.bias).numpy()
    return replace(batch, target=target), weights, biases


def kl(x, y, weights, biases):
    clean, moved = (log_softmax(weights @ point + biases) for point in (x, y))
    return float(np.exp(clean) @ (clean - moved))


def test_two_classes_of_a_linear_network_have_one_direction(make_batch):
    for seed in range(4):
        batch, weights, biases = of_linear(make_batch, 2, 1)
        torch.manual_seed(seed)
        found = VATSpec(radius=0.3).build(CONTEXT)(batch).item()
        (x,) = batch.target.inputs.detach().numpy()
        step = weights[1] - weights[0]
        step = 0.3 * np.sqrt(5) * step / np.linalg.norm(step)
        either = [kl(x, x + sign * step, weights, biases) for sign in (-1, 1)]
        assert min(abs(found - value) for value in either) < 1e-9


def test_many_iterations_find_the_first_eigenvector_of_the_curvature(make_batch):
    batch, weights, biases = of_linear(make_batch, 3, 1)
    term = VATSpec(radius=1e-3, xi=1e-3, iterations=200).build(CONTEXT)
    found = term(batch).item()
    (x,) = batch.target.inputs.detach().numpy()
    p = np.exp(log_softmax(weights @ x + biases))
    curvature = weights.T @ (np.diag(p) - np.outer(p, p)) @ weights
    assert found == pytest.approx(np.linalg.eigvalsh(curvature)[-1] * 5e-6 / 2, rel=1e-2)


@pytest.mark.parametrize("mode", ["joint", "source"])
def test_value_and_gradient_are_those_of_a_loop_of_the_paper(make_batch, mode):
    batch = make_batch(6, 4)
    network = batch.network.network
    batch = replace(batch, network=Passes(network, mode))
    term = VATSpec(radius=0.2, xi=0.05, iterations=2).build(CONTEXT)
    torch.manual_seed(7)
    value = term(batch)
    value.backward()
    found = [p.grad.clone() for p in network.parameters()]
    network.zero_grad()

    torch.manual_seed(7)
    rows = batch.target.inputs.detach()
    drawn, total = torch.randn_like(rows), 0.0
    for x, direction in zip(rows, drawn, strict=True):
        p = network(x[None])[1].softmax(1).detach()
        d = direction / direction.norm()
        for _ in range(2):
            r = (0.05 * 5**0.5 * d).requires_grad_()
            q = network((x + r)[None])[1].softmax(1)
            (g,) = torch.autograd.grad((p * (p.log() - q.log())).sum(), r)
            d = g / g.norm()
        q = network((x + 0.2 * 5**0.5 * d)[None])[1].softmax(1)
        total = total + (p * (p.log() - q.log())).sum() / len(rows)
    assert value.item() == pytest.approx(total.item(), rel=1e-4)
    total.backward()
    for mine, parameter in zip(found, network.parameters(), strict=True):
        torch.testing.assert_close(mine, parameter.grad, rtol=1e-3, atol=1e-6)


def test_the_direction_is_worse_than_random_ones(make_batch):
    batch = make_batch(6, 16)
    term = VATSpec(radius=0.1).build(CONTEXT)
    rows, network = batch.target.inputs.detach(), batch.network
    clean = network(rows).logits.log_softmax(1)
    length = 0.1 * 5**0.5
    randoms = [
        functional.kl_div(
            network(rows + length * unit(torch.randn_like(rows))).logits.log_softmax(1),
            clean,
            reduction="batchmean",
            log_target=True,
        ).item()
        for _ in range(20)
    ]
    assert term(batch).item() > max(randoms)


def test_unit_rows_have_length_one_at_any_scale():
    rows = torch.tensor([[3.0, 4.0], [3e-30, 4e-30], [3e30, -4e30], [0.0, 0.0]])
    expected = torch.tensor([[0.6, 0.8], [0.6, 0.8], [0.6, -0.8], [0.0, 0.0]])
    torch.testing.assert_close(unit(rows), expected)
    assert unit(torch.randn(2, 3, 4, 4)).shape == (2, 3, 4, 4)


def test_what_the_network_does_not_see_is_not_attacked(make_batch):
    batch = make_batch(4, 3)
    with torch.no_grad():
        batch.network.network.backbone.line.weight.zero_()
    value = VATSpec().build(CONTEXT)(batch)
    value.backward()
    assert value.item() == pytest.approx(0, abs=1e-7)
