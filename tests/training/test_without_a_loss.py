"""Terms that are fitted between epochs, alone and beside terms that learn by steps."""

from __future__ import annotations

import json
from typing import Literal

import pytest
import torch
from torch import nn

from dakit import TransferLossSpec
from dakit.contracts import LossTerm
from dakit.errors import InputError
from dakit.reporting.figures.report import draw_training_curves
from dakit.runs.folder import RunFolder
from dakit.runs.records import read_history
from dakit.training.early_stopping import followed_task
from dakit.training.needs import check_needs
from dakit.training.reporter import LineReporter


class Means(LossTerm):
    """The class of the nearest mean, moved to the target."""

    has_loss = False

    def __init__(self, context):
        super().__init__()
        self.rule = nn.Linear(context.feature_dim, context.num_classes).requires_grad_(False)
        self.calls = 0

    def forward(self, batch):
        raise AssertionError("called without a loss")

    def on_epoch_end(self, view):
        self.calls += 1
        rows, labels = view.source.features, view.source.labels
        moved = view.target.features.mean(0) - rows.mean(0)
        means = torch.stack([rows[labels == c].mean(0) for c in range(3)]) + moved
        self.rule.weight.copy_(2 * means)
        self.rule.bias.copy_(-means.square().sum(1))

    def predictor(self):
        return self.rule


class MeansSpec(TransferLossSpec):
    """The class of the nearest mean."""

    name: Literal["means"] = "means"

    def build(self, context):
        return Means(context)


ALONE = {"task": None, "transfer": MeansSpec()}


def alone(toy, **training):
    return toy.run_spec(objective=ALONE, training={"epochs": 1, **training})


def test_a_run_without_a_loss_takes_no_step_and_predicts_by_what_was_fitted(toy, tmp_path, capsys):
    spec = alone(toy)
    before = toy.make_objective(spec).network.state_dict()
    selection, objective = toy.train_in(tmp_path, spec, reporter=LineReporter())
    (row,) = map(json.loads, (tmp_path / "metrics.jsonl").read_text().splitlines())
    assert (row["step"], row["losses"], row["weights"]) == (0, {}, {})
    assert selection.score == row["scores"]["accuracy"] > 0.5  # of random features
    assert objective.term("means").calls == 1
    after = objective.network.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    assert capsys.readouterr().out.startswith("epoch 1/1 ")
    drawn = draw_training_curves(read_history(RunFolder(tmp_path)), chosen=1)
    assert [drawing.name for drawing in drawn] == ["scores"]


def test_more_than_one_epoch_is_refused(toy):
    spec = alone(toy, epochs=2)
    with pytest.raises(InputError, match=r"no term of this objective has a loss \(means\).* to 1"):
        check_needs(toy.make_objective(spec), toy.make_data(spec), spec)


def test_beside_a_loss_it_is_fitted_after_every_epoch_and_saved(toy, tmp_path):
    spec = toy.run_spec(objective={"task": toy.CrossEntropySpec(), "transfer": MeansSpec()})
    _, objective = toy.train_in(tmp_path / "whole", spec)
    assert objective.term("means").calls == 4
    rows = (tmp_path / "whole" / "metrics.jsonl").read_text().splitlines()
    assert json.loads(rows[-1])["losses"].keys() == {"ce", "total"}
    found = toy.last_checkpoint(tmp_path / "whole")
    assert any(name.startswith("terms.means.rule") for name in found["objective"])


def test_the_published_stopping_rule_has_no_loss_to_follow(toy):
    spec = alone(toy, early_stopping={"rule": "published"})
    with pytest.raises(InputError, match="no task with a loss"):
        followed_task(spec, toy.make_objective(spec))
