import csv
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from dakit.components import DatasetSpec
from dakit.contracts import Backbone, Domain, DomainPair, Provenance
from dakit.data.prepare import prepare
from dakit.evaluation.evaluate import evaluate
from dakit.evaluation.metrics import metric_set
from dakit.network import Head, Network
from dakit.spec.run import HeadSpec
from dakit.spec.training import EvaluationSpec

SETS = [
    f"{role}_{part}" for role in ("source", "target") for part in ("train", "validation", "test")
]
SPEC = SimpleNamespace(evaluation=EvaluationSpec(bootstrap=60, batch_size=16), seed=3)


class Plain(Backbone):
    feature_dim = 4

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, inputs):
        return self.layer(inputs)


class Points(DatasetSpec):
    name: str = "points"

    def build(self, context):
        random = np.random.default_rng(0)

        def domain(name, rows, shift, groups):
            labels = np.arange(rows) % 2
            inputs = random.normal(size=(rows, 4)) + shift + labels[:, None]
            ids = np.array([f"{name}{i}" for i in range(rows)])
            return Domain(name, inputs, labels, ids, groups)

        return DomainPair(
            source=domain("s", 90, 0.0, np.repeat(np.arange(30), 3)),
            target=domain("t", 60, 3.0, None),
            class_names=("no", "yes"),
            provenance=Provenance("generated", "points"),
        )


@pytest.fixture
def pair():
    return Points().build(None)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Network(Plain(), Head(HeadSpec(), 4, 2))


def run(pair, network):
    return evaluate(SPEC, prepare(pair, Points(), 0), network, torch.device("cpu"))


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_part_of_both_domains_is_measured(pair, network):
    evaluation = run(pair, network)
    assert list(evaluation.metrics) == SETS
    parts = [evaluation.metrics[f"source_{p}"].n for p in ("train", "validation", "test")]
    assert sum(parts) == 90


def test_the_numbers_follow_from_the_predictions_file(pair, network, tmp_path):
    evaluation = run(pair, network)
    evaluation.write_predictions(tmp_path / "predictions.csv")
    rows = read(tmp_path / "predictions.csv")
    for name in SETS:
        role, _, part = name.partition("_")
        chosen = [row for row in rows if row["domain"] == role and row["split"] == part]
        labels = [("no", "yes").index(row["label"]) for row in chosen]
        probabilities = np.array([[row["p_no"], row["p_yes"]] for row in chosen], np.float32)
        groups = np.array([int(row["group"]) for row in chosen]) if role == "source" else None
        expected = metric_set(labels, probabilities, groups=groups, bootstrap=60, seed=3)
        assert evaluation.metrics[name] == expected


def test_each_domain_is_scaled_by_its_own_statistics(pair, network):
    """The target is the source shifted, so its own statistics undo the shift."""
    evaluation = run(pair, network)
    source, target = (evaluation.metrics[f"{role}_train"] for role in ("source", "target"))
    assert source.accuracy == pytest.approx(target.accuracy, abs=0.25)


def test_a_target_without_labels_is_predicted_but_not_measured(pair, network, tmp_path):
    labelled = run(pair, network)
    evaluation = run(replace(pair, target=replace(pair.target, labels=None)), network)
    assert [name for name in SETS if evaluation.metrics[name] is None] == SETS[3:]
    assert evaluation.metrics["source_test"] == labelled.metrics["source_test"]
    evaluation.write_predictions(tmp_path / "predictions.csv")
    target = [row for row in read(tmp_path / "predictions.csv") if row["domain"] == "target"]
    assert len(target) == 60
    assert {row["label"] for row in target} == {""}


def test_evaluating_twice_gives_the_same_numbers(pair, network):
    assert run(pair, network).metrics == run(pair, network).metrics
