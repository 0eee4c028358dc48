from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dakit.spec.loading import load_spec, spec_from_dict
from dakit.spec.problems import SpecError

Write = Callable[[str, str], Path]

BASE = """{
  "schema_version": 1,
  "name": "base",
  "data": {"name": "shapes", "folder": "here"},
  "model": {"backbone": "plain"},
  "objective": {
    "transfer": {"name": "mmd", "wieght": 2},
    "regularizers": ["fischer"]
  }
}"""

CHILD = """{
  "extends": "base/base.json",
  "name": "child",
  "seed": 1, "seed": 2,
  "training": {"epochs": "many"},
  "evaluation": {"confidence": NaN}
}"""

GOOD_BASE = BASE.replace("wieght", "weight").replace("fischer", "fisher")
GOOD_CHILD = """{
  "extends": "base/base.json",
  "name": "child",
  "objective": {"transfer": null}
}"""


def test_every_problem_of_every_file_comes_at_once_at_its_place(write: Write):
    write("base/base.json", BASE)
    path = write("child.json", CHILD)
    with pytest.raises(SpecError) as caught:
        load_spec(path, ["evaluation.bootstrap=-1", "optimzer.lr=1"])
    base, child = path.parent / "base/base.json", path
    places = {(p.file, p.line, p.column, p.path) for p in caught.value.problems}
    assert places == {
        (str(base), 7, 33, "objective.transfer.wieght"),
        (str(base), 8, 22, "objective.regularizers.0"),
        (str(child), 4, 14, "seed"),
        (str(child), 5, 26, "training.epochs"),
        (str(child), 6, 32, "evaluation.confidence"),
        ("--set evaluation.bootstrap=-1", None, None, "evaluation.bootstrap"),
        ("--set optimzer.lr=1", None, None, "optimzer"),
    }


def test_a_key_given_twice_does_not_hide_that_its_value_is_wrong(write: Write):
    text = GOOD_BASE.replace('"name": "base"', '"name": "base", "seed": 1, "seed": -1')
    with pytest.raises(SpecError) as caught:
        load_spec(write("a.json", text))
    first, second = (problem.message for problem in caught.value.problems)
    assert "twice" in first
    assert "at least 0" in second


@pytest.mark.parametrize("version", ["true", "1.5", '"1"'])
def test_the_version_is_a_whole_number(write: Write, version: str):
    text = GOOD_BASE.replace('"schema_version": 1', f'"schema_version": {version}')
    with pytest.raises(SpecError, match="schema_version: must be a whole number") as caught:
        load_spec(write("a.json", text))
    assert len(caught.value.problems) == 1


def test_a_whole_number_may_be_written_with_a_point(write: Write):
    text = GOOD_BASE.replace('"schema_version": 1', '"schema_version": 1.0, "seed": 5.0')
    loaded = load_spec(write("a.json", text), ["training.epochs=1e2"])
    assert (loaded.spec.seed, loaded.spec.training.epochs) == (5, 100)
    assert type(loaded.resolved["seed"]) is int
    assert (
        loaded.resolved
        == load_spec(write("b.json", text.replace(".0", "")), ["training.epochs=100"]).resolved
    )


@pytest.mark.parametrize(("part", "name"), [("schedule", "constant"), ("optimizer", "sgd")])
def test_a_part_that_is_chosen_by_its_name_may_be_just_that(
    minimal: dict[str, Any], part: str, name: str
):
    long = spec_from_dict({**minimal, part: {"name": name}}).resolved
    assert spec_from_dict({**minimal, part: name}).resolved == long
    assert spec_from_dict(minimal, [f"{part}={name}"]).resolved == long
    with pytest.raises(SpecError, match=rf"{part}.*did you mean '{name}'"):
        spec_from_dict({**minimal, part: f"{name}x"})


def test_missing_keys_point_at_the_enclosing_object(write: Write):
    path = write("a.json", GOOD_BASE.replace('{"backbone": "plain"}', "{}"))
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    [problem] = caught.value.problems
    assert (problem.line, problem.column, problem.path) == (5, 12, "model.backbone")


def test_a_loaded_spec_knows_how_it_came_about(write: Write):
    write("base/base.json", GOOD_BASE)
    path = write("child.json", GOOD_CHILD)
    loaded = load_spec(path, ["seed=3"])
    assert loaded.spec.name == loaded.resolved["name"] == "child"
    assert loaded.spec.objective.transfer is None
    assert loaded.given == GOOD_CHILD
    assert loaded.path == path
    assert loaded.base_dir == path.parent
    assert loaded.origins["seed"] == "--set"
    assert loaded.origins["objective.regularizers.0.name"] == "base/base.json:8"


def test_paths_start_from_the_file_they_are_written_in(write: Write, tmp_path: Path):
    write("base/base.json", GOOD_BASE)
    write("first.json", GOOD_CHILD)
    path = write("child.json", GOOD_CHILD[:-2] + ',\n "init_from": {"spec": "first.json"}}')
    spec = load_spec(path).spec
    assert spec.data.folder == tmp_path / "base/here"
    assert spec.init_from.spec == str(tmp_path / "first.json")


def test_paths_on_the_command_line_start_from_the_working_directory(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = write("sub/a.json", GOOD_BASE)
    monkeypatch.chdir(tmp_path)
    assert load_spec(path, ["data.folder=x"]).spec.data.folder == tmp_path / "x"


def test_a_dictionary_gives_the_same_problems_without_places(minimal: dict[str, Any]):
    with pytest.raises(SpecError) as caught:
        spec_from_dict({**minimal, "seed": float("nan"), "training": {"epocs": 1}})
    places = {(p.file, p.line, p.path) for p in caught.value.problems}
    assert places == {(None, None, "seed"), (None, None, "training.epocs")}


def test_a_dictionary_may_hold_python_objects(minimal: dict[str, Any], tmp_path: Path):
    transfer = spec_from_dict(
        {**minimal, "objective": {"transfer": {"name": "mmd", "variances": (1, 2, 3)}}}
    ).spec.objective.transfer
    data = {"name": "shapes", "folder": Path("x")}
    loaded = spec_from_dict(
        {**minimal, "data": data, "objective": {"transfer": transfer}}, base_dir=tmp_path
    )
    assert loaded.spec.objective.transfer == transfer
    assert loaded.spec.data.folder == tmp_path / "x"
    assert json.loads(loaded.given)["data"]["folder"] == "x"


def test_what_json_cannot_hold_is_a_problem(minimal: dict[str, Any]):
    with pytest.raises(SpecError, match="seed: a set has no place"):
        spec_from_dict({**minimal, "seed": {1}})


def test_a_dictionary_may_extend_files(write: Write, tmp_path: Path):
    write("base.json", GOOD_BASE)
    loaded = spec_from_dict({"extends": "base.json", "name": "mine"}, base_dir=tmp_path)
    assert loaded.spec.name == "mine"
    assert loaded.spec.objective.transfer.weight == 2


def test_the_schema_key_is_accepted(minimal: dict[str, Any]):
    assert spec_from_dict({**minimal, "$schema": "x.json"}).resolved["$schema"] == "x.json"


def _specs(minimal: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    transfer = st.none() | st.sampled_from(["mmd", "dann"])
    ramp = st.none() | st.fixed_dictionaries(
        {"begin": st.just(0.0) | st.floats(1e-30, 0.5), "end": st.floats(0.5, 1)}
    )
    regularizer = st.fixed_dictionaries(
        {"name": st.just("entropy")},
        optional={"weight": st.just(0.0) | st.floats(1e-30, 1e9), "ramp": ramp},
    )
    objective = st.fixed_dictionaries(
        {"transfer": transfer}, optional={"regularizers": st.lists(regularizer, max_size=2)}
    )
    optional = {
        "description": st.text(),
        "seed": st.integers(0, 2**63 - 1),
        "optimizer": st.fixed_dictionaries({}, optional={"lr": st.floats(1e-9, 1e6)}),
        "init_from": st.none() | st.just({"run": "first", "freeze": ["backbone"]}),
        "training": st.fixed_dictionaries({}, optional={"gradient_clip": st.floats(0.1, 9)}),
    }
    return st.fixed_dictionaries({"objective": objective}, optional=optional).map(
        lambda changes: {**minimal, **changes}
    )


FULL: dict[str, Any] = {
    "data": {"name": "shapes", "split": {"train": 0.7}, "folder": "x", "extra": ["y"]},
    "model": {"backbone": "plain", "head": {"hidden": [3]}},
    "init_from": {"spec": "a.json", "parts": ["head"]},
    "objective": {"transfer": {"name": "mmd", "ramp": {"end": 1}}, "regularizers": ["fisher"]},
    "optimizer": {"name": "sgd"},
    "training": {"monitor": ["source_accuracy"], "early_stopping": {"patience": 3}},
}
PLACES = ["extends", *FULL, *(f"{key}.{inner}" for key in FULL for inner in FULL[key])]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["mmd"]),
    lambda x: st.lists(x, max_size=2) | st.dictionaries(st.sampled_from(["name", "x"]), x),
    max_leaves=4,
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(PLACES), anything, min_size=1, max_size=3))
def test_whatever_is_written_gives_a_spec_or_problems(
    minimal: dict[str, Any], changes: dict[str, Any]
):
    document = json.loads(json.dumps({**minimal, **FULL}))
    for place, value in changes.items():
        key, _, inner = place.partition(".")
        if inner and isinstance(document[key], dict):
            document[key][inner] = value
        else:
            document[key] = value
    with suppress(SpecError):
        assert spec_from_dict(document).resolved["name"] == "small"


@settings(max_examples=40)
@given(st.data())
def test_a_resolved_spec_loads_as_itself(
    minimal: dict[str, Any], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
):
    loaded = spec_from_dict(data.draw(_specs(minimal)))
    elsewhere = tmp_path_factory.getbasetemp() / "resolved.json"
    elsewhere.write_text(json.dumps(loaded.resolved), encoding="utf-8")
    again = load_spec(elsewhere)
    assert again.spec == loaded.spec
    assert again.resolved == loaded.resolved


def test_a_sweep_file_is_recognised(write: Write):
    path = write("s.json", '{"schema_version": 1, "name": "a", "specs": ["b.json"], "jobs": 2}')
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    [problem] = caught.value.problems
    assert str(problem) == f"{path}: this is a sweep file: dakit sweep {path}"


IMPOSSIBLE = ["a\0b", "x" * 256, "é" * 128, "a/" * 3000, "~nobody-of-this-name/x"]


@pytest.mark.parametrize("named", IMPOSSIBLE)
@pytest.mark.parametrize("place", ["data.folder", "data.extra", "init_from.spec", "init_from.run"])
def test_what_can_be_no_path_is_a_problem_at_its_place(
    named: str, place: str, minimal: dict[str, Any], write: Write
):
    key, inner = place.split(".")
    value = [named] if inner == "extra" else named
    part = {inner: value, **({"name": "shapes"} if key == "data" else {})}
    path = write("a.json", json.dumps({**minimal, key: part}, indent=1))
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    [problem] = caught.value.problems
    where = f"{place}.0" if inner == "extra" else place
    assert (problem.file, problem.path) == (str(path), where)
    assert json.dumps(named) in path.read_text().splitlines()[problem.line - 1]
    with pytest.raises(SpecError, match=where):
        load_spec(write("b.json", json.dumps(minimal)), [f"{place}={json.dumps(value)}"])


@settings(max_examples=100)
@given(st.text(alphabet="a\udcff\udfff", min_size=1).filter(lambda text: set(text) != {"a"}))
@pytest.mark.parametrize("how", ["text", "json", "key", "dictionary"])
def test_half_characters_are_problems(minimal: dict[str, Any], how: str, text: str):
    def load() -> Any:
        if how == "dictionary":
            return spec_from_dict({**minimal, "description": text, text: 1})
        change = {"text": f"description={text}", "json": f"description={json.dumps(text)}"}
        return spec_from_dict(minimal, [change.get(how, f"{text}=3")])

    with pytest.raises(SpecError) as caught:
        load()
    for problem in caught.value.problems:
        json.dumps(problem.to_dict())


def test_a_dictionary_that_holds_itself_is_refused(minimal: dict[str, Any]):
    endless: dict[str, Any] = {**minimal}
    endless["data"] = {"name": "shapes", "more": endless}
    with pytest.raises(SpecError, match="nested too deeply"):
        spec_from_dict(endless)


def test_too_many_levels_on_the_command_line_are_refused(minimal: dict[str, Any]):
    for change in (f"data={'[' * 300}", ".".join(["data"] * 2000) + "=1"):
        with pytest.raises(SpecError):
            spec_from_dict(minimal, [change])


def test_a_folder_whose_name_is_no_utf_8_is_refused(tmp_path: Path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    text = BASE.replace(', "wieght": 2', "").replace('"fischer"', "")
    (folder / "base.json").write_text(text)
    with pytest.raises(SpecError, match=r"data\.folder: leads to .* no UTF-8, .*caf\\udce9"):
        load_spec(folder / "base.json")
    here = text.replace('"folder": "here"', f'"folder": {json.dumps(str(tmp_path))}')
    (folder / "base.json").write_text(here)
    assert load_spec(folder / "base.json").spec.name == "base", "its data are elsewhere"
