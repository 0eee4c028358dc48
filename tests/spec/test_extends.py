from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dakit.spec.extends import merge, read_file
from dakit.spec.positions import Mark, Node, parse
from dakit.spec.problems import SpecError

Write = Callable[[str, str], Path]

leaf = st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=3)
# A key tells whether it holds an object, so that objects only ever meet objects.
objects = st.recursive(
    st.dictionaries(st.sampled_from("abc"), leaf, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("ABC"), inner, max_size=3),
    max_leaves=8,
)


def node(data: Any, file: str = "x") -> Node:
    return parse(json.dumps(data), Mark(file))[0]


def merged(base: Any, child: Any, *, top: bool = False) -> Any:
    return merge(node(base), node(child), top=top).plain()


def read(path: Path) -> Any:
    problems: list[Any] = []
    document = read_file(path, str(path), problems)
    assert problems == []
    return document.plain()


@given(objects)
def test_nothing_merged_with_a_spec_is_the_spec(data: Any):
    assert merged({}, data) == data
    assert merged(data, {}) == data
    assert merged(data, data) == data


@given(objects, objects, objects)
def test_merging_is_associative_where_nothing_is_named(a: Any, b: Any, c: Any):
    assert merged(merged(a, b), c) == merged(a, merged(b, c))


@given(objects, objects)
def test_the_child_wins_and_the_base_fills_in(base: Any, child: Any):
    result = merged(base, child)
    assert set(result) == set(base) | set(child)
    for key, value in child.items():
        assert result[key] == (merged(base.get(key, {}), value) if key.isupper() else value)
    for key in base.keys() - child.keys():
        assert result[key] == base[key]


def test_lists_are_replaced():
    assert merged({"a": [1, 2, 3]}, {"a": [4]}) == {"a": [4]}


def test_an_object_of_another_name_is_replaced_whole():
    base = {"loss": {"name": "mmd", "weight": 2, "variances": [1]}}
    assert merged(base, {"loss": {"name": "dann"}}) == {"loss": {"name": "dann"}}
    assert merged(base, {"loss": "dann"}) == {"loss": "dann"}


def test_an_object_of_the_same_or_no_name_is_merged():
    base = {"loss": {"name": "mmd", "weight": 2}}
    expected = {"loss": {"name": "mmd", "weight": 2, "clamp": 1}}
    assert merged(base, {"loss": {"name": "mmd", "clamp": 1}}) == expected
    assert merged(base, {"loss": {"clamp": 1}}) == expected


def test_the_short_form_merges_like_the_long_one():
    assert merged({"loss": "mmd"}, {"loss": {"weight": 2}}) == {
        "loss": {"name": "mmd", "weight": 2}
    }
    base = {"loss": {"name": "mmd", "weight": 2}}
    assert merged(base, {"loss": "mmd"}) == merged(base, {"loss": {"name": "mmd"}}) == base
    assert merged({"loss": "mmd"}, {"loss": "mmd"}) == {"loss": "mmd"}


def test_the_name_of_the_run_is_just_a_key():
    assert merged({"name": "a", "seed": 1}, {"name": "b"}, top=True) == {"name": "b", "seed": 1}


def test_null_takes_an_inherited_part_away():
    assert merged({"loss": {"name": "mmd"}}, {"loss": None}) == {"loss": None}
    assert merged({"loss": None}, {"loss": {"a": 1}}) == {"loss": {"a": 1}}


def test_values_keep_the_place_they_were_written_at():
    result = merge(node({"a": {"x": 1, "y": 1}}, "base"), node({"a": {"y": 2}}, "child"))
    assert result.child("a").child("x").mark.file == "base"
    assert result.child("a").child("y").mark.file == "child"


def test_reads_bases_left_to_right_relative_to_the_file(write: Write):
    write("shared/deep/one.json", '{"a": 1, "b": 1, "c": 1, "d": 1}')
    write("shared/two.json", '{"extends": "deep/one.json", "b": 2, "c": 2}')
    write("three.json", '{"c": 3, "e": 3}')
    leaf = write("leaf.json", '{"extends": ["shared/two.json", "three.json"], "e": 4}')
    assert read(leaf) == {"a": 1, "b": 2, "c": 3, "d": 1, "e": 4}


def test_one_base_by_two_ways_is_no_circle(write: Write):
    write("base.json", '{"a": 1}')
    write("left.json", '{"extends": "base.json", "b": 2}')
    write("right.json", '{"extends": "base.json", "c": 3}')
    leaf = write("leaf.json", '{"extends": ["left.json", "right.json"]}')
    assert read(leaf) == {"a": 1, "b": 2, "c": 3}


def failure(path: Path) -> Any:
    with pytest.raises(SpecError) as caught:
        read_file(path, path.name, [])
    [problem] = caught.value.problems
    return problem


def test_a_circle_is_shown_as_a_chain(write: Write):
    write("b.json", '{"extends": "c.json"}')
    write("c.json", '{\n "extends": ["b.json"]}')
    problem = failure(write("a.json", '{"extends": "b.json"}'))
    assert "b.json -> c.json -> b.json" in problem.message
    assert (problem.file, problem.line, problem.column) == ("c.json", 2, 14)


def test_a_missing_base_is_told_where_it_is_named(write: Write):
    write("base.json", "{}")
    problem = failure(write("a.json", '{\n "extends": "bsae.json"}'))
    assert (problem.file, problem.line, problem.column, problem.path) == (
        "a.json",
        2,
        13,
        "extends",
    )
    assert "bsae.json" in problem.message
    assert "'base.json'" in problem.message


@pytest.mark.parametrize("value", ["3", "[3]", '{"a": 1}', '["base.json", null]'])
def test_extends_must_name_files(write: Write, value: str):
    write("base.json", "{}")
    assert "path" in failure(write("a.json", f'{{"extends": {value}}}')).message


@pytest.mark.parametrize("value", ["null", "[]"])
def test_extending_nothing_is_fine(write: Write, value: str):
    assert read(write("a.json", f'{{"extends": {value}, "a": 1}}')) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "empty"),
        ('{"a": 1,}', 1, 9, "comma"),
        ('{"a": [1,]}', 1, 10, "comma"),
        ('{\n  // note\n  "a": 1}', 2, 3, "comments"),
        ("{'a': 1}", 1, 2, "double quotes"),
        ('{"a": 1 "b": 2}', 1, 9, "delimiter"),
        ('{"a": tru}', 1, 7, "value"),
        ("[1]", 1, 1, "object"),
        ('"text"', 1, 1, "object"),
    ],
)
def test_malformed_files_are_told_with_the_reason(
    write: Write, text: str, line: int, column: int, reason: str
):
    problem = failure(write("a.json", text))
    assert (problem.file, problem.line, problem.column) == ("a.json", line, column)
    assert reason in problem.message


def test_a_malformed_base_is_named_itself(write: Write):
    write("sub/base.json", "{")
    problem = failure(write("a.json", '{"extends": "sub/base.json"}'))
    assert problem.file == "sub/base.json"


def test_unreadable_files(tmp_path: Path, write: Write):
    assert "no such file" in failure(tmp_path / "none.json").message
    assert "cannot be read" in failure(tmp_path).message
    (tmp_path / "latin.json").write_bytes('{"a": "é"}'.encode("latin-1"))
    assert "UTF-8" in failure(tmp_path / "latin.json").message
    write("deep.json", "[" * 100_000)
    assert "deeply" in failure(tmp_path / "deep.json").message


def test_a_byte_order_mark_is_no_error(tmp_path: Path):
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read(tmp_path / "a.json") == {"a": 1}


def test_a_chain_of_500_bases_is_refused_at_its_place(write: Write):
    for i in range(500):
        write(f"n{i}.json", f'{{\n "extends": "n{i + 1}.json"}}')
    problem = failure(write("n500.json", "{}").parent / "n0.json")
    assert (problem.file, problem.line, problem.path) == ("n50.json", 2, "extends")
    assert "a chain of more than 50 files" in problem.message


def test_bases_that_double_are_read_once(write: Write):
    """Twenty files that each name the next one twice are a million readings otherwise."""
    for i in range(20):
        write(f"n{i}.json", f'{{"extends": ["n{i + 1}.json", "n{i + 1}.json"], "k{i}": {i}}}')
    write("n20.json", '{"last": 1}')
    path = write("n0.json", '{"extends": ["n1.json", "n1.json"], "k0": 0}')
    assert read(path) == {"last": 1, **{f"k{i}": i for i in range(20)}}


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("a\\u0000b.json", "a NUL character"),
        ("x" * 300 + ".json", "file name too long"),
        ("é" * 130 + ".json", "file name too long"),
        ("a/" * 3000 + "b.json", "file name too long"),
        ("~nobody-of-this-name/b.json", "there is no home of ~nobody-of-this-name"),
    ],
)
def test_what_can_be_no_path_is_told_where_it_is_written(write: Write, named: str, said: str):
    problem = failure(write("a.json", f'{{\n "extends": "{named}"}}'))
    assert (problem.file, problem.line, problem.path) == ("a.json", 2, "extends")
    assert said in problem.message
