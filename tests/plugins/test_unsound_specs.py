"""A spec that pydantic cannot build is a fault of its plugin, found when it is loaded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from pydantic import ConfigDict, Field, create_model, field_validator, model_validator

from dakit import SplitSpec, TransferLossSpec, hookimpl
from dakit.plugins.checks import offered


class Loss(TransferLossSpec):
    name: Literal["loss"] = "loss"
    implementation = ".loss:Loss"


UNSOUND: dict[str, Any] = {
    "unknown type": (np.ndarray, None),
    "unknown type in a list": (list[np.ndarray], None),
    "bound of no number": (float, Field(1.0, ge="a")),
    "discriminator without a union": (SplitSpec, Field(discriminator="name")),
    "unresolved": ("NoSuchType", None),
    "unknown type, annotated": (Annotated[np.ndarray, "an array"], None),
    "empty tuple": (tuple[..., int], ()),  # type: ignore[misc]
}


def load(spec_class: type) -> tuple[type, ...]:
    hook = hookimpl(specname="dakit_transfer_losses")(lambda: [spec_class])
    return offered(SimpleNamespace(losses=hook), "plugin")


@pytest.mark.parametrize("field", UNSOUND.values(), ids=UNSOUND)
def test_what_pydantic_cannot_build_is_found(field: Any) -> None:
    with pytest.raises(Exception, match=r"."):
        load(create_model("Spec", __base__=Loss, field=field))


def test_a_validator_of_a_field_that_is_not_there_is_found() -> None:
    class Spec(Loss):
        factor: float = 1.0

        @field_validator("facto")
        @classmethod
        def _positive(cls, value: float) -> float:
            return value

    with pytest.raises(Exception, match="incorrect fields"):
        load(Spec)


def test_a_validator_with_too_many_arguments_is_found() -> None:
    class Spec(Loss):
        @model_validator(mode="before")  # type: ignore[arg-type]
        def _shape(self, one: Any, two: Any, three: Any) -> Any: ...

    with pytest.raises(Exception, match="_shape"):
        load(Spec)


def test_a_schema_of_its_own_is_found() -> None:
    class Spec(Loss):
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            raise LookupError("no schema")

    with pytest.raises(LookupError, match="no schema"):
        load(Spec)


def test_a_setting_of_its_own_is_heeded() -> None:
    class Spec(Loss):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        field: np.ndarray | None = None

    assert load(Spec) == (Spec,)
