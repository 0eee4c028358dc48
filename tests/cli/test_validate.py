"""``dakit validate`` as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dakit.cli.app import main

GOOD = """{
  "schema_version": 1,
  "name": "small",
  "data": "digits_shift",
  "model": {"backbone": "mlp"},
  "objective": {"transfer": {"name": "mmd", "weight": 1.0}}
}"""


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.json"
    path.write_text(GOOD)
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.json"
    path.write_text(GOOD.replace("weight", "wieght").replace("mlp", "mpl"))
    return path


def test_a_valid_spec_is_ok(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(good)]) == 0
    assert capsys.readouterr().out == f"ok: small ({good})\n"


def test_all_problems_of_all_files(
    good: Path, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = good.with_name("missing.json")
    assert main(["validate", str(bad), str(good), str(missing)]) == 2
    output = capsys.readouterr()
    assert output.out == f"ok: small ({good})\n"
    assert f"{bad}:5:25: model.backbone: there is no backbone named 'mpl'" in output.err
    assert (
        f"{bad}:6:45: objective.transfer.wieght: unknown key; did you mean 'weight'?" in output.err
    )
    assert f"{missing}: there is no such file" in output.err
    assert len(output.err.splitlines()) == 3


def test_json_for_scripts(good: Path, bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--json", str(good), str(bad)]) == 2
    first, second = json.loads(capsys.readouterr().out)
    assert first == {"file": str(good), "ok": True, "name": "small", "problems": []}
    assert not second["ok"]
    assert [(p["path"], p["line"], p["column"]) for p in second["problems"]] == [
        ("model.backbone", 5, 25),
        ("objective.transfer.wieght", 6, 45),
    ]


def test_overrides_are_checked_too(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(good), "--set", "objective.transfer=dann"]) == 0
    assert main(["validate", str(good), "--set", "training.epochs=0"]) == 2
    assert "--set training.epochs=0: training.epochs: must be" in capsys.readouterr().err


def test_validating_and_showing_import_nothing_heavy(good: Path) -> None:
    probe = (
        "import sys; from dakit.cli.app import main\n"
        f"for command in ('validate', 'show'): assert main([command, {str(good)!r}]) == 0\n"
        "assert not {'torch', 'numpy', 'sklearn', 'jsonschema'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", probe]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
