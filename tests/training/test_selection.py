import pytest
import torch

from dakit.errors import RunError
from dakit.training.selection import Judge


def scorer(toy, name, function, labels=False):
    class Scorer(toy.ValidatorSpec):
        uses_target_labels = labels

        def build(self, context):
            return function

    return Scorer(name=name)


def judge(toy, network, data, *validators):
    training = {"selection": validators[0], "monitor": validators[1:]}
    spec = toy.run_spec(training=training)
    return Judge(spec, data, network, torch.device("cpu"))


@pytest.fixture
def network(toy):
    return toy.make_objective(toy.run_spec()).network.train()


@pytest.fixture
def data(toy):
    return toy.make_data(toy.run_spec())


def test_the_view_holds_both_validation_parts_in_evaluation_mode(toy, network, data):
    view = judge(toy, network, data, toy.Accuracy()).view(network)
    rows, pair = data.split.source.validation, data.pair
    assert network.training  # as before
    assert view.source_labels.tolist() == pair.source.labels[rows].tolist()
    assert view.source_features.shape == (len(rows), 8)
    assert view.target_logits.shape == (len(data.split.target.validation), 3)
    assert not view.source_logits.requires_grad
    again = judge(toy, network, data, toy.Accuracy()).view(network)
    assert torch.equal(view.source_logits, again.source_logits)  # no dropout


def test_target_labels_are_only_for_those_who_declare_them(toy, network, data):
    seen = {}

    def looks(name):
        def score(view):
            seen[name] = view.target_labels
            return 1.0

        return score

    asked = judge(
        toy,
        network,
        data,
        scorer(toy, "blind", looks("blind")),
        scorer(toy, "oracle", looks("oracle"), labels=True),
        scorer(toy, "blind", looks("last")),
    )
    scores = asked.scores(asked.view(network), 1)
    assert list(scores) == ["blind", "oracle", "blind_2"]
    assert seen["blind"] is None
    assert seen["last"] is None
    rows = data.split.target.validation
    assert seen["oracle"].tolist() == data.pair.target.labels[rows].tolist()
    assert not asked.uses_target_labels


def test_choosing_by_target_labels_is_noted(toy, network, data):
    assert judge(toy, network, data, scorer(toy, "oracle", float, labels=True)).uses_target_labels


def test_a_nan_score_names_the_validator(toy, network, data):
    asked = judge(toy, network, data, scorer(toy, "broken", lambda view: float("nan")))
    with pytest.raises(RunError, match="'broken' returned NaN after epoch 7"):
        asked.scores(asked.view(network), 7)
