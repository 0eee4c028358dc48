import pytest

from dakit.errors import RunError
from dakit.training.steps import steps_of


def falling(step, total, per_epoch):
    return (1 - step / total) / per_epoch


def test_the_steps_of_all_epochs_are_those_of_the_training_in_order(toy):
    spec = toy.run_spec(optimizer={"name": "sgd", "lr": 0.5})
    steps = [step for epoch in (1, 2, 3, 4) for step in steps_of(spec, falling, epoch, 6)]
    assert [step.number for step in steps] == list(range(1, 25))
    assert [step.progress for step in steps] == [done / 23 for done in range(24)]
    rates = [0.5 * falling(done, 24, 6) for done in range(24)]
    assert [step.learning_rate for step in steps] == rates
    assert [(step.epoch, step.index, step.of) for step in steps[5:7]] == [(1, 6, 6), (2, 1, 6)]
    assert str(steps[16]) == "epoch 3, step 5 of 6"


def test_a_training_of_one_step_is_at_its_beginning(toy):
    (step,) = steps_of(toy.run_spec(training={"epochs": 1}), lambda *_: 0.0, 1, 1)
    assert (step.number, step.progress) == (1, 0.0)
    assert step.learning_rate == pytest.approx(1e-3)


@pytest.mark.parametrize("factor", [-0.1, float("nan"), float("inf"), "high", 1e7])
def test_a_schedule_that_gives_no_factor_is_named(toy, factor):
    with pytest.raises(RunError, match=r"'__call__' of '.*' returned"):
        steps_of(toy.run_spec(), lambda *_: factor, 1, 6)
