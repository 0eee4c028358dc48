import io

import pytest

from dakit.training.progress_bar import ProgressReporter, default_reporter
from dakit.training.reporter import LineReporter, SilentReporter, epoch_line

ROW = {
    "epoch": 3,
    "losses": {"cross_entropy": 0.41, "mmd": 0.2, "total": 0.61},
    "scores": {"source_accuracy": 0.84, "target_entropy": -0.3},
    "best": True,
    "seconds": 6.12,
}


def tell(reporter):
    reporter.start(20, 2)
    for step in (1, 2):
        reporter.step(3, step, ROW["losses"])
    reporter.epoch(ROW)
    reporter.note("a [warning]")
    reporter.close()


def test_one_line_an_epoch():
    stream = io.StringIO()
    tell(LineReporter(stream))
    assert stream.getvalue() == (
        "epoch 3/20  total 0.610  cross_entropy 0.410  mmd 0.200 "
        "| source_accuracy 0.840 *  target_entropy -0.300 | 6.1 s\na [warning]\n"
    )


def test_no_star_for_an_epoch_that_is_not_the_best():
    assert "*" not in epoch_line({**ROW, "best": False}, 20)


def test_silence(capsys):
    tell(SilentReporter())
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("terminal", "kind"), [(False, LineReporter), (True, ProgressReporter)])
def test_the_default_follows_the_stream(monkeypatch, terminal, kind):
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    assert isinstance(default_reporter(), kind)
