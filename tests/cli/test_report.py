"""``dakit report`` as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

SPEC = {
    "schema_version": 1,
    "name": "tiny",
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "mlp", "hidden": [4]}},
    "objective": {"task": "cross_entropy"},
    "training": {"epochs": 1, "batch_size": 256},
    "evaluation": {"bootstrap": 0},
}


Command = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def no_tsne(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "dakit.evaluation.latent_space.tsne", lambda features, seed: features[:, :2]
    )


@pytest.mark.usefixtures("svg_alone")
def test_at_the_end_of_a_run_or_later(tmp_path: Path, dakit_here: Command) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    quiet = dakit_here("run", "spec.json", "--no-report", cwd=tmp_path)
    assert quiet.returncode == 0, quiet.stderr
    (folder,) = (tmp_path / "runs").iterdir()
    assert not (folder / "report.html").exists()
    done = dakit_here("run", "spec.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = str(Path("runs") / folder.name / "report.html")
    assert page in done.stdout.replace("\n", "")
    assert (folder / "report.html").exists()
    assert (folder / "figures" / "roc.svg").exists()


def test_a_folder_that_is_no_run_exits_2(tmp_path: Path, dakit_here: Command) -> None:
    failed = dakit_here("report", ".", cwd=tmp_path)
    assert failed.returncode == 2
    assert "not the folder of a finished run" in failed.stderr
