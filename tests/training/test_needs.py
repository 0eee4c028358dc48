from dataclasses import replace

import pytest
import torch

from dakit.data.batches import InputBatch, TrainingBatches
from dakit.errors import InputError
from dakit.training.needs import check_needs
from dakit.training.reporter import SilentReporter
from dakit.workflows.train import make_plan


def test_an_unknown_need_is_refused_with_the_nearest_one(toy):
    spec = toy.run_spec()
    objective = toy.make_objective(spec)
    objective.term("centre").needs = frozenset({"indexes"})
    with pytest.raises(InputError, match=r"'centre' needs 'indexes'.*'indices'"):
        check_needs(objective, toy.make_data(spec), spec)


def test_what_can_be_met_is_not_refused(toy):
    spec = toy.run_spec(objective={"regularizers": (toy.MemorySpec(),), "task": None})
    check_needs(toy.make_objective(spec), toy.make_data(spec), spec)


def test_weights_that_nothing_else_honours_are_refused(toy):
    spec = toy.run_spec(objective={"task": None, "regularizers": (toy.CriticSpec(),)})
    with pytest.raises(InputError, match=r"'critic' needs another term that honours its weights"):
        check_needs(toy.make_objective(spec), toy.make_data(spec), spec)


def test_a_second_view_that_is_no_other_is_refused(toy):
    spec = toy.run_spec(
        data=toy.Blobs(augment={"strong": {"noise": 0, "drop": 0}}),
    )
    objective = toy.make_objective(spec)
    objective.term("centre").needs = frozenset({"second_view"})
    with pytest.raises(InputError, match=r"'centre' needs a second view.*augment\.strong"):
        check_needs(objective, toy.make_data(spec), spec)


@pytest.mark.parametrize("role", ["selection", "monitor"])
def test_an_oracle_without_target_labels_is_refused(toy, role):
    class Oracle(toy.ValidatorSpec):
        uses_target_labels = True

        def build(self, context):
            return float

    oracle = Oracle(name="oracle")
    training = {role: oracle if role == "selection" else (oracle,)}
    spec = toy.run_spec(data=toy.Blobs(labelled_target=False), training=training)
    with pytest.raises(InputError, match="'oracle' needs target labels"):
        check_needs(toy.make_objective(spec), toy.make_data(spec), spec)


def test_an_unknown_need_of_a_validator_is_refused(toy):
    class Curious(toy.ValidatorSpec):
        needs = frozenset({"train_feature"})

        def build(self, context):
            return float

    spec = toy.run_spec(training={"monitor": (Curious(name="curious"),)})
    with pytest.raises(InputError, match=r"'curious' needs 'train_feature'.*'train_features'"):
        check_needs(toy.make_objective(spec), toy.make_data(spec), spec)


def of_rows(toy, spec, *, source=60, target=60):
    """Data whose training parts have so many rows."""
    data = toy.make_data(spec)
    split = data.split
    parts = {
        "source": replace(split.source, train=split.source.train[:source]),
        "target": replace(split.target, train=split.target.train[:target]),
    }
    return replace(data, split=replace(split, **parts))


@pytest.mark.parametrize(
    ("mode", "batch_size", "target", "told"),
    [
        ("source", 1, 60, "'backbone.norm' one source input at a time"),
        ("domain", 1, 60, "'backbone.norm.source' one source input at a time"),
        ("domain", 16, 1, "'backbone.norm.source' one target input at a time"),
        ("joint", 1, 60, None),
        ("joint", 16, 1, None),
        ("source", 16, 1, None),
        ("source", 2, 60, None),
    ],
)
def test_batches_of_one_row_are_refused_where_they_have_no_statistics(
    toy, mode, batch_size, target, told
):
    """What is refused fails in torch, what is not trains: a step of each."""
    training = {"batch_norm": mode, "batch_size": batch_size}
    spec = toy.run_spec(training=training)
    objective, data = toy.make_objective(spec), of_rows(toy, spec, source=7, target=target)
    batches = TrainingBatches(
        data,
        spec.data,
        batch_size=batch_size,
        seed=1,
        device=torch.device("cpu"),
        with_target=objective.needs_target,
    )
    steps = list(batches.epoch(1))
    if told is None:
        check_needs(objective, data, spec)
        assert all(objective.train()(step, 0.5).total.isfinite() for step in steps)
        return
    before = {name: value.clone() for name, value in objective.state_dict().items()}
    with pytest.raises(InputError, match=told):
        check_needs(objective, data, spec)
    assert all(torch.equal(value, before[name]) for name, value in objective.state_dict().items())
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        objective.train()(steps[0], 0.5)


def test_single_images_of_many_pixels_have_statistics():
    spec = {
        "schema_version": 1,
        "name": "single",
        "data": {"name": "digits_shift"},
        "model": {"backbone": {"name": "small_cnn", "channels": [2]}},
        "objective": {"task": "cross_entropy"},
        "training": {"batch_size": 1},
    }
    plan = make_plan(spec, reporter=SilentReporter(), dry=True)
    step = InputBatch(torch.randn(1, 1, 8, 8), torch.tensor([3]))
    assert plan.objective.train()(step, 0.0).total.isfinite()
    deep = {"name": "small_cnn", "channels": [2, 2, 2, 2]}
    with pytest.raises(InputError, match=r"one source input at a time.*batches.*of 2 or more"):
        make_plan({**spec, "model": {"backbone": deep}}, reporter=SilentReporter(), dry=True)


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        (
            {"init_from": {"run": "earlier", "train_only": ("batch_norm",)}},
            "train_only 'batch_norm'",
        ),
        ({"training": {"batch_norm": "adabn"}}, "training.batch_norm 'adabn'"),
    ],
)
def test_what_is_asked_of_batch_norm_needs_batch_norm(toy, asks, said):
    spec = toy.run_spec(**asks)
    objective, data = toy.make_objective(spec), toy.make_data(spec)
    check_needs(objective, data, spec)
    objective.network.backbone.norm = torch.nn.Identity()
    with pytest.raises(InputError, match=f"{said} needs a network with BatchNorm"):
        check_needs(objective, data, spec)
