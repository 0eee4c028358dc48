from __future__ import annotations

from dakit.cli.tables import plain_lines


def test_columns_are_aligned_and_nothing_is_cut() -> None:
    assert plain_lines(("a", "bb"), [("x" * 200, "1"), ("y", "")]) == [
        "a" + " " * 201 + "bb",
        "x" * 200 + "  1",
        "y",
    ]
