from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator

from dakit import Ramp, SpecPart, SplitSpec
from dakit.plugins.plain_specs import build_unless_plain, is_plain


class PluginPart(SpecPart):
    size: int = 1


BOUNDED: Any = Field(1.0, ge=0, lt=5, description="A factor.")
PLAIN: dict[str, Any] = {
    "number": (float, 1.0),
    "bounded": (float, BOUNDED),
    "bounded or none": (float | None, Field(None, gt=0)),
    "integer": (int, Field(3, ge=1)),
    "switch": (bool, False),
    "text": (str, "a"),
    "file": (Path | None, None),
    "choice": (Literal["a", "b"], "a"),
    "numbers": (tuple[float, ...], (1.0,)),
    "pair": (tuple[int, str], (1, "a")),
    "list": (list[int], [1]),
    "part": (SplitSpec, SplitSpec()),
    "part or none": (Ramp | None, None),
}
UNSOUND: dict[str, Any] = {
    "unknown type": (np.ndarray, None),
    "unknown type in a list": (list[np.ndarray], None),
    "bound of no number": (float, Field(1.0, ge="a")),
    "discriminator without a union": (SplitSpec, Field(discriminator="name")),
    "unresolved": ("NoSuchType", None),
    "unknown type, annotated": (Annotated[np.ndarray, "an array"], None),
    "empty tuple": (tuple[..., int], ()),  # type: ignore[misc]
}
UNCERTAIN: dict[str, Any] = {
    "bound of a text": (str, Field("a", ge=0)),
    "bound of a list": (list[float], Field([1.0], ge=0)),
    "bound of a number or a text": (float | str, Field(1.0, ge=0)),
    "a name of its own": (float, Field(1.0, alias="factor")),
    "a part of a plugin's own": (PluginPart, PluginPart()),
}


def spec_with(field: Any) -> type[BaseModel]:
    return create_model("Spec", __base__=SpecPart, field=field)


@pytest.mark.parametrize("field", PLAIN.values(), ids=PLAIN)
def test_plain_fields_are_not_built_and_can_be(field: Any) -> None:
    spec_class = spec_with(field)
    assert is_plain(spec_class)
    build_unless_plain(spec_class)
    assert not spec_class.__pydantic_complete__
    spec_class.model_rebuild()
    assert spec_class.__pydantic_complete__


@pytest.mark.parametrize("field", UNSOUND.values(), ids=UNSOUND)
def test_what_pydantic_cannot_build_is_found(field: Any) -> None:
    spec_class = spec_with(field)
    assert not is_plain(spec_class)
    with pytest.raises(Exception, match=r"."):
        build_unless_plain(spec_class)


@pytest.mark.parametrize("field", UNCERTAIN.values(), ids=UNCERTAIN)
def test_what_is_not_certain_is_built(field: Any) -> None:
    spec_class = spec_with(field)
    assert not is_plain(spec_class)
    build_unless_plain(spec_class)
    assert spec_class.__pydantic_complete__


def test_a_validator_of_a_field_that_is_not_there_is_found() -> None:
    class Spec(SpecPart):
        factor: float = 1.0

        @field_validator("facto")
        @classmethod
        def _positive(cls, value: float) -> float:
            return value

    with pytest.raises(Exception, match="incorrect fields"):
        build_unless_plain(Spec)


def test_a_validator_with_too_many_arguments_is_found() -> None:
    class Spec(SpecPart):
        @model_validator(mode="before")  # type: ignore[arg-type]
        def _shape(self, one: Any, two: Any, three: Any) -> Any: ...

    with pytest.raises(Exception, match="_shape"):
        build_unless_plain(Spec)


def test_a_validator_of_the_whole_spec_that_takes_just_that_is_plain() -> None:
    class Spec(SpecPart):
        low: float = 0.0
        high: float = 1.0

        @model_validator(mode="before")
        @classmethod
        def _as_pair(cls, given: Any) -> Any:
            return given

        @model_validator(mode="after")
        def _ordered(self) -> Spec:
            return self

    assert is_plain(Spec)
    Spec.model_rebuild()
    assert Spec.__pydantic_complete__


def test_a_setting_of_its_own_is_not_plain() -> None:
    class Spec(SpecPart):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        field: np.ndarray | None = None

    assert not is_plain(Spec)
    build_unless_plain(Spec)  # it works, but only pydantic can tell
    assert Spec.__pydantic_complete__


def test_a_schema_of_its_own_is_found() -> None:
    class Spec(SpecPart):
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            raise LookupError("no schema")

    with pytest.raises(LookupError, match="no schema"):
        build_unless_plain(Spec)
