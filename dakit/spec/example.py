"""How a file asks for a component: a fragment to paste, valid as it stands."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from dakit.components import SPEC_BASES, ComponentSpec
from dakit.plugins.checks import component_name
from dakit.spec.annotations import alternatives, fields, is_model


def spec_fragment(spec_class: type[ComponentSpec]) -> dict[str, Any]:
    """Return the piece of a run spec (for a launcher: of a sweep file) that asks for a component.

    It holds the component's own simple fields. Those that must be given hold their first example
    or, without one, something of their type: texts and paths in angle brackets, since
    only the user knows them.
    """
    values: dict[str, Any] = {"name": component_name(spec_class)}
    inherited = {key for key, _ in fields(SPEC_BASES[spec_class.kind])} - {"lr", "weight"}
    for key, field in fields(spec_class):
        if field.is_required():
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
