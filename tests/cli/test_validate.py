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


SWEEP = """{
  "schema_version": 1,
  "name": "many",
  "specs": ["good.json", {"spec": "good.json", "name": "other", "set": {"training.epochs": 3}}],
  "seeds": [1, 2],
  "quick": {"set": {"training.epochs": 1}}
}"""


@pytest.fixture
def sweep(good: Path) -> Path:
    path = good.with_name("sweep.json")
    path.write_text(SWEEP)
    return path


def test_a_sweep_file_is_known_by_its_keys(
    sweep: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", str(sweep), str(good)]) == 0
    assert capsys.readouterr().out == f"ok: many ({sweep})\nok: small ({good})\n"
    assert main(["validate", str(sweep), "--set", "training.epochs=0"]) == 2
    assert "--set training.epochs=0: training.epochs: must be" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"seeds"', '"sedes"', ":5:3: sedes: unknown key; did you mean 'seeds'?"),
        ('"specs"', '"spces"', ":4:3: spces: unknown key; did you mean 'specs'?"),
        (
            '["good.json"',
            '["god.json"',
            ":4:13: specs.0: there is no file god.json; did you mean 'good.json'",
        ),
        ('": 3', '": 0', ":4:92: training.epochs: must be"),
        ('": 1}', '": 0}', ":6:40: training.epochs: must be"),
        ('"name": "other", ', "", ":4:12: specs: 2 runs are called small-seed1"),
    ],
)
def test_what_is_wrong_with_a_sweep_file_is_told_at_its_place(
    sweep: Path, right: str, wrong: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep.write_text(SWEEP.replace(right, wrong))
    assert main(["validate", str(sweep)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.startswith(str(sweep))


def test_what_is_wrong_with_a_spec_of_a_sweep_is_told_there(
    sweep: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good.write_text(GOOD.replace("mlp", "mpl"))
    assert main(["validate", str(sweep), "--json"]) == 2
    (found,) = json.loads(capsys.readouterr().out)
    assert [(p["file"], p["path"]) for p in found["problems"]] == [(str(good), "model.backbone")]


def test_validating_and_showing_import_nothing_heavy(good: Path, sweep: Path) -> None:
    probe = (
        "import sys; from dakit.cli.app import main\n"
        f"for command in ('validate', 'show'): assert main([command, {str(good)!r}]) == 0\n"
        f"assert main(['validate', {str(sweep)!r}]) == 0\n"
        "assert not {'torch', 'numpy', 'sklearn', 'jsonschema'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", probe]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
