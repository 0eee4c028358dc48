"""The JSON Schema (draft 2020-12) of run specs, for editors: core and installed plugins.

A spec with ``extends`` may leave out what it inherits, at any depth. So the schema holds every
definition twice: whole, and partial, where nothing is required and everything may be null.
Entries of lists are whole in both, since lists are never merged.

Fragments for pasting are made here, too.

A null that only means "the default" is allowed wherever a key may be left out, as dakit does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from dakit.components import SPEC_BASES, ComponentSpec
from dakit.plugins.checks import component_name
from dakit.spec.annotations import alternatives, fields, is_model
from dakit.spec.run import RunSpec
from dakit.spec.sweep import SweepSpec

Schema = dict[str, Any]

_NULL = {"type": "null"}
_PARTIAL = "-partial"
_REFERENCE = "#/$defs/"
_NOT_IN_PARTIAL = {"required", "default"}
_AS_IT_IS = {"items", "prefixItems", "const", "enum"}

_EXTENDS = {
    "title": "Extends",
    "description": (
        "The run spec, or list of them, that this one changes; relative to this file. Objects "
        "are merged, lists replaced, an object with another name is replaced whole; null takes "
        "an inherited part away."
    ),
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}


def json_schema() -> Schema:
    """Return the JSON Schema of run specs."""
    whole = RunSpec.model_json_schema(by_alias=True)
    definitions = whole.pop("$defs")
    definitions["RunSpec"] = whole
    _as_dakit_reads(definitions, definitions)
    partial = {f"{key}{_PARTIAL}": _partial(schema) for key, schema in definitions.items()}
    partial[f"RunSpec{_PARTIAL}"]["properties"]["extends"] = _EXTENDS
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dakit run spec",
        "description": whole["description"],
        "if": {"type": "object", "required": ["extends"]},
        "then": {"$ref": f"{_REFERENCE}RunSpec{_PARTIAL}"},
        "else": {"$ref": f"{_REFERENCE}RunSpec"},
        "$defs": {**definitions, **partial},
    }


def sweep_json_schema() -> Schema:
    """Return the JSON Schema of sweep files."""
    schema = SweepSpec.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs")
    _as_dakit_reads([schema, definitions], definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "dakit sweep file",
        "$defs": definitions,
    }


def _as_dakit_reads(schemas: Any, definitions: Schema) -> None:
    """Allow what dakit does beside what pydantic says: default names, names alone, nulls."""
    parts = list(_objects(schemas))
    for part in parts:
        _describe_name(part)
        _allow_default_name(part, definitions)
    for part in parts:
        _allow_nulls(part)


def _allow_nulls(schema: Schema) -> None:
    properties = schema.get("properties")
    if isinstance(properties, dict) and schema.get("type") == "object":
        for key in properties.keys() - set(schema.get("required", ())):
            properties[key] = _or_null(properties[key])


def _objects(schema: Any) -> Iterator[Schema]:
    """Yield every object inside a schema, itself included."""
    if isinstance(schema, dict):
        yield schema
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from _objects(part)


def _name(variant: Schema) -> str | None:
    name = variant.get("properties", {}).get("name", {})
    return name.get("const") if isinstance(name, dict) else None


def _describe_name(schema: Schema) -> None:
    """Title a variant by its name, which is how users know it."""
    if name := _name(schema):
        schema["title"] = name
        schema["properties"]["name"].setdefault("description", f"Chooses {name}.")


def _allow_default_name(schema: Schema, definitions: Schema) -> None:
    """Let only the variant that is the default go without its name."""
    default = schema.get("default")
    default_name = default.get("name") if isinstance(default, dict) else default
    variants = [v for x in _variants(schema) if _name(v := _resolved(x, definitions))]
    if default_name not in map(_name, variants):
        return
    for variant in variants:
        required = {*variant.get("required", []), "name"}
        if _name(variant) == default_name:
            required.discard("name")
        variant["required"] = sorted(required)


def _variants(schema: Schema) -> list[Schema]:
    nested = [v for option in schema.get("anyOf", []) for v in option.get("oneOf", [])]
    return [*schema.get("oneOf", []), *nested]


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    reference = schema.get("$ref", "").removeprefix(_REFERENCE)
    return definitions[reference] if reference else schema


def _partial(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_partial(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        ("anyOf" if key == "oneOf" else key): _partial_keyword(key, value)
        for key, value in schema.items()
        if key not in _NOT_IN_PARTIAL
    }


def _partial_keyword(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: _or_null(_partial(part)) for name, part in value.items()}
    if key == "$ref":
        return f"{value}{_PARTIAL}"
    return value if key in _AS_IT_IS else _partial(value)


def _or_null(schema: Schema) -> Schema:
    if _NULL in schema.get("anyOf", ()):
        return schema
    outside = [key for key in ("title", "description", "default") if key in schema]
    described: Schema = {key: schema.pop(key) for key in outside}
    return {**described, "anyOf": [schema, _NULL]}


def spec_fragment(spec_class: type[ComponentSpec]) -> dict[str, Any]:
    """Return the piece of a run spec (for a launcher: of a sweep file) that asks for a component.

    It holds the component's own simple fields, and those with examples. What must be given holds
    its first example or, without one, something of its type: texts and paths in angle brackets,
    since only the user knows them.
    """
    values: dict[str, Any] = {"name": component_name(spec_class)}
    inherited = {key for key, _ in fields(SPEC_BASES[spec_class.kind])} - {"lr", "weight"}
    for key, field in fields(spec_class):
        if field.is_required() or field.examples:
            values[key] = _given(field)
        elif key not in inherited:
            default = to_jsonable_python(field.get_default(call_default_factory=True))
            if isinstance(default, str | int | float):
                values[key] = default
    placed: Any = values
    for step in reversed(spec_class.kind_place.split(".")):
        placed = [placed] if step.isdigit() else {step: placed}
    return dict(placed)


def _given(field: FieldInfo) -> Any:
    return field.examples[0] if field.examples else _of_type(field.annotation, field.metadata)


def _of_type(annotation: Any, metadata: Any = ()) -> Any:
    annotation, metadata = next(alternatives(annotation, tuple(metadata)))
    origin, members = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return members[0]
    if origin in (list, tuple, set, frozenset):
        items = members[:1] if origin is not tuple or members[-1] is Ellipsis else members
        return [_of_type(item) for item in items]
    if annotation in (int, float):
        return _number(metadata)
    if annotation is bool or origin is dict:
        return False if annotation is bool else {}
    if is_model(annotation):
        return {key: _given(field) for key, field in fields(annotation) if field.is_required()}
    return f"<{getattr(annotation, '__name__', annotation)}>".lower()


def _number(metadata: Any) -> int:
    """Return a small whole number within the lower bound; upper bounds below 1 allow 0."""
    low = max((getattr(m, "ge", 0) for m in metadata), default=0)
    above = max((getattr(m, "gt", -1) for m in metadata), default=-1)
    return int(max(low, above + 1))
