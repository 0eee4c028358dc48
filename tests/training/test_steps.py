import pytest

from dakit.training.schedule import factor
from dakit.training.steps import steps_of


def test_the_steps_of_all_epochs_are_those_of_the_training_in_order(toy):
    spec = toy.run_spec(optimizer={"name": "sgd", "lr": 0.5}, schedule={"name": "one_cycle"})
    steps = [step for epoch in (1, 2, 3, 4) for step in steps_of(spec, epoch, 6)]
    assert [step.number for step in steps] == list(range(1, 25))
    assert [step.progress for step in steps] == [done / 23 for done in range(24)]
    rates = [0.5 * factor(spec.schedule, done, 24, 6) for done in range(24)]
    assert [step.learning_rate for step in steps] == rates
    assert [(step.epoch, step.index, step.of) for step in steps[5:7]] == [(1, 6, 6), (2, 1, 6)]
    assert str(steps[16]) == "epoch 3, step 5 of 6"


def test_a_training_of_one_step_is_at_its_beginning(toy):
    (step,) = steps_of(toy.run_spec(training={"epochs": 1}), 1, 1)
    assert (step.number, step.progress) == (1, 0.0)
    assert step.learning_rate == pytest.approx(1e-3)
