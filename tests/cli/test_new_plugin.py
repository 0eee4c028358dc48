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


@pytest.mark.parametrize(
    ("kind", "told"), [("transfers", "did you mean 'transfer'?"), ("launcher", "not settled yet")]
)
def test_a_kind_without_template(
    kind: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-plugin", "mine", "--kind", kind, "--out", str(tmp_path)]) == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
