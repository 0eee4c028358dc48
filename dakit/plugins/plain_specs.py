"""Finds spec classes that pydantic cannot build, without building those that are plainly fine.

Building a validator takes pydantic longer than importing the module of most specs; a listing of
many plugins needs none of them.
"""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dakit.components import SpecPart

_PLAIN_TYPES = (bool, int, float, str, Path, NoneType)
_NUMBERS = (int, float, NoneType)
_BOUNDS = {"Ge": "ge", "Gt": "gt", "Le": "le", "Lt": "lt"}


def build_unless_plain(spec_class: type[BaseModel]) -> None:
    """Build the validator of ``spec_class`` where it is not certain that this will work.

    Raises:
        pydantic.errors.PydanticUserError: an annotation that cannot be resolved, a type that
            pydantic does not know, a validator of a field that is not there.
        Exception: whatever else pydantic raises, for a constraint that does not fit its type.
    """
    if not is_plain(spec_class):
        spec_class.model_rebuild()


def is_plain(spec_class: type[BaseModel]) -> bool:
    """Return whether ``spec_class`` has nothing but plain fields: bounded numbers, texts, parts."""
    return (
        getattr(spec_class, "__pydantic_fields_complete__", False)  # pydantic < 2.10 lacks it
        and spec_class.model_config == SpecPart.model_config
        and not _has_doubtful_validators(spec_class)
        and _same_method(spec_class, "__get_pydantic_core_schema__")
        and all(map(_is_plain_field, spec_class.model_fields.values()))
    )


def _has_doubtful_validators(spec_class: type[BaseModel]) -> bool:
    """Return whether there are any but validators of the whole spec that take just the spec."""
    found = spec_class.__pydantic_decorators__
    sound = SpecPart.__pydantic_decorators__  # what every spec inherits
    others = set(found.__dataclass_fields__) - {"model_validators"}
    return any(set(getattr(found, group)) - set(getattr(sound, group)) for group in others) or any(
        len(signature(validator.func).parameters) != 1
        for validator in found.model_validators.values()
    )


def _same_method(spec_class: type[BaseModel], name: str) -> bool:
    return getattr(spec_class, name).__func__ is getattr(BaseModel, name).__func__


def _is_plain_field(field: FieldInfo) -> bool:
    named = (field.alias, field.validation_alias, field.serialization_alias, field.discriminator)
    return (
        named == (None, None, None, None)
        and _is_plain_type(field.annotation)
        and all(_is_plain_bound(bound, field.annotation) for bound in field.metadata)
    )


def _is_plain_type(annotation: Any) -> bool:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return all(isinstance(value, str | int | None) for value in arguments)
    if origin is tuple and arguments[1:] == (...,):
        return _is_plain_type(arguments[0])
    if origin in (Union, UnionType, list, tuple):
        return all(map(_is_plain_type, arguments))
    if any(annotation is plain for plain in _PLAIN_TYPES):
        return True
    return (  # dakit's own parts are known to be sound
        isinstance(annotation, type)
        and issubclass(annotation, SpecPart)
        and annotation.__module__.startswith("dakit.")
    )


def _is_plain_bound(bound: Any, annotation: Any) -> bool:
    value = getattr(bound, _BOUNDS.get(type(bound).__name__, ""), None)
    is_union = get_origin(annotation) in (Union, UnionType)
    kinds = get_args(annotation) if is_union else (annotation,)
    return type(value) in (int, float) and all(kind in _NUMBERS for kind in kinds)
