"""Of an id that has no room, its number stays whole."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text

from dakit.reporting.figures.drawing import short_id, style
from dakit.reporting.figures.mosaic import draw_rows

TEXTS = st.text("abc-_/0123456789", max_size=40)


@given(TEXTS, st.integers(4, 30))
def test_it_fits_and_keeps_a_whole_number_that_has_room(text: str, longest: int) -> None:
    short = short_id(text, longest)
    assert len(short) <= longest
    if len(text) <= longest:
        assert short == text
        return
    name = text.rsplit("/", 1)[-1]
    assert short.strip("…") in name
    numbers = sorted(re.findall(r"\d+", name), key=len)
    if numbers and len(numbers[-1]) <= longest - 2:
        assert len(numbers[-1]) == max(map(len, re.findall(r"\d+", short)))


@pytest.mark.parametrize(
    ("text", "longest", "short"),
    [
        ("edge-on/587722981742084144", 20, "587722981742084144"),
        ("edge-on/12", 20, "edge-on/12"),
        ("587722981742084144-field-42", 20, "587722981742084144-…"),
        ("field-42-587722981742084144", 20, "…-587722981742084144"),
        ("587722981742084144", 12, "…81742084144"),
    ],
)
def test_the_part_that_a_reader_looks_up_is_kept(text: str, longest: int, short: str) -> None:
    assert short_id(text, longest) == short


def test_ids_of_neighbours_do_not_overlap_in_a_figure() -> None:
    ids = [[f"edge-on/58772298174208{i}{k}44" for k in range(6)] for i in range(2)]
    with style():
        figure, _ = draw_rows([np.eye(8)[None, None].repeat(6, 0)] * 2, ids, ["a", "b"])
        figure.draw_without_rendering()
    for line, told in zip(np.reshape(figure.axes, (2, 6)), ids, strict=True):
        titles = [text for axes in line for text in axes.findobj(Text) if "5" in text.get_text()]
        shown = [text.get_text().replace("\n", "") for text in titles]
        assert shown == [name.removeprefix("edge-on/") for name in told]
        boxes = [text.get_window_extent() for text in titles]
        assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
