"""What stands in a model, however it is annotated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field

from dakit.spec.annotations import alternatives, models_in, values_in, walk


class Inner(BaseModel):
    size: int = 2
    again: Inner | None = None


class Outer(BaseModel):
    part: Inner = Inner(size=5)
    parts: tuple[Inner, ...] = ()
    renamed: Path | None = Field(None, alias="file")


def test_every_field_is_found_by_its_path_with_the_default_that_holds_there() -> None:
    found = {path: default for path, _, default in walk(Outer)}
    assert list(found) == [
        *("part", "part.size", "part.again"),
        *("parts", "parts.size", "parts.again", "file"),
    ]
    assert (found["part.size"], found["parts.size"]) == (5, 2)


def test_a_walk_goes_into_no_more_than_it_is_told_to() -> None:
    assert [path for path, _, _ in walk(Outer, lambda annotation: ())] == ["part", "parts", "file"]


def test_alternatives_keep_what_they_stand_under_the_innermost_last() -> None:
    annotation = Annotated[Annotated[int, "inner"] | Annotated[str | None, "text"], "outer"]
    assert list(alternatives(annotation)) == [
        (int, ("outer", "inner")),
        (str, ("outer", "text")),
        (type(None), ("outer", "text")),
    ]


def test_models_are_found_in_lists_and_unions() -> None:
    annotation: Any = dict[str, list[Inner | None]] | tuple[Outer, ...]
    assert list(models_in(annotation)) == [Inner, Outer]


def test_values_are_found_at_any_depth() -> None:
    outer = Outer(parts=(Inner(size=7),), file=Path("x"))
    found = list(values_in(outer))
    assert found[0] is outer
    assert [value for value in found if isinstance(value, int | Path)] == [5, 7, Path("x")]
