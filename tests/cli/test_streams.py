"""No command dies of what it prints to."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dakit.cli.app import COMMANDS, main
from dakit.cli.streams import surviving_streams
from dakit.training.reporter import LineReporter
from tests.warm import WarmPython

SPEC: dict[str, Any] = {
    "schema_version": 1,
    "name": "tiny",
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "mlp", "hidden": [4]}},
    "objective": {},
    "training": {"epochs": 1, "batch_size": 512},
    "evaluation": {"bootstrap": 0},
}


def shell(line: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    dakit = f"{sys.executable} -m dakit"
    return subprocess.run(
        ["/bin/sh", "-c", line.replace("dakit", dakit, 1)],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    return tmp_path


FULL = "import os; full = os.open('/dev/full', os.O_WRONLY); [os.dup2(full, n) for n in (%s,)]"


@pytest.mark.parametrize(
    ("where", "options"),
    {
        ">&-": {"closed": [1]},
        "2>&-": {"closed": [2]},
        ">&- 2>&-": {"closed": [1, 2]},
        ">/dev/full": {"prepare": FULL % "1"},
        ">/dev/full 2>&1": {"prepare": FULL % "1, 2"},
    }.items(),
)
def test_a_run_outlives_the_streams_it_prints_to(
    folder: Path, where: str, options: Any, warm_python: WarmPython
) -> None:
    line = ["-m", "dakit", "run", "spec.json", "--no-report"]
    done = warm_python.run(line, cwd=folder, **options)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    (run,) = (folder / "runs").iterdir()
    assert json.loads((run / "results.json").read_text())["name"] == "tiny"
    assert ("standard output was lost" in done.stderr) == (where == ">/dev/full")


@pytest.mark.parametrize(("where", "code"), [(">/dev/full", 1), (">&-", 0), ("| head -n 1", 0)])
def test_what_was_asked_for_and_could_not_be_printed_is_a_failure(
    folder: Path, where: str, code: int
) -> None:
    done = shell(f"dakit schema {where}", folder)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


def test_a_stream_without_a_character_spells_it(folder: Path) -> None:
    done = shell("dakit info mmd", folder, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "\\u2265" in done.stdout or "\\u2264" in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_is_written_to_a_stream_of_ascii(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main([command, "--help"]) == 0
        assert sys.stdout is stream
    assert "Usage: dakit" in (tmp_path / "out").read_text("ascii")


def test_half_a_character_in_a_spec_is_printed_as_what_it_is(folder: Path) -> None:
    done = shell("dakit validate spec.json --set name=\"$(printf '\\377')\"", folder)
    assert done.returncode == 2
    assert "--set name=\\udcff" in done.stderr
    assert "half a character" in done.stderr
    assert "Traceback" not in done.stderr


def test_streams_that_are_no_files_are_written_to_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cell = io.StringIO()
    monkeypatch.setattr(sys, "stdout", cell)
    with surviving_streams() as faults:
        sys.stdout.write("a\tb\n\x1b[2J")
    assert sys.stdout is cell
    assert cell.getvalue() == "a\tb\n\\x1b[2J"
    assert faults == []


def test_a_run_from_python_outlives_its_stream() -> None:
    with open("/dev/full", "w") as stream:
        reporter = LineReporter(stream)
        reporter.note("x" * 100_000)
        reporter.note("more")
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # so that it can be closed
    reporter.note("closed")


LONG = "x" * 300


@pytest.mark.parametrize(
    "line",
    [
        ("run", "spec.json", "--out", f"a/{LONG}"),
        ("run", LONG),
        ("validate", LONG),
        ("show", LONG),
        ("runs", LONG),
        ("report", f"{LONG}/a"),
        ("predict", LONG, "x.npy", "--out", "a.csv"),
        ("evaluate", LONG, "--data", "spec.json"),
        ("compare", LONG, f"{LONG}2"),
        ("export", LONG),
        ("sweep", LONG),
        ("sweep", "sweep.json", "--out", LONG),
        ("inspect", LONG),
        ("inspect", "spec.json", "--out", LONG),
        ("schema", "--out", f"{LONG}.json"),
        ("new-plugin", "abc", "--kind", "backbone", "--out", LONG),
        ("--plugin-module", f"{LONG}.py", "list-plugins"),
        ("show", "spec.json", "--set", f"init_from.run={LONG}"),
        ("run", "spec.json", "--set", f"init_from.spec={LONG}"),
    ],
)
def test_a_path_that_is_too_long_is_a_wrong_input(
    folder: Path, line: tuple[str, ...], dakit_here: Any
) -> None:
    sweep = {"schema_version": 1, "name": "s", "specs": ["spec.json"]}
    (folder / "sweep.json").write_text(json.dumps(sweep))
    done = dakit_here(*line, cwd=folder)
    assert done.returncode == 2, done.stderr
    assert LONG in done.stderr.replace("\n", "")


def test_the_traceback_of_what_nobody_foresaw_obeys_no_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unforeseen(*_: object) -> None:
        raise LookupError("red \x1b[31m\x07")

    monkeypatch.setattr("dakit.runs.finding.find_runs", unforeseen)
    monkeypatch.setattr(sys, "argv", ["dakit", "runs"])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    with pytest.raises(LookupError) as raised:
        main()
    sys.excepthook(raised.type, raised.value, raised.tb)  # as Python does before it ends
    told = capsys.readouterr().err
    assert "Traceback (most recent call last)" in told
    assert told.endswith("LookupError: red \\x1b[31m\\x07\n")
