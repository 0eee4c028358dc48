"""``dakit report`` as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SPEC = {
    "schema_version": 1,
    "name": "tiny",
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "mlp", "hidden": [4]}},
    "objective": {"task": "cross_entropy"},
    "training": {"epochs": 1, "batch_size": 256},
    "evaluation": {"bootstrap": 0},
}


def dakit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "dakit", *arguments]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)


def test_at_the_end_of_a_run_or_later(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    quiet = dakit(tmp_path, "run", "spec.json", "--no-report")
    assert quiet.returncode == 0, quiet.stderr
    (folder,) = (tmp_path / "runs").iterdir()
    assert not (folder / "report.html").exists()
    done = dakit(tmp_path, "run", "spec.json")
    assert done.returncode == 0, done.stderr
    page = str(Path("runs") / folder.name / "report.html")
    assert page in done.stdout.replace("\n", "")
    assert (folder / "report.html").exists()
    assert (folder / "figures" / "roc.svg").exists()


def test_a_folder_that_is_no_run_exits_2(tmp_path: Path) -> None:
    failed = dakit(tmp_path, "report", ".")
    assert failed.returncode == 2
    assert "not the folder of a finished run" in failed.stderr
