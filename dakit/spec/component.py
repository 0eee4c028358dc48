"""A field whose model is looked up in the catalog when a spec is validated.

``Annotated[BackboneSpec, FromCatalog("backbone")]`` takes ``{"name": "resnet18", ...}``, the
short form ``"resnet18"``, or a ready instance. Which classes exist is asked at validation time,
so plugins can come and go without the core models being rebuilt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema, to_json

from dakit.components import SPEC_BASES, ComponentSpec
from dakit.errors import InputError
from dakit.plugins import catalog
from dakit.plugins.checks import component_name


@final
@dataclass(frozen=True)
class FromCatalog:
    """Annotation marker: the field holds a component of this kind, named by its ``name``."""

    kind: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        classes = [c.spec_class for c in catalog.current().components(self.kind)]
        if not classes:
            return {"not": {}, "description": f"No {self.kind} is installed."}
        names = [component_name(c) for c in classes if _needs_only_its_name(c)]
        short = [{"const": name, "title": f"{name}, all defaults"} for name in names]
        return {"oneOf": [_long_form(c, handler) for c in classes] + short}

    def _validate(self, value: Any, info: core_schema.ValidationInfo) -> ComponentSpec:
        if isinstance(value, SPEC_BASES[self.kind]):
            return value
        given = {"name": value} if isinstance(value, str) else value
        if not isinstance(given, dict):
            raise _problem(f"must be a name or an object with a 'name', not {value!r}")
        cls = self._find(given.get("name"), short=isinstance(value, str))
        if info.mode == "json":  # JSON has types of its own, so they are taken at their word
            return cls.model_validate_json(to_json(given), strict=True)
        return cls.model_validate(given)

    def _find(self, name: Any, *, short: bool) -> type[ComponentSpec]:
        if not isinstance(name, str):
            known = ", ".join(repr(c.name) for c in catalog.current().components(self.kind))
            raise _problem(f"needs the 'name' of a {self.kind}: one of {known or 'none installed'}")
        try:
            return catalog.current().find(self.kind, name)
        except InputError as error:
            problem = _problem(str(error))
            if short:
                raise problem from error
            details = InitErrorDetails(type=problem, loc=("name",), input=name)
            raise ValidationError.from_exception_data(self.kind, [details]) from error


def _problem(message: str) -> PydanticCustomError:
    return PydanticCustomError("component", "{reason}", {"reason": message})


def _needs_only_its_name(cls: type[ComponentSpec]) -> bool:
    return not any(f.is_required() for key, f in cls.model_fields.items() if key != "name")


def _long_form(cls: type[ComponentSpec], handler: GetJsonSchemaHandler) -> JsonSchemaValue:
    reference = handler(cls.__pydantic_core_schema__)
    model = handler.resolve_ref_schema(reference)
    model["title"] = component_name(cls)
    model["required"] = sorted({"name", *model.get("required", [])})
    return reference
