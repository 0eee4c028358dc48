from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from dakit.reporting.sweep_table import SweepRow, print_sweep, watching
from dakit.runs.folder import RunFolder
from tests.run_files import resolved

RESULTS = {
    "name": "a",
    "run_id": "1",
    "data": {"origin": "mock", "class_names": ["0", "1"]},
    "selection": {"validator": "oracle", "epoch": 1, "used_target_labels": True},
    "metrics": {
        "source_test": {"n": 9, "accuracy": 0.91234},
        "target_test": {"n": 9, "accuracy": 0.5},
    },
}


def finished(folder: Path) -> RunFolder:
    run = RunFolder(folder / "a-1")
    run.path.mkdir()
    run.resolved.write_text(json.dumps(resolved("a", epochs=3)))
    run.environment.write_text("{}")
    row = {"learning_rate": 0.1, "losses": {}, "weights": {}, "scores": {}}
    run.metrics.write_text("".join(json.dumps({"epoch": e, **row}) + "\n" for e in (1, 2)))
    run.results.write_text(json.dumps(RESULTS))
    return run


def printed(rows: list[SweepRow], label: str, *, terminal: bool) -> str:
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=140, no_color=True)
    with watching(console) as watch:
        watch(lambda: rows, label)
    return text.getvalue()


def test_numbers_are_stamped(tmp_path: Path) -> None:
    row = SweepRow("a-seed1", "finished", finished(tmp_path), "finished before")
    assert row.line(1, 4) == (
        "[1/4] a-seed1: finished, epoch 2/3, accuracy (MOCK ORACLE: chosen by target labels) "
        "source 0.912 target 0.500, finished before"
    )


def test_a_line_for_each_change_where_there_is_no_terminal(tmp_path: Path) -> None:
    rows = [
        SweepRow("a", "finished", None),
        SweepRow("b", "failed", RunFolder(tmp_path / "b-2"), "exit code 1: no luck"),
    ]
    assert printed(rows, "b", terminal=False) == "[2/2] b: failed, exit code 1: no luck\n"


def test_a_live_table_on_a_terminal(tmp_path: Path) -> None:
    rows = [SweepRow("a-seed1", "running", finished(tmp_path)), SweepRow("b", "waiting", None)]
    text = printed(rows, "b", terminal=True)
    assert "a-seed1" in text
    assert "2/3" in text
    assert "waiting" in text


def test_the_table_once(tmp_path: Path) -> None:
    text = io.StringIO()
    print_sweep(Console(file=text), [SweepRow("a", "finished", finished(tmp_path))])
    header, line = text.getvalue().splitlines()
    assert header.split() == ["run", "state", "epochs", "data", "source", "target"]
    assert line.split()[:3] == ["a", "finished", "2/3"]
