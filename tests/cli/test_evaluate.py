"""``dakit evaluate`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dakit.cli.app import main


def test_a_table_and_its_numbers(
    digits_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, out = digits_run.parent / "digits.json", tmp_path / "score.json"
    line = ["evaluate", str(digits_run), "--data", str(spec), "--out", str(out), "--device", "cpu"]
    assert main(line) == 0
    printed = capsys.readouterr().out
    numbers = json.loads(out.read_text())
    accuracy = numbers["metrics"]["target_all"]["accuracy"]
    assert f"{accuracy:.3f} [" in printed
    assert "LEAKAGE: " in printed
    assert "source all" in printed
    assert "generated: scikit-learn's digits" in printed
    assert "The target was normalised as the target of the run" in printed
    assert "95% from 20 bootstrap" in printed


def test_mock_data_are_called_so(
    digits_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    from dakit.reporting.result_table import print_score
    from dakit.workflows.evaluate import score

    found = score(digits_run, digits_run.parent / "digits.json", domain="target", part="test")
    found["data"]["origin"] = "mock"
    print_score(Console(), found)
    printed = capsys.readouterr().out
    assert "MOCK DATA" in printed
    assert "target test (MOCK)" in printed


def test_wrong_data_exit_2(
    digits_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(digits_run), "--data", str(tmp_path / "no.json")]) == 2
    assert "no.json" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path), "--data", str(tmp_path / "no.json")]) == 2


def test_only_the_data_of_a_run_spec_count(
    digits_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = {
        "schema_version": 1,
        "name": "elsewhere",
        "data": "digits_shift",
        "model": {"backbone": "of_a_plugin_that_is_not_here"},
        "objective": {"transfer": "of_another"},
    }
    (tmp_path / "elsewhere.json").write_text(json.dumps(spec))
    line = ["evaluate", str(digits_run), "--data", str(tmp_path / "elsewhere.json")]
    assert main([*line, "--domain", "target", "--part", "test"]) == 0
    assert "target test" in capsys.readouterr().out


def test_where_the_numbers_cannot_go_is_told_first(
    digits_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "missing" / "score.json"
    assert main(["evaluate", str(digits_run), "--data", "no.json", "--out", str(out)]) == 2
    assert f"there is no folder {out.parent}" in capsys.readouterr().err
