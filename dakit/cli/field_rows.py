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

from dakit.components import SPEC_BASES, SpecPart

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
    return list(_rows(spec_class, "", None))


def _rows(model: type[BaseModel], prefix: str, defaults: BaseModel | None) -> Iterator[FieldRow]:
    for name, field in model.model_fields.items():
        path = prefix + (field.alias or name)
        default = field.get_default(call_default_factory=True, validated_data={})
        if defaults is not None:
            default = getattr(defaults, name)
        part = _part(field.annotation)
        shown = "" if part is not None and default is not None else default_text(field, default)
        yield FieldRow(
            path, type_text(field.annotation), shown, bounds_text(field), field.description or ""
        )
        if part is not None and part is not model:
            yield from _rows(part, f"{path}.", default if isinstance(default, part) else None)


def _part(annotation: Any) -> type[SpecPart] | None:
    """Return the nested spec part that a field holds, if it is one concrete class (or null)."""
    members = [m for m in (get_args(annotation) or (annotation,)) if m is not NoneType]
    if len(members) != 1 or not isinstance(members[0], type):
        return None
    part = members[0]
    concrete = issubclass(part, SpecPart) and part not in SPEC_BASES.values()
    return part if concrete else None


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
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "object"
    return _NAMES.get(origin or annotation, getattr(annotation, "__name__", str(annotation)))


def _tuple_text(members: tuple[Any, ...]) -> str:
    if len(members) == 2 and members[1] is Ellipsis:
        return f"list of {type_text(members[0])}"
    return f"[{', '.join(map(type_text, members))}]"
