from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dakit.spec.loading import spec_from_dict
from dakit.spec.problems import SpecError
from dakit.spec.schema import json_schema


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


CHANGES: list[dict[str, Any]] = [
    {},
    {"$schema": "x.json", "seed": 3},
    {"data": {"name": "shapes", "folder": "x", "split": {"seed": 3}}},
    {"data": {"name": "files", "file": "x"}},
    {"objective": {"task": None, "transfer": "dann"}},
    {"objective": {"task": {"smoothing": 0.1}}},
    {"objective": {"transfer": {"name": "mmd", "ramp": {"end": 0.5}}}},
    {"objective": {"regularizers": ["fisher", {"name": "entropy", "on": "both"}]}},
    {"optimizer": {"lr": 0.1}, "schedule": {}},
    {"optimizer": {"name": "sgd", "momentum": 0.5}},
    {"optimizer": "sgd", "schedule": "constant", "description": None, "seed": 5.0},
    {"training": {"selection": {}, "monitor": ["source_accuracy"], "early_stopping": None}},
    {"init_from": {"spec": "a.json", "parts": ["backbone"]}},
]

WRONG: list[dict[str, Any]] = [
    {"sede": 3},
    {"seed": "3"},
    {"seed": -1},
    {"data": {"name": "shapes", "sise": 3}},
    {"data": "files"},
    {"data": {"size": 20}},
    {"objective": {"transfer": "mdm"}},
    {"objective": {"transfer": {"weight": 1}}},
    {"objective": {"transfer": {"name": "mmd", "hidden": 3}}},
    {"objective": {"regularizers": [{"weight": 1}]}},
    {"optimizer": {"momentum": 0.5}},
    {"optimizer": "adma"},
    {"optimizer": {"name": "adma"}},
    {"training": {"epocs": 3}},
    {"model": {}},
]


@pytest.mark.parametrize("changes", CHANGES)
def test_accepts_what_dakit_accepts(
    validator: Draft202012Validator, minimal: dict[str, Any], changes: dict[str, Any]
):
    spec = {**minimal, **changes}
    spec_from_dict(spec)
    validator.validate(spec)


@pytest.mark.parametrize("changes", CHANGES)
def test_accepts_resolved_specs(
    validator: Draft202012Validator, minimal: dict[str, Any], changes: dict[str, Any]
):
    validator.validate(spec_from_dict({**minimal, **changes}).resolved)


@pytest.mark.parametrize("changes", WRONG)
def test_refuses_what_dakit_refuses(
    validator: Draft202012Validator, minimal: dict[str, Any], changes: dict[str, Any]
):
    spec = {**minimal, **changes}
    with pytest.raises(SpecError):
        spec_from_dict(spec)
    assert not validator.is_valid(spec)


@pytest.mark.parametrize(
    "partial",
    [
        {},
        {"name": "b", "data": {"size": 20}},
        {"objective": {"transfer": {"weight": 1}, "task": None}},
        {"objective": None, "training": {"epochs": None}},
        {"optimizer": {"momentum": 0.5}},
        {"model": {"backbone": {"width": 3}}},
    ],
)
def test_with_extends_nothing_is_required_and_null_takes_away(
    validator: Draft202012Validator, partial: dict[str, Any]
):
    validator.validate({"extends": "base.json", **partial})
    validator.validate({"extends": ["base.json", "more.json"], **partial})


@pytest.mark.parametrize(
    "partial",
    [
        {"sede": 3},
        {"training": {"epocs": 3}},
        {"objective": {"transfer": {"wieght": 3}}},
        {"objective": {"regularizers": [{"weight": 3}]}},
        {"seed": "3"},
    ],
)
def test_with_extends_what_is_wrong_stays_wrong(
    validator: Draft202012Validator, partial: dict[str, Any]
):
    assert not validator.is_valid({"extends": "base.json", **partial})


def _properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        for name, part in schema.get("properties", {}).items():
            yield name, part
        for part in schema.values():
            yield from _properties(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _properties(part)


def test_every_field_is_described():
    undescribed = {name for name, part in _properties(json_schema()) if "description" not in part}
    assert undescribed == set()


def test_variants_are_titled_by_the_names_users_write():
    definitions = json_schema()["$defs"]
    transfer = definitions["ObjectiveSpec"]["properties"]["transfer"]["anyOf"][0]["oneOf"]
    assert {"mmd", "dann"} <= {variant["title"] for variant in transfer}


VALUES: list[Any] = [
    *(
        None,
        True,
        0,
        1,
        5,
        -1,
        5.0,
        1e3,
        5.5,
        0.5,
        2**70,
        1e30,
        "x",
        "adam",
        "constant",
        "mmd",
        "fisher",
    ),
    *(
        "auto",
        "plain",
        "source_accuracy",
        [],
        ["x"],
        [1, 1.0],
        [0.5, 0.5],
        {},
        {"x": 1},
        {"name": "mmd"},
    ),
    *(
        {"name": "sgd"},
        {"name": "x"},
        {"weight": 0.5},
        [{"name": "fisher"}, "entropy"],
        ["backbone"],
    ),
]
BEYOND = (
    "give either",
    "must be 1, not",
    "must not be after",
    "must be below",
    "is empty",
    "no term",
)
"""What the schema cannot say: one field against another."""


def _documents(value: Any) -> Iterator[Any]:
    """Yield copies of a document with each of its parts replaced by each of the values."""
    yield from VALUES
    if isinstance(value, dict):
        for key, part in value.items():
            yield from ({**value, key: changed} for changed in _documents(part))
    if isinstance(value, list):
        for i, part in enumerate(value):
            yield from ([*value[:i], changed, *value[i + 1 :]] for changed in _documents(part))


FULL: dict[str, Any] = {
    "data": {"name": "shapes", "extra": ["x"]},
    "model": {"backbone": {"name": "plain"}, "head": {"hidden": [3]}},
    "init_from": {"run": "a", "parts": ["head"]},
    "objective": {"transfer": {"name": "mmd", "ramp": {"end": 1}}, "regularizers": ["fisher"]},
    "optimizer": {"name": "adam", "betas": [0.5, 0.5]},
    "training": {"monitor": ["source_accuracy"], "early_stopping": {"patience": 3}},
}


@pytest.mark.parametrize("resolved", [False, True])
def test_schema_and_dakit_agree_on_every_value_of_every_field(
    validator: Draft202012Validator, minimal: dict[str, Any], resolved: bool
):
    whole = {**minimal, **FULL}
    documents = [document for document in _documents(whole) if isinstance(document, dict)]
    if resolved:  # hundreds of fields: a fifth of the values for each, other ones for the next
        whole = spec_from_dict(whole).resolved
        documents = [each for each in _documents(whole) if isinstance(each, dict)][::5]
    disagreed = []
    for document in documents:
        problems = ()
        try:
            spec_from_dict(document)
        except SpecError as error:
            problems = error.problems
        beyond = problems and all(any(w in p.message for w in BEYOND) for p in problems)
        if validator.is_valid(document) != (not problems) and not beyond:
            disagreed.append((document, [str(p) for p in problems]))
    assert len(documents) > 500
    assert disagreed == []
