from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dakit.spec.positions import Mark, Node, parse

SOURCE = Mark("a.json")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)
documents = st.recursive(
    scalars,
    lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(), x, max_size=4),
    max_leaves=20,
)


@given(documents, st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_agrees_with_the_standard_library_on_any_json(value: Any, indent: Any, ascii_only: bool):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    node, problems = parse(text, SOURCE)
    assert problems == []
    assert node.plain() == json.loads(text)


def _all(node: Node) -> list[Node]:
    return [node, *(x for _, child in node.children() for x in _all(child))]


@given(documents, st.sampled_from([None, 1]))
def test_every_mark_points_at_the_value_it_belongs_to(value: Any, indent: Any):
    text = json.dumps(value, indent=indent)
    lines = text.split("\n")
    for node in _all(parse(text, SOURCE)[0]):
        rest = lines[node.mark.line - 1][node.mark.column - 1 :]
        rest = "\n".join([rest, *lines[node.mark.line :]])
        assert json.JSONDecoder().raw_decode(rest)[0] == node.plain()


def test_keys_have_marks_of_their_own():
    node, _ = parse('{\n  "a": {"wieght":\n 3}}', SOURCE)
    child = node.child("a").child("wieght")
    assert (child.key_mark.line, child.key_mark.column) == (2, 9)
    assert (child.mark.line, child.mark.column) == (3, 2)


def test_duplicate_keys_are_told_where_and_which():
    node, [problem] = parse('{"a": {"b": 1,\n"b": 2}}', SOURCE)
    assert (problem.path, problem.line, problem.column) == ("a.b", 2, 1)
    assert "twice" in problem.message
    assert "line 1" in problem.message
    assert node.plain() == {"a": {"b": 2}}


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_numbers_that_are_not_finite_are_problems(word: str):
    _, [problem] = parse(f'{{"a": [0, {word}]}}', SOURCE)
    assert (problem.path, problem.line, problem.column) == ("a.1", 1, 11)
    assert word in problem.message


def test_half_a_character_is_a_problem():
    node, [problem] = parse('{"a": "\\ud800"}', SOURCE)
    assert problem.path == "a"
    node.plain()["a"].encode()


@pytest.mark.parametrize("text", ["", "{", "[1,]", '{"a" 1}', "nul", "{} x"])
def test_what_is_no_json_raises(text: str):
    with pytest.raises(ValueError):  # noqa: PT011  JSONDecodeError, whose text is Python's own
        parse(text, SOURCE)


@pytest.mark.parametrize("depth", [51, 254, 255, 256, 995, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ("[", "")])
def test_deep_nesting_is_a_problem_at_its_place(depth: int, opening: str, closing: str):
    text = '{"x": "[[[[{{{{\\"[[[",\n "y": ' + opening * depth + "1" + closing * depth + "}"
    node, (problem,) = parse(text, Mark("a.json"))
    assert node.value is None
    assert "nested too deeply" in problem.message
    assert (problem.file, problem.line) == ("a.json", 2)
    assert problem.column == 7 + 49 * len(opening)


@given(st.text(alphabet="\n \r\t", max_size=30))
def test_a_mark_counts_lines_as_editors_do(before: str):
    text = before + "7"
    node, _ = parse(text, Mark("a.json"))
    lines = text.split("\n")
    assert (node.mark.line, node.mark.column) == (len(lines), len(lines[-1]))
