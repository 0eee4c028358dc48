"""A count: plain lines in a pipe, a bar on a terminal that is gone at the end."""

from __future__ import annotations

import io

from rich.console import Console

from dakit.cli.predict import counting


def test_a_line_for_each_tenth_where_there_is_no_terminal() -> None:
    text = io.StringIO()
    with counting(Console(file=text), "images") as count:
        for done in range(1, 101):
            count(done, 100)
    assert text.getvalue().splitlines() == [f"images {n}0/100" for n in range(1, 11)]


def test_large_steps_are_told_once() -> None:
    text = io.StringIO()
    with counting(Console(file=text), "images") as count:
        count(7, 8)
        count(8, 8)
    assert text.getvalue() == "images 7/8\nimages 8/8\n"


def test_a_bar_on_a_terminal() -> None:
    text = io.StringIO()
    with counting(Console(file=text, force_terminal=True, width=80), "images") as count:
        count(50, 100)
    assert "50/100" in text.getvalue()
