import io

import pytest
from rich.console import Console

from dakit.training.progress_bar import ProgressReporter

LOSSES = {"total": 0.61, "mmd": 0.2}
ROW = {
    "epoch": 3,
    "losses": LOSSES,
    "scores": {"source_accuracy": 0.84},
    "best": True,
    "seconds": 6.12,
}


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def reporter(stream):
    return ProgressReporter(Console(file=stream, force_terminal=True, width=150))


def tell(reporter):
    reporter.start(20, 2)
    for step in (1, 2):
        reporter.step(3, step, LOSSES)
    reporter.epoch(ROW)
    reporter.note("a [warning]")
    reporter.close()


def test_a_bar_with_losses_and_a_line_an_epoch(reporter, stream):
    tell(reporter)
    text = stream.getvalue()
    assert "3/20" in text
    assert "mmd 0.200" in text
    assert text.count("source_accuracy 0.840 *") == 1
    assert "a [warning]" in text


def test_a_run_that_starts_from_another_reports_two_trainings(reporter, stream):
    reporter.note("starts from another run")
    tell(reporter)
    tell(reporter)
    assert stream.getvalue().count("source_accuracy 0.840 *") == 2


def test_closing_twice_or_before_the_start_is_harmless(reporter):
    reporter.close()
    tell(reporter)
    reporter.close()
