from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dakit.cli.tables import json_text
from dakit.errors import printable
from dakit.reporting.aligned_table import plain_lines


def test_columns_are_aligned_and_nothing_is_cut() -> None:
    assert list(plain_lines(("a", "bb"), [("x" * 200, "1"), ("y", "")])) == [
        "a" + " " * 201 + "bb",
        "x" * 200 + "  1",
        "y",
    ]


@given(st.text(st.characters(exclude_categories=())), st.sampled_from(["utf-8", "ascii", "cp1252"]))
def test_json_stays_json_on_every_stream(text: str, encoding: str) -> None:
    shown = printable(json_text({"a": text}, encoding))
    written = shown.encode(encoding, "backslashreplace").decode(encoding)
    assert json.loads(written) == {"a": text}


@pytest.mark.parametrize("text", ["é ≥ 𝕏", "two\nlines"])
def test_json_keeps_what_people_can_read(text: str) -> None:
    assert json_text(text) == json.dumps(text, ensure_ascii=False)
