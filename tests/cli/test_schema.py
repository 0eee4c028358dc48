"""``dakit schema`` as a user calls it, and the schema of what is really installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dakit.cli.app import main
from dakit.plugins import catalog
from dakit.spec.sweep import is_sweep_file

FILES = sorted(
    path
    for path in (Path(__file__).parents[2] / "examples").rglob("*.json")
    if not path.match("*.schema.json")
)
SWEEPS = [path for path in FILES if is_sweep_file(path)]
EXAMPLES = [path for path in FILES if path not in SWEEPS]


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Draft202012Validator:
    out = tmp_path_factory.mktemp("schema") / "run-spec.schema.json"
    assert main(["schema", "--out", str(out)]) == 0
    schema = json.loads(out.read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_accepts_every_example(validator: Draft202012Validator) -> None:
    assert EXAMPLES
    for path in EXAMPLES:
        validator.validate(json.loads(path.read_text()))


def test_refuses_an_unknown_key_in_every_example(validator: Draft202012Validator) -> None:
    for path in EXAMPLES:
        spec = json.loads(path.read_text())
        assert not validator.is_valid({**spec, "sede": 1})
        assert not validator.is_valid({**spec, "training": {"epocs": 1}})


def test_the_schema_of_sweep_files(tmp_path: Path) -> None:
    out = tmp_path / "sweep.schema.json"
    assert main(["schema", "--sweep", "--out", str(out)]) == 0
    validator = Draft202012Validator(json.loads(out.read_text()))
    assert SWEEPS
    for path in SWEEPS:
        sweep = json.loads(path.read_text())
        validator.validate(sweep)
        for changes in ({"sedes": [1]}, {"launcher": {"name": "local", "job": 1}}, {"specs": []}):
            assert not validator.is_valid({**sweep, **changes})
    for component in catalog.current().components("launcher"):
        assert f'"const": "{component.name}"' in out.read_text()


def test_knows_every_installed_component(validator: Draft202012Validator) -> None:
    text = json.dumps(validator.schema)
    for component in catalog.current().components():
        if component.kind != "launcher":
            assert f'"const": "{component.name}"' in text


def test_goes_to_the_screen_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "dakit run spec"


def test_an_unwritable_file_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "none" / "schema.json"
    assert main(["schema", "--out", str(out)]) == 2
    assert str(out) in capsys.readouterr().err


def test_every_field_of_every_component_is_described(validator: Draft202012Validator) -> None:
    for name, definition in validator.schema["$defs"].items():
        for key, part in definition.get("properties", {}).items():
            assert "description" in part, f"{name}.{key}"
