import pytest
import torch
from torch import Tensor

from dakit.contracts import Batch, LossTerm, ValidationView
from dakit.randomness import generator
from dakit.spec.training import EarlyStoppingSpec
from dakit.training.early_stopping import (
    divergence_count,
    plateau_wait,
    should_stop,
    validation_loss,
)


@pytest.mark.parametrize(
    ("scores", "min_delta", "wait"),
    [
        ([], 0.0, 0),
        ([0.5], 0.0, 0),
        ([0.5, 0.5, 0.5], 0.0, 2),
        ([0.5, 0.4, 0.6], 0.0, 0),
        ([0.5, 0.55, 0.58], 0.1, 2),
        ([0.5, 0.55, 0.7], 0.1, 0),
        ([0.0, 0.25, 0.5], 0.25, 0),
        ([-3.0, -2.0, -2.5], 0.0, 1),
    ],
)
def test_plateau_counts_the_epochs_without_a_gain(scores, min_delta, wait):
    assert plateau_wait(scores, min_delta) == wait


def test_plateau_stops_after_patience_epochs():
    spec = EarlyStoppingSpec(patience=3)
    assert not should_stop(spec, [0.9, 0.8, 0.8], [])
    assert should_stop(spec, [0.9, 0.8, 0.8, 0.8], [])


@pytest.mark.parametrize(
    ("excess", "penalty"),
    [(0.05, 0), (0.125, 0.1), (0.25, 0.25), (0.375, 0.5), (0.5, 1), (3.0, 1), (-0.5, 0)],
)
def test_published_penalties(excess, penalty):
    assert divergence_count([1.0, 1.0 + excess]) == penalty


def test_published_counter_is_never_reset():
    assert divergence_count([1.0, 2.0, 0.5, 2.0, 0.5, 0.75]) == 1 + 1 + 0.25


def test_published_rule_stops_above_patience_and_never_on_a_plateau():
    spec = EarlyStoppingSpec(rule="published", patience=2)
    assert not should_stop(spec, [0.5] * 4, [1.0, 2.0, 2.0, 1.0])
    assert should_stop(spec, [0.5] * 4, [1.0, 2.0, 2.0, 2.0])
    assert not should_stop(spec, [0.5] * 500, [1.0] * 500)


def test_without_a_rule_nothing_stops():
    assert not should_stop(None, [0.5] * 500, [])


class MeanLabel(LossTerm):
    uses_target = False

    def forward(self, batch: Batch) -> Tensor:
        assert len(batch.target.features) == 0
        return batch.source.labels.double().mean()


def test_validation_loss_is_of_64_rows_drawn_by_seed_and_epoch():
    labels = torch.arange(200)
    view = ValidationView(
        torch.zeros(200, 2), torch.zeros(200, 3), labels, torch.zeros(5, 2), torch.zeros(5, 3)
    )

    def loss(seed, epoch):
        return validation_loss(MeanLabel(), view, seed=seed, epoch=epoch, progress=0.5)

    rows = generator(4, "early stopping", 2).permutation(200)[:64]
    assert loss(4, 2) == pytest.approx(rows.mean())
    assert len({loss(4, 2), loss(4, 3), loss(5, 2)}) == 3
