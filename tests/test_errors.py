from __future__ import annotations

import io
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from dakit.cli.app import main
from dakit.cli.tables import print_table
from dakit.errors import InputError, did_you_mean, first_few, printable
from dakit.fetching.reporter import ConsoleReporter
from dakit.reporting.aligned_table import print_aligned, print_line
from dakit.training.progress_bar import ProgressReporter
from dakit.training.reporter import LineReporter

RED = "\x1b[31m\x9b2J red\r\u202e"
SHOWN = r"\x1b[31m\x9b2J red\r\u202e"


@given(st.text(st.characters(exclude_categories=())))
def test_printable_text_moves_no_cursor_and_can_be_encoded(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    assert not {unicodedata.category(c) for c in shown.replace("\n", "")} & {"Cc", "Cf", "Cs"}
    assert printable(shown) == shown


@given(st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs"))))
def test_what_people_write_stays(text: str) -> None:
    assert printable(text) == text


def test_near_misses_are_suggested_and_far_ones_not() -> None:
    assert did_you_mean("wieght", ["weight", "ramp"]) == "; did you mean 'weight'?"
    assert did_you_mean("mdd", ["mmd", "mdn"], most=3) == "; did you mean 'mmd' or 'mdn'?"
    assert did_you_mean("zzz", ["weight", "ramp"]) == ""


def test_of_many_the_first_few_are_named() -> None:
    assert first_few([3, 1, 2]) == "3, 1, 2"
    assert first_few(np.arange(9), most=2) == "0, 1, ..."
    assert first_few([]) == ""


def test_an_error_reaches_no_terminal_raw(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_arguments: object) -> None:
        raise InputError(RED)

    monkeypatch.setattr("dakit.plugins.catalog.configure", fails)
    assert main(["runs"]) == 2
    assert capsys.readouterr().err == f"error: {SHOWN}\n"


def test_notes_and_tables_reach_no_terminal_raw(capsys: pytest.CaptureFixture[str]) -> None:
    lines = io.StringIO()
    plain = Console(file=lines, width=200)
    for reporter in (LineReporter(lines), ProgressReporter(plain), ConsoleReporter(plain)):
        reporter.note(RED)
    print_line(plain, RED)
    print_aligned(plain, ["a"], [[RED]])
    print_table(["a"], [[RED]])
    written = lines.getvalue() + capsys.readouterr().out
    assert written.count(SHOWN) == 6
    assert not set("\x1b\x9b\r\u202e") & set(written)
