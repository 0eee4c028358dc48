"""MCD against a plain PyTorch loop of the published algorithm, and its numbers by hand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Literal

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax
from torch import Tensor, nn

from dakit import BackboneSpec
from dakit.builtin.datasets.digits_shift import DigitsShift
from dakit.builtin.tasks.cross_entropy import CrossEntropySpec
from dakit.builtin.transfer.mcd import MCDSpec
from dakit.builtin.validators.source_accuracy import SourceAccuracySpec
from dakit.contracts import Backbone, BuildContext
from dakit.data.prepare import prepare
from dakit.spec.run import RunSpec
from dakit.training.objective import build_objective, context_for
from dakit.training.reporter import SilentReporter
from dakit.training.steps import steps_of
from dakit.training.trainer import Trainer


class Plain(Backbone):
    feature_dim = 12

    def __init__(self, norm: bool) -> None:
        super().__init__()
        middle = [nn.BatchNorm1d(12)] if norm else []
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 12, bias=not norm), *middle, nn.Tanh()
        )

    def forward(self, inputs: Tensor) -> Tensor:
        features: Tensor = self.layers(inputs)
        return features


class PlainSpec(BackboneSpec):
    name: Literal["plain"] = "plain"
    norm: bool = False

    def build(self, context: BuildContext) -> Backbone:
        return Plain(self.norm)


def trainer_of(norm: bool, optimizer: dict[str, Any]) -> tuple[RunSpec, Trainer]:
    spec = RunSpec.model_validate(
        {
            "schema_version": 1,
            "name": "mcd",
            "seed": 1,
            "data": DigitsShift(),
            "model": {"backbone": PlainSpec(norm=norm), "head": {"hidden": (8,)}},
            "objective": {"task": CrossEntropySpec(), "transfer": MCDSpec()},
            "training": {"epochs": 1, "batch_size": 64, "selection": SourceAccuracySpec()},
            "optimizer": optimizer,
            "schedule": {"name": "constant"},
        }
    )
    data = prepare(spec.data.build(BuildContext(seed=1)), spec.data, spec.seed)
    objective = build_objective(spec, context_for(data, spec.seed, BuildContext(seed=1).base_dir))
    return spec, Trainer(spec, data, objective, torch.device("cpu"), SilentReporter())


ADAM = {"name": "adam", "lr": 2e-4, "weight_decay": 5e-4}  # as published
SGD = {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4, "nesterov": False}


@pytest.mark.parametrize("norm", [False, True], ids=["apart", "joint batch norm"])
@pytest.mark.parametrize(("optimizer", "rule"), [(ADAM, torch.optim.Adam), (SGD, torch.optim.SGD)])
def test_every_step_is_that_of_the_published_loop(
    norm: bool, optimizer: dict[str, Any], rule: Any
) -> None:
    spec, trainer = trainer_of(norm, optimizer)
    objective = trainer.objective.train()
    backbone = deepcopy(objective.network.backbone)
    first = deepcopy(objective.network.head)
    second = deepcopy(objective.term("mcd").second)
    options = {name: value for name, value in optimizer.items() if name != "name"}
    of_backbone, *of_heads = (rule(m.parameters(), **options) for m in (backbone, first, second))

    def zero() -> None:
        for each in (of_backbone, *of_heads):
            each.zero_grad()

    def features(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        if not norm:
            return backbone(source), backbone(target)
        both = backbone(torch.cat([source, target]))
        return both[: len(source)], both[len(source) :]

    def classification(rows: Tensor, labels: Tensor) -> Tensor:
        cross_entropy = nn.CrossEntropyLoss()
        loss: Tensor = cross_entropy(first(rows), labels) + cross_entropy(second(rows), labels)
        return loss

    def discrepancy(rows: Tensor) -> Tensor:
        return torch.mean(torch.abs(first(rows).softmax(1) - second(rows).softmax(1)))

    steps = steps_of(spec, trainer.schedule, 1, trainer.batches.steps_per_epoch)
    for step, batch in zip(steps[:8], trainer.batches.epoch(1), strict=False):
        trainer.train_step(step, batch)
        source, labels, target = batch.source_inputs, batch.source_labels, batch.target_inputs
        assert target is not None

        zero()
        classification(features(source, target)[0], labels).backward()
        for each in (of_backbone, *of_heads):
            each.step()

        zero()
        of_source, of_target = features(source, target)
        (classification(of_source, labels) - discrepancy(of_target)).backward()
        for each in of_heads:
            each.step()

        for _ in range(4):
            zero()
            discrepancy(features(source, target)[1]).backward()
            of_backbone.step()

        pairs = zip(
            (objective.network.backbone, objective.network.head, objective.term("mcd").second),
            (backbone, first, second),
            strict=True,
        )
        for mine, theirs in pairs:
            for name, tensor in theirs.state_dict().items():
                torch.testing.assert_close(
                    mine.state_dict()[name], tensor, rtol=0, atol=1e-6, msg=f"{name} in {step}"
                )


def test_losses_are_those_of_loops_over_rows_and_classes(make_batch: Any) -> None:
    batch = make_batch(5, 7, dim=5, classes=3)
    term = MCDSpec().build(BuildContext(seed=2, feature_dim=5, num_classes=3)).double()
    source, target = batch.source, batch.target
    other = [term.second(side.features).detach().numpy() for side in (source, target)]
    mine = [side.logits.detach().numpy() for side in (source, target)]
    apart = 0.0
    for row in range(7):
        for k in range(3):
            apart += abs(softmax(mine[1][row])[k] - softmax(other[1][row])[k]) / 21
    crosses = [
        -np.mean([log_softmax(z[i])[int(source.labels[i])] for i in range(5)])
        for z in (mine[0], other[0])
    ]
    assert term(batch).item() == pytest.approx(crosses[1])
    assert term.phase_loss("agree", batch).item() == pytest.approx(apart)
    assert term.phase_loss("disagree", batch).item() == pytest.approx(sum(crosses) - apart)


def test_the_second_head_is_another_one(make_batch: Any) -> None:
    terms = [MCDSpec().build(BuildContext(seed=s, feature_dim=5, num_classes=3)) for s in (1, 2)]
    rows = torch.randn(4, 5)
    assert not torch.allclose(terms[0].second(rows), terms[1].second(rows))
    _, trainer = trainer_of(False, ADAM)
    heads = (trainer.objective.network.head, trainer.objective.term("mcd").second)
    first, second = (each.state_dict() for each in heads)
    assert first.keys() == second.keys()
    assert not any(torch.allclose(first[name], second[name]) for name in first)
