from __future__ import annotations

import pytest
import torch
from scipy.stats import wasserstein_distance

from dakit.builtin.transfer.wdgrl import WDGRLSpec
from dakit.builtin.transfer.wdgrl_loss import between
from dakit.contracts import Batch, BuildContext, SourceSide, TargetSide

CONTEXT = BuildContext(seed=3, feature_dim=5)


def build(context=CONTEXT, **options):
    return WDGRLSpec(**{"hidden": (7,), **options}).build(context).double()


def test_value_is_the_difference_of_the_critics_means(make_batch):
    batch, term = make_batch(6, 9), build()
    wanted = term.critic(batch.source.features).mean() - term.critic(batch.target.features).mean()
    assert term(batch).item() == pytest.approx(wanted.item())
    assert term.diagnostics()["wasserstein"] == term(batch)


def test_the_critics_loss_is_that_of_a_loop_over_the_points(make_batch):
    batch, term = make_batch(4, 6).detached(), build(penalty=2.5)
    torch.manual_seed(5)
    found = term.phase_loss("critic", batch)
    torch.manual_seed(5)
    points = torch.cat(
        [
            batch.source.features,
            batch.target.features,
            between(batch.source.features, batch.target.features),
        ]
    )
    total = 0.0
    for point in points:
        jacobian = torch.autograd.functional.jacobian(lambda x: term.critic(x[None])[0, 0], point)
        total += (jacobian.norm().item() - 1) ** 2
    assert found.item() == pytest.approx(2.5 * total / len(points) - term(batch).item(), abs=1e-9)


def test_points_lie_between_the_rows_and_repeat_the_smaller_domain():
    source, target = torch.zeros(2, 3), torch.arange(15.0).view(5, 3) + 1
    points = between(source, target)
    share = points / target
    assert points.shape == (5, 3)
    assert torch.allclose(share, share[:, :1].expand_as(share))
    assert ((share >= 0) & (share < 1)).all()


def test_a_trained_critic_measures_the_distance_of_a_shift():
    torch.manual_seed(0)
    source, target = torch.randn(64, 1).double() + 3, torch.randn(64, 1).double()
    batch = Batch(
        SourceSide(source, source, torch.zeros(64, dtype=torch.long)),
        TargetSide(target, target),
        0.0,
    )
    term = build(BuildContext(seed=0, feature_dim=1), hidden=(16,), critic_lr=0.02, penalty=50)
    optimizer = term.phases[0].optimizer(list(term.parameters()))
    for _ in range(150):
        optimizer.zero_grad()
        term.phase_loss("critic", batch).backward()
        optimizer.step()
    exact = wasserstein_distance(source[:, 0].numpy(), target[:, 0].numpy())
    assert term(batch).item() == pytest.approx(exact, rel=0.1)
