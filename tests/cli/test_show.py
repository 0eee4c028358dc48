"""``dakit show`` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dakit.cli.app import main
from dakit.spec.loading import load_spec

BASE = """{
  "schema_version": 1,
  "name": "base",
  "data": "digits_shift",
  "model": {"backbone": "mlp"},
  "objective": {"transfer": "mmd"}
}"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "base.json").write_text(BASE)
    path = tmp_path / "child.json"
    path.write_text('{"extends": "base.json",\n "name": "child",\n "training": {"epochs": 3}}')
    return path


def test_every_value_with_its_origin(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(spec), "--set", "seed=7"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: tuple(line.split(maxsplit=2)[1:]) for line in lines}
    assert rows["seed"] == ("--set", "7")
    assert rows["training.epochs"] == ("child.json:3", "3")
    assert rows["objective.transfer.name"] == ("base.json:6", '"mmd"')
    assert rows["training.batch_size"] == ("default", "128")


def test_a_published_head_is_shown_with_the_backbone_it_comes_from(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(spec), "--set", "model.backbone=deepmerge"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "head.hidden" in line]
    assert row.split(maxsplit=1)[1] == "deepmerge, as published  [64, 32]"
    assert main(["show", str(spec), "--set", "model.head.hidden=[]"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "head.hidden" in line]
    assert row.split() == ["model.head.hidden", "--set", "[]"]


def test_json_is_a_valid_spec_that_means_the_same(
    spec: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["show", str(spec), "--json", "--set", "objective.transfer=dann"]) == 0
    resolved = tmp_path / "elsewhere" / "resolved.json"
    resolved.parent.mkdir()
    resolved.write_text(capsys.readouterr().out)
    again = load_spec(resolved)
    assert again.spec == load_spec(spec, ["objective.transfer=dann"]).spec
    assert again.resolved == json.loads(resolved.read_text())


def test_a_wrong_spec_ends_with_2_and_its_problems(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(spec), "--set", "seeed=7"]) == 2
    assert "--set seeed=7" in capsys.readouterr().err
