import torch
from torch import nn

from dakit.training.state import TrainingState


def test_the_best_is_strictly_better_and_a_tie_keeps_the_earlier():
    state, network = TrainingState(), nn.Linear(1, 1)
    assert [state.note(score, network) for score in (0.5, 0.5, 0.75, 0.6)] == [
        True,
        False,
        True,
        False,
    ]
    assert (state.epoch, state.best_epoch, state.best_score) == (4, 3, 0.75)


def test_the_first_epoch_counts_however_bad():
    state = TrainingState()
    assert state.note(-float("inf"), nn.Linear(1, 1))
    assert state.best_weights


def test_the_best_weights_are_a_copy():
    state, network = TrainingState(), nn.Linear(1, 1)
    state.note(1.0, network)
    nn.init.constant_(network.weight, 9.0)
    assert not torch.equal(state.best_weights["weight"], network.weight)
