"""Templates show texts as they are, and nothing in a text is obeyed."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from dakit.errors import printable
from dakit.runs.html import rendered, tables


class Cells(HTMLParser):
    """The tags and the texts of cells and captions."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag in ("th", "td", "caption"):
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if self.texts:
            self.texts[-1] += data


@given(st.lists(st.text(), min_size=4, max_size=4))
def test_a_table_shows_any_text_spelt_out_and_none_is_markup(texts: list[str]) -> None:
    caption, header, *row = texts
    seen = Cells(tables([(caption, (header, "n"), [row])]))
    assert seen.tags == {"div", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    shown = [printable(text) for text in (caption, header, "n", *row)]
    assert [text.strip("\n") for text in seen.texts] == [text.strip("\n") for text in shown]


def test_a_name_that_a_template_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="tables"):
        rendered("tables.html")
