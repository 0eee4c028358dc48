"""Takes models apart: their fields, what an annotation allows, the values of an instance."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Model = type[BaseModel]


def fields(model: Model) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the fields of a model by the key they have in JSON."""
    for name, field in model.model_fields.items():
        yield field.alias or name, field


def alternatives(
    annotation: Any, metadata: tuple[Any, ...] = ()
) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield each member of a union (or the annotation alone) with what it is annotated with."""
    origin, members = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from alternatives(members[0], (*metadata, *members[1:]))
    elif origin in (Union, types.UnionType):
        for member in members:
            yield from alternatives(member, metadata)
    else:
        yield annotation, metadata


def models_in(annotation: Any) -> Iterator[Model]:
    """Yield the models that an annotation names, at any depth of lists and unions."""
    if is_model(annotation):
        yield annotation
    else:
        for member in get_args(annotation):
            yield from models_in(member)


def is_model(annotation: Any) -> bool:
    """Return whether an annotation is a model itself."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def walk(
    model: Model,
    into: Callable[[Any], Iterable[Model]] = models_in,
    defaults: BaseModel | None = None,
    prefix: str = "",
) -> Iterator[tuple[str, FieldInfo, Any]]:
    """Yield dotted path, field and default of every field, those of nested models after it.

    ``into`` says which models of a field's annotation are gone into.
    """
    for name, field in model.model_fields.items():
        path = prefix + (field.alias or name)
        default = field.get_default(call_default_factory=True, validated_data={})
        if defaults is not None:
            default = getattr(defaults, name)
        yield path, field, default
        for part in into(field.annotation):
            if part is not model:
                known = default if isinstance(default, part) else None
                yield from walk(part, into, known, f"{path}.")


def values_in(value: Any) -> Iterator[Any]:
    """Yield what an instance of a model holds at any depth, itself included."""
    yield value
    if isinstance(value, BaseModel):
        value = [getattr(value, name) for name in type(value).model_fields]
    if isinstance(value, list | tuple):
        for part in value:
            yield from values_in(part)
