"""``dakit export`` as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_files_and_nothing_else_is_said(digits_run: Path, tmp_path: Path) -> None:
    line = [sys.executable, "-m", "dakit", "export", str(digits_run), "--format", "both"]
    done = subprocess.run(
        [*line, "--out", "model"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    said = done.stdout.splitlines()
    assert [text.partition(":")[0] for text in said[:2]] == ["torch", "onnx"]
    assert said[2:] == ["model/model.pt2", "model/model.onnx", "model/export.json"]
    assert {path.name for path in (tmp_path / "model").iterdir()} == {
        "model.pt2",
        "model.onnx",
        "export.json",
    }
