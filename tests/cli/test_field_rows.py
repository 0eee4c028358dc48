from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, PositiveInt

from dakit import SpecPart
from dakit.cli.info import FieldRow, field_rows, type_text


class Inner(SpecPart):
    depth: int = Field(2, ge=1, lt=9, description="How deep.")


class Outer(SpecPart):
    needed: str = Field(pattern="^a", description="Must be there.")
    rate: float | None = Field(None, gt=0, description="May be absent.")
    inner: Inner = Field(Inner(depth=3), description="Nested.")
    perhaps: Inner | None = Field(None, description="Nested or not.")
    widths: tuple[PositiveInt, ...] = Field((64, 32), min_length=1, description="Widths.")


def test_rows_hold_type_default_bounds_and_description() -> None:
    assert field_rows(Outer) == [
        FieldRow("needed", "string", "required", "matches ^a", "Must be there."),
        FieldRow("rate", "number | null", "null", "> 0", "May be absent."),
        FieldRow("inner", "object", "", "", "Nested."),
        FieldRow("inner.depth", "integer", "3", "≥ 1, < 9", "How deep."),
        FieldRow("perhaps", "object | null", "null", "", "Nested or not."),
        FieldRow("perhaps.depth", "integer", "2", "≥ 1, < 9", "How deep."),
        FieldRow("widths", "list of integer > 0", "[64, 32]", "length ≥ 1", "Widths."),
    ]


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (Literal["a", "b"], '"a" | "b"'),
        (bool, "boolean"),
        (Path, "path"),
        (str | list[int], "string | list of integer"),
        (tuple[float, float], "[number, number]"),
        (Annotated[float, Field(ge=0, lt=1)], "number ≥ 0 and < 1"),
        (dict[str, Any], "object"),
        (Inner, "object"),
    ],
)
def test_types_are_in_the_words_of_json(annotation: Any, text: str) -> None:
    assert type_text(annotation) == text
