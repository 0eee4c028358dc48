import pytest
import torch

from dakit.errors import RunError
from dakit.training.selection import Judge
from dakit.training.views import Views


def scorer(toy, name, function, labels=False):
    class Scorer(toy.ValidatorSpec):
        uses_target_labels = labels

        def build(self, context):
            return function

    return Scorer(name=name)


def judge(toy, views, *validators):
    training = {"selection": validators[0], "monitor": validators[1:]}
    return Judge(toy.run_spec(training=training), views)


@pytest.fixture
def views(toy):
    spec = toy.run_spec()
    network = toy.make_objective(spec).network.train()
    return Views(toy.make_data(spec), network, 16, torch.device("cpu"))


def test_target_labels_are_only_for_those_who_declare_them(toy, views):
    seen = {}

    def looks(name):
        def score(view):
            seen[name] = view.target_labels
            return 1.0

        return score

    asked = judge(
        toy,
        views,
        scorer(toy, "blind", looks("blind")),
        scorer(toy, "oracle", looks("oracle"), labels=True),
        scorer(toy, "blind", looks("last")),
    )
    scores = asked.scores(views.validation())
    assert list(scores) == ["blind", "oracle", "blind_2"]
    assert seen["blind"] is None
    assert seen["last"] is None
    rows = views.data.split.target.validation
    assert seen["oracle"].tolist() == views.data.pair.target.labels[rows].tolist()
    assert not asked.uses_target_labels


def test_choosing_by_target_labels_is_noted(toy, views):
    assert judge(toy, views, scorer(toy, "oracle", float, labels=True)).uses_target_labels


def test_a_nan_score_names_the_validator(toy, views):
    asked = judge(toy, views, scorer(toy, "broken", lambda view: float("nan")))
    with pytest.raises(RunError, match="'broken' returned NaN after epoch 7"):
        asked.scores(views.validation(7))


def test_a_validator_sees_what_it_declares_and_no_more(toy, views):
    seen = {}

    def looks(name, needs):
        def score(view):
            seen[name] = (view.source_train_features, view.target_inputs, view.network)
            return 1.0

        built = scorer(toy, name, score)
        type(built).needs = frozenset(needs)
        return built

    asked = judge(toy, views, looks("one", ["train_features"]), looks("two", ["inputs"]))
    assert asked.needs == {"train_features", "inputs"}
    asked.scores(views.validation(1, asked.needs))
    assert [part is not None for part in seen["one"]] == [True, False, False]
    assert [part is not None for part in seen["two"]] == [False, True, False]
