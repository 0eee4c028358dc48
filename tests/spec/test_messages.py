from __future__ import annotations

import copy
from typing import Any

import pytest

from dakit.spec.loading import spec_from_dict
from dakit.spec.problems import SpecError


def messages(minimal: dict[str, Any], **changes: Any) -> dict[str, str]:
    with pytest.raises(SpecError) as caught:
        spec_from_dict({**copy.deepcopy(minimal), **changes})
    return {problem.path: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"seed": "1"}, "seed", 'must be a whole number, not the text "1"'),
        ({"seed": 1.5}, "seed", "must be a whole number, not 1.5"),
        ({"seed": True}, "seed", "must be a whole number, not true"),
        ({"seed": -1}, "seed", "must be at least 0, not -1"),
        ({"description": 3}, "description", "must be a text, not 3"),
        (
            {"evaluation": {"confidence": 1}},
            "evaluation.confidence",
            "must be at most 0.9999, not 1",
        ),
        ({"evaluation": 3}, "evaluation", "must be an object: { ... }, not 3"),
        ({"optimizer": {"lr": 0}}, "optimizer.lr", "must be greater than 0, not 0"),
        ({"optimizer": {"lr": "x"}}, "optimizer.lr", 'must be a number, not the text "x"'),
        ({"optimizer": {"amsgrad": 1}}, "optimizer.amsgrad", "must be true or false, not 1"),
        ({"optimizer": {"betas": 1}}, "optimizer.betas", "must be a list, not 1"),
        ({"optimizer": {"betas": [0, 0, 0]}}, "optimizer.betas", "must have at most 2 entries"),
        ({"optimizer": 3}, "optimizer", "must be a name or an object with a 'name', not 3"),
        (
            {"model": {"backbone": "plain", "head": {"hidden": [0]}}},
            "model.head.hidden.0",
            "greater",
        ),
        ({"data": {"name": "shapes", "folder": 3}}, "data.folder", "must be a text, not 3"),
        ({"name": "a b"}, "name", 'not "a b"'),
    ],
)
def test_wrong_values_in_plain_words(
    minimal: dict[str, Any], changes: dict[str, Any], path: str, message: str
):
    found = messages(minimal, **changes)
    assert list(found) == [path]
    assert message in found[path]


@pytest.mark.parametrize(
    ("changes", "path", "hints"),
    [
        ({"trainng": {}}, "trainng", ["'training'", "schedule", "extends"]),
        ({"training": {"epocs": 1}}, "training.epocs", ["'epochs'", "batch_size"]),
        ({"optimizer": {"name": "adma"}}, "optimizer.name", ["'adam'", "sgd"]),
        ({"optimizer": {"name": "sgd", "betas": 1}}, "optimizer.betas", ["momentum"]),
        ({"optimizer": {"name": "sgd", "momentm": 1}}, "optimizer.momentm", ["'momentum'"]),
        ({"objective": {"transfer": "mdm"}}, "objective.transfer", ["'mmd'"]),
        ({"objective": {"transfer": {"name": "mdm"}}}, "objective.transfer.name", ["'mmd'"]),
        ({"objective": {"transfer": {}}}, "objective.transfer", ["name", "mmd", "dann"]),
        (
            {"objective": {"regularizers": ["fisher", {"name": "entropy", "wieght": 1}]}},
            "objective.regularizers.1.wieght",
            ["'weight'", "on"],
        ),
        (
            {"objective": {"regularizers": [{"name": "entropy", "on": "traget"}]}},
            "objective.regularizers.0.on",
            ["'target'", "both"],
        ),
        ({"data": {"name": "shapes", "split": {"trian": 1}}}, "data.split.trian", ["'train'"]),
    ],
)
def test_unknown_names_come_with_the_nearest_and_the_allowed_ones(
    minimal: dict[str, Any], changes: dict[str, Any], path: str, hints: list[str]
):
    found = messages(minimal, **changes)
    assert list(found) == [path]
    for hint in hints:
        assert hint in found[path]


def test_missing_keys_are_named_and_described():
    with pytest.raises(SpecError) as caught:
        spec_from_dict({})
    found = {problem.path: problem.message for problem in caught.value.problems}
    assert set(found) == {"schema_version", "name", "data", "model", "objective"}
    assert found["model"] == "is required: The network."


def test_missing_keys_of_components(minimal: dict[str, Any]):
    assert messages(minimal, data="files") == {"data.file": "is required: The file."}


def test_rules_between_fields_are_told_at_their_object(minimal: dict[str, Any]):
    found = messages(
        minimal,
        objective={"task": None},
        init_from={"spec": "a.json", "run": "b"},
        data={"name": "shapes", "split": {"train": 0.9}},
    )
    assert found["objective"].startswith("the objective has no term")
    assert found["init_from"].startswith("give either")
    assert found["data.split"] == "train + validation + test must be 1, not 1.2"


def test_a_value_with_several_right_types_names_them_all(minimal: dict[str, Any]):
    found = messages(minimal, model={"backbone": {"name": "plain", "width": [1]}})
    assert list(found) == ["model.backbone.width"]
    assert "a whole number" in found["model.backbone.width"]
    assert "'auto'" in found["model.backbone.width"]


def test_defaults_that_are_no_json_are_no_problem(minimal: dict[str, Any]):
    assert spec_from_dict(minimal).resolved["data"]["folder"].endswith("data")


def test_long_values_are_cut(minimal: dict[str, Any]):
    assert len(messages(minimal, seed="x" * 10_000)["seed"]) < 200
