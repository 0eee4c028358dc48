from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dakit.spec.problems import SpecError
from dakit.spec.sweep import load_sweep

SWEEP: dict[str, Any] = {"schema_version": 1, "name": "all", "specs": ["a.json"]}


def problems(path: Path, text: str) -> list[str]:
    path.write_text(text)
    with pytest.raises(SpecError) as raised:
        load_sweep(path)
    return [str(problem).removeprefix(f"{path}") for problem in raised.value.problems]


def test_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(SWEEP))
    spec = load_sweep(tmp_path / "s.json").spec
    assert (spec.seeds, spec.overrides, spec.quick) == (None, (), None)
    assert spec.launcher.name == "local"
    assert spec.compare is not None
    assert spec.compare.references == ()


def test_no_page_and_a_launcher_with_settings(tmp_path: Path) -> None:
    launcher = {"name": "local", "jobs": 3}
    (tmp_path / "s.json").write_text(json.dumps({**SWEEP, "compare": None, "launcher": launcher}))
    spec = load_sweep(tmp_path / "s.json").spec
    assert spec.compare is None
    assert spec.launcher.model_dump()["jobs"] == 3


def test_everything_that_is_wrong_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    text = """{
  "schema_version": 1,
  "name": "a b",
  "specs": [],
  "sedes": [1],
  "seeds": [1, "2", -3],
  "quick": {"sets": {}},
  "overrides": [{"name": "fast"}],
  "launcher": {"name": "locl"}
}"""
    told = problems(tmp_path / "s.json", text)
    expected = [
        ":3:11: name: must match",
        ":4:12: specs: must have at least 1 entries, not 0",
        ":5:3: sedes: unknown key; did you mean 'seeds'?",
        ':6:16: seeds.1: must be a whole number, not the text "2"',
        ":6:21: seeds.2: must be at least 0, not -3",
        ":7:13: quick.sets: unknown key; did you mean 'set'?",
        ":8:17: overrides.0.set: is required",
        ":9:24: launcher.name: there is no launcher named 'locl'; did you mean 'local'?",
    ]
    for line, start in zip(told, expected, strict=True):
        assert line.startswith(start), (line, start)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "a sweep file must be an object"),
        ('{"schema_version": 1,}', "a comma before the closing brace"),
        ('{"schema_version": 2, "name": "a", "specs": ["a.json"]}', "must be 1, not 2"),
        ('{"schema_version": 1, "name": "a", "specs": ["b"], "name": "b"}', "given twice"),
        ('{"schema_version": 1, "name": "a", "specs": [{}]}', "specs.0.spec: is required"),
        ('{"schema_version": 1, "name": "a", "specs": ["b"], "extends": "c"}', "unknown key"),
    ],
)
def test_a_file_that_is_no_sweep(text: str, said: str, tmp_path: Path) -> None:
    assert any(said in line for line in problems(tmp_path / "s.json", text))


def test_a_run_spec_is_recognised(tmp_path: Path) -> None:
    text = '{"schema_version": 1, "name": "a", "data": "digits_shift", "seed": 1}'
    assert problems(tmp_path / "a.json", text) == [
        f": this is a run spec: dakit run {tmp_path / 'a.json'}"
    ]


def test_a_file_that_is_not_there_gets_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / "sweep.json").touch()
    with pytest.raises(SpecError, match=r"no such file; did you mean 'sweep\.json'"):
        load_sweep(tmp_path / "swep.json")
