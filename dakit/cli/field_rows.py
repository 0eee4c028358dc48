"""Describes the fields of a component spec for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from dakit.components import SPEC_BASES
from dakit.spec.annotations import alternatives, is_model, walk

_NAMES = {
    float: "number",
    int: "integer",
    str: "string",
    bool: "boolean",
    Path: "path",
    NoneType: "null",
    dict: "object",
    list: "list",
    Any: "anything",
}
_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "length ≥"}


class FieldRow(NamedTuple):
    """One field as `dakit info` shows it."""

    name: str
    type: str
    default: str
    bounds: str
    description: str


def field_rows(spec_class: type[BaseModel]) -> list[FieldRow]:
    """Return a row for each field, those of nested parts after it with dotted names."""
    return [_row(*found) for found in walk(spec_class, _part)]


def _row(path: str, field: FieldInfo, default: Any) -> FieldRow:
    shown = "" if _part(field.annotation) and default is not None else default_text(field, default)
    type_ = type_text(field.annotation)
    return FieldRow(path, type_, shown, bounds_text(field), field.description or "")


def _part(annotation: Any) -> list[type[BaseModel]]:
    """Return the nested spec part that a field holds, if it is one concrete class (or null)."""
    members = [member for member, _ in alternatives(annotation) if member is not NoneType]
    if len(members) != 1 or not is_model(members[0]) or members[0] in SPEC_BASES.values():
        return []
    return members


def default_text(field: FieldInfo, default: Any) -> str:
    """Return a default as JSON, or ``required``."""
    if field.is_required():
        return "required"
    return json.dumps(to_jsonable_python(default), ensure_ascii=False)


def bounds_text(field: FieldInfo) -> str:
    """Return the bounds of a field, as in ``≥ 0, < 1``."""
    return ", ".join(_bounds(field.metadata))


def _bounds(metadata: Any) -> Iterator[str]:
    for constraint in metadata:
        if isinstance(constraint, FieldInfo):
            yield from _bounds(constraint.metadata)
            continue
        for attribute, sign in _SIGNS.items():
            bound = getattr(constraint, attribute, None)
            if bound is not None:
                yield f"{sign} {bound:g}"
        pattern = getattr(constraint, "pattern", None)
        if pattern is not None:
            yield f"matches {pattern}"


def type_text(annotation: Any) -> str:
    """Return a type in the words of JSON: ``list of number``, ``"sum" | "mean"``."""
    origin, members = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        bounds = " and ".join(_bounds(members[1:]))
        return type_text(members[0]) + (f" {bounds}" if bounds else "")
    if origin is Literal:
        return " | ".join(json.dumps(member) for member in members)
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(map(type_text, members)))
    if origin is tuple:
        return _tuple_text(members)
    if origin in (list, set, frozenset):
        return f"list of {type_text(members[0])}"
    if is_model(annotation):
        return "object"
    return _NAMES.get(origin or annotation, getattr(annotation, "__name__", str(annotation)))


def _tuple_text(members: tuple[Any, ...]) -> str:
    if len(members) == 2 and members[1] is Ellipsis:
        return f"list of {type_text(members[0])}"
    return f"[{', '.join(map(type_text, members))}]"
