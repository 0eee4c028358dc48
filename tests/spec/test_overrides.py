from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dakit.spec.loading import spec_from_dict
from dakit.spec.overrides import apply_overrides
from dakit.spec.positions import Mark, parse
from dakit.spec.problems import Problem, SpecError

SPEC = {
    "seed": 1,
    "data": "shapes",
    "objective": {
        "transfer": {"name": "mmd", "weight": 2.0},
        "regularizers": [{"name": "fisher", "weight": 0.1}, "entropy"],
    },
}


def changed(*overrides: str) -> Any:
    problems: list[Problem] = []
    node = apply_overrides(parse(json.dumps(SPEC), Mark("a"))[0], overrides, problems)
    assert problems == []
    return node.plain()


def problem(*overrides: str) -> Problem:
    problems: list[Problem] = []
    node = apply_overrides(parse(json.dumps(SPEC), Mark("a"))[0], overrides, problems)
    [found] = problems
    assert node.plain() == SPEC
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1e-3", 1e-3),
        ("true", True),
        ("null", None),
        ("[1, 2]", [1, 2]),
        ('{"name": "mmd"}', {"name": "mmd"}),
        ('"3"', "3"),
        ("sim_real", "sim_real"),
        ("a=b", "a=b"),
        ("", ""),
        ("NaN", "NaN"),
        ("1 2", "1 2"),
    ],
)
def test_a_value_is_json_or_else_text(text: str, value: Any):
    assert changed(f"description={text}")["description"] == value


def test_setting_replaces_the_old_value_whole():
    assert changed("objective.transfer=dann")["objective"]["transfer"] == "dann"
    assert changed("objective.transfer=mmd")["objective"]["transfer"] == "mmd"
    assert changed("objective.regularizers=[]")["objective"]["regularizers"] == []


def test_a_list_entry_is_named_by_its_index_or_its_component():
    by_index = changed("objective.regularizers.0.weight=0.3")
    by_name = changed("objective.regularizers.fisher.weight=0.3")
    assert by_index == by_name
    assert by_name["objective"]["regularizers"] == [{"name": "fisher", "weight": 0.3}, "entropy"]


def test_a_short_form_becomes_a_long_one_when_a_part_of_it_is_set():
    assert changed("data.size=20")["data"] == {"name": "shapes", "size": 20}
    regularizers = changed("objective.regularizers.entropy.on=both")["objective"]["regularizers"]
    assert regularizers[1] == {"name": "entropy", "on": "both"}


def test_missing_objects_are_created():
    assert changed("training.early_stopping.patience=3")["training"] == {
        "early_stopping": {"patience": 3}
    }


def test_overrides_are_applied_in_order():
    assert changed(
        "objective.transfer=dann", "objective.transfer.hidden=3", "seed=2", "seed=3"
    ) == {
        **SPEC,
        "seed": 3,
        "objective": {**SPEC["objective"], "transfer": {"name": "dann", "hidden": 3}},
    }


@pytest.mark.parametrize(
    ("override", "path", "hints"),
    [
        ("training.epocs=3", "training.epocs", ["'epochs'", "batch_size"]),
        ("objectiv.transfer=dann", "objectiv", ["'objective'"]),
        ("objective.transfer.wieght=3", "objective.transfer.wieght", ["'weight'", "variances"]),
        ("objective.regularizers.fischer.weight=3", "objective.regularizers.fischer", ["'fisher'"]),
        ("objective.regularizers.2.weight=3", "objective.regularizers.2", ["fisher, entropy"]),
        ("seed.value=3", "seed.value", ["not an object"]),
        ("extends=b.json", "extends", ["unknown key"]),
    ],
)
def test_unknown_steps_name_the_nearest_ones(override: str, path: str, hints: list[str]):
    found = problem(override)
    assert found.path == path
    assert found.file == f"--set {override}"
    for hint in hints:
        assert hint in found.message


@pytest.mark.parametrize("override", ["seed", "=3", "a..b=3", ".a=3", "a.=3"])
def test_what_is_no_assignment_is_told_how_one_looks(override: str):
    assert "KEY=VALUE" in problem(override).message


def test_an_entry_of_a_list_that_is_not_there(minimal: dict[str, Any]):
    with pytest.raises(SpecError, match=r"regularizers='\[\.\.\.\]'"):
        spec_from_dict(minimal, ["objective.regularizers.fisher.weight=1"])


def test_a_part_of_a_default_component_can_be_set(minimal: dict[str, Any]):
    loaded = spec_from_dict(minimal, ["optimizer.lr=0.5", "objective.task.smoothing=0.1"])
    assert loaded.resolved["optimizer"]["name"] == "adam"
    assert loaded.resolved["optimizer"]["lr"] == 0.5
    assert loaded.resolved["objective"]["task"]["smoothing"] == 0.1


CHANGES = {
    "seed": st.integers(0, 9),
    "training.epochs": st.integers(1, 9),
    "training.early_stopping": st.none() | st.just({"patience": 3}),
    "optimizer": st.sampled_from([{"name": "sgd", "lr": 0.1}, {"name": "adamw"}]),
    "schedule.name": st.sampled_from(["cosine", "constant"]),
    "objective.transfer": st.sampled_from(["mmd", "dann", None, {"name": "mmd", "weight": 3}]),
    "objective.task.weight": st.just(0.0) | st.floats(1e-30, 9),
    "description": st.text(),
}


@settings(max_examples=50)
@given(st.fixed_dictionaries({}, optional=CHANGES))
def test_overriding_equals_editing_the_file(minimal: dict[str, Any], changes: dict[str, Any]):
    edited = copy.deepcopy(minimal)
    for path, value in changes.items():
        *parents, last = path.split(".")
        target = edited
        for parent in parents:
            target = target.setdefault(parent, {})
        target[last] = value
    overrides = [f"{path}={json.dumps(value)}" for path, value in changes.items()]
    assert spec_from_dict(minimal, overrides).spec == spec_from_dict(edited).spec
