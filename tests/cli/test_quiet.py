"""``--quiet``: errors and results only, by one rule for every command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from dakit.cli.app import main
from dakit.fetching.reporter import ConsoleReporter
from dakit.plugins import catalog
from dakit.plugins.options import PluginOptions
from dakit.reporting.sweep_table import SweepRow, watching


@pytest.fixture(autouse=True)
def loud_again() -> Iterator[None]:
    before = catalog.options()
    yield
    catalog.configure(before)


def test_a_quiet_run_prints_its_result_and_no_epoch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = {
        "schema_version": 1,
        "name": "still",
        "data": "digits_shift",
        "model": {"backbone": {"name": "mlp", "hidden": [4]}},
        "objective": {},
        "training": {"epochs": 1},
        "evaluation": {"bootstrap": 0},
    }
    file = tmp_path / "spec.json"
    file.write_text(json.dumps(spec))
    line = ["run", str(file), "--out", str(tmp_path), "--no-report"]
    assert main([*line, "--quiet"]) == 0
    quiet = capsys.readouterr().out
    assert quiet.startswith("still (")
    assert "accuracy" in quiet
    assert "epoch 1/1" not in quiet
    assert main([*line, "--set", "seed=2"]) == 0
    assert "epoch 1/1" in capsys.readouterr().out


def test_a_quiet_prediction_counts_nothing(
    digits_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "x.npy", np.zeros((3, 1, 8, 8), np.float32))
    line = ["predict", str(digits_run), str(tmp_path / "x.npy"), "--out", str(tmp_path / "p.csv")]
    assert main([*line, "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "Table: " in said.out


def test_a_quiet_sweep_shows_its_table_once_at_the_end() -> None:
    catalog.configure(PluginOptions(quiet=True))
    text = StringIO()
    console = Console(file=text, width=100)
    states = ["running"]
    with watching(console) as watch:
        watch(lambda: [SweepRow("one", states[0], None, "")], "one")
        states[0] = "finished"
        watch(lambda: [SweepRow("one", states[0], None, "why")], "one")
    printed = text.getvalue()
    assert "running" not in printed
    assert [line.split() for line in printed.splitlines()[1:]] == [["one", "finished", "why"]]


def test_a_quiet_fetch_tells_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    catalog.configure(PluginOptions(quiet=True))
    reporter = ConsoleReporter()
    reporter.begin("images.npy", 10, 0)
    reporter.note("waits for another process")
    assert capsys.readouterr().out == ""


def test_errors_are_told_however_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "no.json", "--quiet"]) == 2
    assert "no.json" in capsys.readouterr().err
