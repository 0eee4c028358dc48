"""A broken spec is caught by the check that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from pydantic import ConfigDict, Field, field_serializer

from dakit import SpecPart, ValidatorSpec
from dakit.contracts import (
    BuildContext,
    Validator,
)


class Good(ValidatorSpec):
    """A score."""

    name: Literal["good"] = "good"
    scale: float = Field(1.0, gt=0, description="A factor.")

    def build(self, context: BuildContext) -> Validator:
        return lambda view: (view.source_logits.argmax(1) == view.source_labels).float().mean()


class Undocumented(Good):
    pass


class UndescribedField(Good):
    """A score."""

    bare: int = 3


class Part(SpecPart):
    inner: int = 3


class UndescribedNestedField(Good):
    """A score."""

    part: Part | None = Field(None, description="A part.")


class IgnoresUnknownKeys(Good):
    """A score."""

    model_config = ConfigDict(extra="ignore")


class Unpinned(Good):
    """A score."""

    name: str = "unpinned"


class LosesDigits(Good):
    """A score."""

    precise: float = Field(1 / 3, description="A number.")

    @field_serializer("precise")
    def _short(self, value: float) -> float:
        return round(value, 2)


class WithoutSchema(Good):
    """A score."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    array: np.ndarray | None = Field(None, description="An array.")


@pytest.mark.parametrize(
    ("spec_class", "check", "message"),
    [
        (Undocumented, "says_what_it_is", "docstring"),
        (UndescribedField, "describes_every_field", "bare"),
        (UndescribedNestedField, "describes_every_field", "part.inner"),
        (IgnoresUnknownKeys, "forbids_unknown_keys", "ignored"),
        (Unpinned, "may_be_offered", "not pinned"),
        (LosesDigits, "survives_json", "differs"),
        (WithoutSchema, "its_schema_builds", "JsonSchema"),
    ],
)
def test_a_broken_spec_is_caught(
    spec_class: Any,
    check: str,
    message: str,
    run_check: Callable[..., None],
    assert_caught: Callable[..., None],
) -> None:
    run_check(Good, check)
    assert_caught(spec_class, check, message)


HEAVY = """
import torch
from typing import Literal
from dakit import TransferLossSpec
class Heavy(TransferLossSpec):
    name: Literal["heavy"] = "heavy"
    def build(self, context): ...
"""


def test_torch_at_import_is_caught(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_check: Callable[..., None],
    assert_caught: Callable[..., None],
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "heavy_at_import.py").write_text(HEAVY)
    (tmp_path / "light_at_import.py").write_text(HEAVY.replace("import torch\n", ""))
    import heavy_at_import
    import light_at_import

    run_check(light_at_import.Heavy, "imports_no_torch")
    assert_caught(heavy_at_import.Heavy, "imports_no_torch", "imports torch")
