from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dakit.spec.loading import load_spec
from dakit.spec.problems import SpecError
from dakit.spec.run import SCHEMA_VERSION, RunSpec

Write = Callable[[str, str], Path]

OLD = """{
  "schema_version": 0,
  "name": "old",
  "data": "shapes",
  "model": {"backbone": "plain"},
  "objective": {"transfer": {"name": "mmd", "weight": -1}}
}"""


def test_an_old_version_is_refused(write: Write):
    with pytest.raises(SpecError, match="there is no version 0: this dakit reads 1"):
        load_spec(write("old.json", OLD))


def test_the_version_of_each_file_is_checked(write: Write):
    write("old.json", OLD.replace("-1", "1"))
    new = write("new.json", '{"extends": "old.json", "schema_version": 1}')
    with pytest.raises(SpecError, match="there is no version 0"):
        load_spec(new)


def test_a_newer_version_says_to_upgrade_and_nothing_else(write: Write):
    text = OLD.replace('"schema_version": 0', '"schema_version": 99')
    with pytest.raises(SpecError, match=r"use a newer dakit$") as caught:
        load_spec(write("new.json", text))
    [problem] = caught.value.problems
    assert (problem.line, problem.column) == (2, 21)


def test_the_json_schema_names_the_version_that_is_read():
    assert RunSpec.model_json_schema()["properties"]["schema_version"]["const"] == SCHEMA_VERSION
