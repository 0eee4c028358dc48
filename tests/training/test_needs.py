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
