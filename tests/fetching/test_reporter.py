from __future__ import annotations

import io

from rich.console import Console

from dakit.fetching.reporter import ConsoleReporter, size_text


def test_lines_tell_each_tenth_of_a_big_file_once() -> None:
    out = io.StringIO()
    reporter = ConsoleReporter(Console(file=out))
    reporter.begin("big.npy (1 of 2)", 1_000_000_000, 250_000_000)
    for percent in range(25, 101):
        reporter.at(percent * 10_000_000)
    lines = out.getvalue().splitlines()
    assert lines[0] == "big.npy (1 of 2), 1 GB, from 250 MB"
    assert lines[1:] == [f"big.npy (1 of 2): {tenth} %" for tenth in range(30, 100, 10)]


def test_lines_say_little_of_small_files_and_of_unknown_sizes() -> None:
    out = io.StringIO()
    reporter = ConsoleReporter(Console(file=out))
    for size in (1000, 1000, None):
        reporter.begin("small.npy", size, 0)
        for position in range(0, 1001, 100):
            reporter.at(position)
    assert out.getvalue().splitlines() == ["small.npy, 1 kB", "small.npy"]


def test_the_bar_shows_name_size_and_notes() -> None:
    out = io.StringIO()
    reporter = ConsoleReporter(Console(file=out, force_terminal=True, width=120))
    reporter.begin("big [1].npy", 2_000_000, 500_000)
    reporter.at(2_000_000)
    reporter.note("a [note] :x:")
    reporter.begin("unknown.npy", None, 0)
    reporter.at(10)
    reporter.close()
    reporter.close()
    text = out.getvalue()
    for part in ("big [1].npy", "2.0/2.0 MB", "a [note] :x:", "unknown.npy"):
        assert part in text


def test_sizes_are_said_in_powers_of_ten() -> None:
    assert [size_text(n) for n in (0, 999, 1000, 5_785_364_000)] == [
        "0 B", "999 B", "1 kB", "5.79 GB",
    ]  # fmt: skip
