import pytest

from dakit.errors import InputError
from dakit.training.needs import check_needs


def test_an_unknown_need_is_refused_with_the_nearest_one(toy, tmp_path):
    spec = toy.run_spec()
    objective = toy.make_objective(spec)
    objective.term("centre").needs = frozenset({"indexes"})
    with pytest.raises(InputError, match=r"'centre' needs 'indexes'.*'indices'"):
        toy.train_in(tmp_path, spec, objective=objective)
    assert not (tmp_path / "metrics.jsonl").exists()


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
