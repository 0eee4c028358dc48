from __future__ import annotations

from pathlib import Path

import pytest

from dakit.cli.app import main


def test_the_files_and_what_to_do_next_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-plugin", "mean-shift", "--kind", "transfer", "--out", str(tmp_path)]) == 0
    files, _, after = capsys.readouterr().out.partition("\nNext:\n")
    folder = tmp_path / "dakit-mean-shift"
    assert files.splitlines() == sorted(str(p) for p in folder.rglob("*") if p.is_file())
    assert f"cd {folder}" in after
    assert "dakit check-plugin mean_shift" in after


def test_a_second_time_it_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["new-plugin", "mean-shift", "--kind", "transfer", "--out", str(tmp_path)]
    assert main(line) == 0
    assert main(line) == 2
    assert "exists already" in capsys.readouterr().err


def test_a_launcher_is_tried_by_a_sweep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-plugin", "slurm", "--kind", "launcher", "--out", str(tmp_path)]) == 0
    assert "dakit sweep example.json" in capsys.readouterr().out


def test_a_kind_that_does_not_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-plugin", "mine", "--kind", "transfers", "--out", str(tmp_path)]) == 2
    assert "did you mean 'transfer'?" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
