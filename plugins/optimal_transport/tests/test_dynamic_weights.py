"""SIDDA's learned weights: the total and its gradients are those of the paper's one formula."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional

import dakit
from dakit.contracts import BuildContext
from dakit.training.reporter import SilentReporter
from dakit_optimal_transport.sinkhorn import Sinkhorn

CONTEXT = BuildContext(seed=1, feature_dim=5, num_classes=3)
SIDDA = {"weight": 1.0, "dynamic_weights": True}


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (0.7, 1.6)])
def test_total_and_gradients_are_those_of_the_formula(make_batch, a: float, b: float) -> None:
    batch, same = make_batch(), make_batch()
    term = Sinkhorn(**SIDDA).build(CONTEXT).double()
    with torch.no_grad():
        term.weights.task.fill_(a)
        term.weights.transfer.fill_(b)
    losses = functional.cross_entropy(batch.source.logits, batch.source.labels, reduction="none")
    total = (term.source_weights(batch).detach() * losses).mean() + term(batch)
    total.backward()

    spread_task = torch.tensor(a, dtype=torch.float64, requires_grad=True)
    spread = torch.tensor(b, dtype=torch.float64, requires_grad=True)
    task = functional.cross_entropy(same.source.logits, same.source.labels)
    divergence = Sinkhorn(dynamic_weights=False).build(CONTEXT)(same)
    expected = (
        task / (2 * spread_task**2) + divergence / (2 * spread**2) + (spread_task * spread).log()
    )
    expected.backward()

    assert total.item() == pytest.approx(expected.item(), rel=1e-6)
    assert term.weights.task.grad.item() == pytest.approx(spread_task.grad.item(), rel=1e-6)
    assert term.weights.transfer.grad.item() == pytest.approx(spread.grad.item(), rel=1e-6)
    torch.testing.assert_close(batch.source.logits.grad, same.source.logits.grad)
    torch.testing.assert_close(batch.target.features.grad, same.target.features.grad)


def test_they_stay_in_bounds(make_batch) -> None:
    term = Sinkhorn(**SIDDA).build(CONTEXT)
    with torch.no_grad():
        term.weights.task.fill_(-2.0)
        term.weights.transfer.fill_(-2.0)
    term(make_batch())
    learned = term.diagnostics()
    assert learned["task_spread"].item() == pytest.approx(1e-3)
    assert learned["transfer_spread"].item() == pytest.approx(2.5e-4)


def test_a_run_learns_them(tmp_path: Path) -> None:
    spec = {
        "schema_version": 1,
        "name": "sidda",
        "data": "digits_shift",
        "model": {"backbone": {"name": "mlp", "hidden": [8]}},
        "objective": {"task": "cross_entropy", "transfer": Sinkhorn(**SIDDA).model_dump()},
        "training": {"epochs": 2, "batch_size": 256},
        "evaluation": {"bootstrap": 0},
    }
    rows = dakit.run(spec, out=tmp_path, reporter=SilentReporter()).history
    spreads = [row["diagnostics"]["sinkhorn.task_spread"] for row in rows]
    assert spreads[0] != spreads[1] != 1.0
