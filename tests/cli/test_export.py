"""``dakit export`` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dakit.cli.app import main


def test_files_and_nothing_else_is_said(
    digits_run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model"
    assert main(["export", str(digits_run), "--format", "both", "--out", str(out)]) == 0
    said = capfd.readouterr()
    assert said.err == ""
    lines = said.out.splitlines()
    assert [text.partition(":")[0] for text in lines[:2]] == ["torch", "onnx"]
    names = ["model.pt2", "model.onnx", "export.json"]
    assert lines[2:] == [str(out / name) for name in names]
    assert {path.name for path in out.iterdir()} == set(names)


def test_a_folder_that_is_no_run_exits_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path)]) == 2
    assert "not the folder of a finished run" in capfd.readouterr().err
