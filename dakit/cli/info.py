"""``dakit info``: everything about one component, its fields in words."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from dakit.cli.completion import components, kinds, parse_kind
from dakit.cli.tables import print_json, print_table
from dakit.components import SPEC_BASES, ComponentSpec
from dakit.plugins import catalog
from dakit.plugins.catalog import Component
from dakit.spec.annotations import alternatives, is_model, walk

LONGEST = 40


def info(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            autocompletion=components,
            help="A component's name; see `dakit list-plugins`.",
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            autocompletion=kinds, help="Its kind, where components of several share the name."
        ),
    ] = None,
) -> None:
    """Explain a component: its method, paper, fields with bounds, and how a spec asks for it.

    Example: dakit info mmd
    """
    found = catalog.current().named(name, parse_kind(kind))
    for number, component in enumerate(found):
        if number:
            sys.stdout.write("\n\n")
        _print(component)


def _print(component: Component) -> None:
    spec_class = component.spec_class
    about = f"{spec_class.kind_label}, from plugin {component.plugin}"
    further = [*_origins(spec_class), *_head(spec_class)]
    _print_fields(spec_class, f"{component.name}: {about}", further)
    from dakit.spec.schema import spec_fragment

    _print_fragment(spec_fragment(spec_class), spec_class.kind_file)


def _print_fields(spec_class: type[BaseModel], title: str, further: list[str]) -> None:
    doc = inspect.cleandoc(spec_class.__doc__ or "(not documented)").replace("``", "`")
    sys.stdout.writelines(f"{line}\n" for line in [title, "", doc, "", *further])
    rows = [
        row._replace(default=_shortened(row.default))
        for row in field_rows(spec_class)
        if row.name != "name"
    ]
    if rows:
        print_table(("field", "type", "default", "bounds", "description"), rows)


def _print_fragment(fragment: Any, file: str) -> None:
    sys.stdout.write(f"\nIn a {file}:\n\n")
    print_json(fragment)


def _origins(spec_class: type[ComponentSpec]) -> list[str]:
    said = {name: getattr(spec_class, name, "") for name in ("paper", "oracle", "measured")}
    lines = [f"{name.capitalize()}: {text}" for name, text in said.items() if text]
    return [*lines, ""] if lines else []


def _head(spec_class: type[ComponentSpec]) -> list[str]:
    widths = list(getattr(spec_class, "published_head", ()))
    return [f"Default of model.head.hidden: {widths}, as published", ""] if widths else []


def _shortened(default: str) -> str:
    """Cut a default that would push the other columns off the page."""
    return default if len(default) <= LONGEST else f"{default[: LONGEST - 4]} ..."


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
    return FieldRow(path, type_, shown, ", ".join(_bounds(field.metadata)), field.description or "")


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


def _bounds(metadata: Any) -> Iterator[str]:
    """Yield the bounds of a field: ``≥ 0``, ``< 1``."""
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
