from itertools import pairwise

import pytest
import torch

from dakit.builtin.schedules.constant import ConstantSpec
from dakit.builtin.schedules.cosine import CosineSpec
from dakit.builtin.schedules.inverse import InverseSpec
from dakit.builtin.schedules.one_cycle import OneCycleSpec
from dakit.builtin.schedules.triangular import TriangularSpec
from dakit.contracts import BuildContext


def sequence(spec, total, per_epoch=10):
    schedule = spec.build(BuildContext(seed=0))
    return [schedule(step, total, per_epoch) for step in range(total)]


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler")
@pytest.mark.parametrize("total", [4, 5, 7, 19, 101])
@pytest.mark.parametrize("warmup", [0.05, 0.3, 0.5])
def test_one_cycle_is_torchs_one_cycle(total, warmup):
    spec = OneCycleSpec(warmup=warmup, start_factor=0.04, final_factor=1e-4)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    oracle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=1.0,
        total_steps=total,
        pct_start=warmup,
        div_factor=25,
        final_div_factor=1e4,
    )
    expected = []
    for step in range(total):
        expected.append(optimizer.param_groups[0]["lr"])
        if step < total - 1:
            oracle.step()
    assert sequence(spec, total) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("warmup", [0.05, 0.3, 0.5, 0.95])
def test_one_cycle_of_few_steps_has_one_at_the_peak(warmup):
    """Of one step torch makes the far end of the cycle, of two it divides by zero."""
    spec = OneCycleSpec(warmup=warmup)
    assert sequence(spec, 2) == pytest.approx([1.0, 4e-6])
    assert sequence(spec, 3) == pytest.approx([0.04, 1.0, 4e-6])
    for total in (4, 5):
        rates = sequence(spec, total)
        assert max(rates) > 0.7
        assert rates[-1] == pytest.approx(4e-6)


@pytest.mark.parametrize("total", [2, 3, 4, 5])
@pytest.mark.parametrize(
    "schedule",
    [
        ConstantSpec(),
        OneCycleSpec(),
        TriangularSpec(cycle_length=1),
        CosineSpec(warmup=0.9),
        InverseSpec(),
    ],
)
def test_some_step_is_taken_near_the_peak(schedule, total):
    """With one step an epoch too, where the published triangle never left its floor."""
    rates = sequence(schedule, total, per_epoch=1)
    assert max(rates) > 0.7
    assert all(0 <= rate <= 1 for rate in rates)


def test_one_cycle_ends_at_the_final_factor_of_its_start():
    rates = sequence(OneCycleSpec(start_factor=0.1, final_factor=1e-3), 50)
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates[-1] == pytest.approx(1e-4)


def test_triangle_has_the_published_period_and_extremes():
    # 10798 training images in batches of 128 make 85 steps; cycle 8: int(.9 * 8 * 85) = 612
    rates = sequence(TriangularSpec(cycle_length=8), 3 * 612, per_epoch=85)
    assert rates[:612] == rates[612:1224] == rates[1224:]
    assert rates[0] == pytest.approx(0.1)
    assert rates[306] == pytest.approx(1.0)
    assert min(rates) == rates[0]
    steps = [b - a for a, b in pairwise(rates[:307])]
    assert steps == pytest.approx([0.9 / 306] * 306)


def test_triangle_of_cycle_5_has_382_steps():
    rates = sequence(TriangularSpec(cycle_length=5), 800, per_epoch=85)
    assert [step for step, rate in enumerate(rates) if rate == rates[0]] == [0, 382, 764]


def test_cosine_rises_linearly_then_falls_to_its_floor():
    rates = sequence(CosineSpec(warmup=0.2, floor_factor=0.05), 50)
    assert rates[:10] == pytest.approx([(i + 1) / 11 for i in range(10)])
    assert rates[10] == pytest.approx(1.0)
    assert rates[-1] == pytest.approx(0.05)
    assert all(a > b for a, b in pairwise(rates[10:]))


def test_cosine_without_warm_up_is_torchs_cosine_annealing():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    oracle = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=19, eta_min=0.1)
    expected = []
    for _ in range(20):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        oracle.step()
    assert sequence(CosineSpec(floor_factor=0.1), 20) == pytest.approx(expected, abs=1e-9)


def test_inverse_decay_by_step():
    rates = sequence(InverseSpec(gamma=1e-3, power=0.75), 5000)
    assert rates[1000] == pytest.approx(2**-0.75)


def test_constant_is_constant():
    assert set(sequence(ConstantSpec(), 30)) == {1.0}


def test_a_triangle_of_one_step_a_period_reaches_its_peak():
    assert sequence(TriangularSpec(cycle_length=1), 4, per_epoch=1) == [0.1, 1.0, 0.1, 1.0]
