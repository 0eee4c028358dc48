import io
from pathlib import Path

import pytest
from rich.console import Console

from dakit.reporting.runs_table import HEADER, age, print_runs
from dakit.runs.finding import RunSummary

FINISHED = RunSummary(
    folder=Path("runs/a-1"),
    name="a",
    run_id="1",
    state="finished",
    modified=1000.0,
    epochs_run=3,
    epochs=5,
    origin="files",
    validator="source_accuracy",
    epoch=2,
    source_accuracy=0.91234,
    target_accuracy=0.5,
)


def printed(*runs, terminal=False):
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=140, no_color=True)
    print_runs(console, runs, now=1000.0 + 7200)
    return text.getvalue()


def with_changes(**changes):
    return RunSummary(**{**vars(FINISHED), **changes})


def test_a_finished_run_is_one_line():
    header, line = printed(FINISHED).splitlines()
    assert [header.find(title) for title in HEADER] == sorted(header.find(t) for t in HEADER)
    cells = ["a", "1", "finished", "3/5", "files", "source_accuracy, epoch 2", "0.912", "0.500"]
    assert [cell.strip() for cell in line.split("  ") if cell.strip()] == [*cells, "2 h"]


def test_what_is_not_known_is_empty():
    text = printed(RunSummary(Path("a-1"), "a", "1", "interrupted", 1000.0, 0, None))
    assert "interrupted" in text
    assert "0/?" in text
    assert "None" not in text


@pytest.mark.parametrize("terminal", [True, False])
def test_mock_and_oracle_are_stamped(terminal):
    run = with_changes(origin="mock", validator="oracle", used_target_labels=True)
    text = printed(run, terminal=terminal)
    assert "MOCK" in text
    assert "ORACLE: chosen by target labels" in text
    assert "ORACLE" not in printed(FINISHED, terminal=terminal)


def test_the_reason_of_a_failure_follows_the_table():
    text = printed(with_changes(state="failed", problem="mmd became NaN in epoch 3"))
    assert text.splitlines()[-1] == "a-1: mmd became NaN in epoch 3"


def test_who_is_at_work_on_a_run_follows_the_table():
    text = printed(with_changes(state="running", at_work="process 12 on node7"))
    assert "running" in text.splitlines()[1]
    assert text.splitlines()[-1] == "a-1: process 12 on node7 is at work on it"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (59.9, "60 s"), (60, "1 min"), (7300, "2 h"), (86400 * 5.5, "5 d")],
)
def test_ages_are_in_the_largest_unit_that_fits(seconds, text):
    assert age(seconds) == text
