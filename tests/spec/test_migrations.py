from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dakit.spec import migrations
from dakit.spec.loading import load_spec
from dakit.spec.migrations import MIGRATIONS
from dakit.spec.problems import SpecError
from dakit.spec.run import SCHEMA_VERSION, RunSpec

Write = Callable[[str, str], Path]

OLD = """{
  "schema_version": 0,
  "name": "old",
  "random_seed": 5,
  "data": "shapes",
  "model": {"backbone": "plain"},
  "objective": {"transfer": {"name": "mmd", "weight": -1}}
}"""


def _rename_seed(data: dict[str, Any]) -> dict[str, Any]:
    seed = data.pop("random_seed", None)
    return data if seed is None else {**data, "seed": seed}


@pytest.fixture
def _version_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MIGRATIONS, 0, _rename_seed)


@pytest.mark.usefixtures("_version_0")
def test_an_old_file_is_brought_up_to_date(write: Write):
    loaded = load_spec(write("old.json", OLD.replace("-1", "1")))
    assert loaded.spec.seed == 5
    assert loaded.spec.schema_version == SCHEMA_VERSION


@pytest.mark.usefixtures("_version_0")
def test_problems_in_an_old_file_keep_their_places(write: Write):
    with pytest.raises(SpecError) as caught:
        load_spec(write("old.json", OLD))
    [problem] = caught.value.problems
    assert (problem.path, problem.line, problem.column) == ("objective.transfer.weight", 7, 55)


@pytest.mark.usefixtures("_version_0")
def test_each_file_is_migrated_from_its_own_version(write: Write):
    write("old.json", OLD.replace("-1", "1"))
    new = write("new.json", '{"extends": "old.json", "schema_version": 1, "seed": 6}')
    assert load_spec(new).spec.seed == 6


@pytest.mark.usefixtures("_version_0")
def test_a_file_without_version_has_that_of_what_it_extends(write: Write):
    write("old.json", OLD.replace("-1", "1"))
    child = write("child.json", '{"extends": "old.json", "random_seed": 7}')
    assert load_spec(child).spec.seed == 7


def test_without_a_migration_an_old_version_is_refused(write: Write):
    with pytest.raises(SpecError, match="from 1 on"):
        load_spec(write("old.json", OLD))


def test_a_newer_version_says_to_upgrade_and_nothing_else(write: Write):
    text = OLD.replace('"schema_version": 0', '"schema_version": 99')
    with pytest.raises(SpecError, match=r"use a newer dakit$") as caught:
        load_spec(write("new.json", text))
    [problem] = caught.value.problems
    assert (problem.line, problem.column) == (2, 21)


def test_there_is_a_migration_from_every_older_version():
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA_VERSION))
    assert RunSpec.model_json_schema()["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert migrations.SCHEMA_VERSION == SCHEMA_VERSION
