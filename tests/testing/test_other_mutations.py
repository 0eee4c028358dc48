"""Broken specs, backbones, datasets and validators are caught by the check that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from pydantic import ConfigDict, Field, field_serializer
from torch import Tensor, nn

from dakit import BackboneSpec, DatasetSpec, SpecPart, ValidatorSpec
from dakit.contracts import (
    Backbone,
    BuildContext,
    Domain,
    DomainPair,
    Provenance,
    ValidationView,
    Validator,
)
from dakit.testing import Skipped, bound_checks


def run_check(spec_class: Any, name: str, **example: Any) -> None:
    (bound,) = [b for b in bound_checks(spec_class, example=example) if b.check.name == name]
    bound()


def assert_caught(spec_class: Any, name: str, message: str, **example: Any) -> None:
    with pytest.raises(Exception, match=message):
        run_check(spec_class, name, **example)


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
def test_a_broken_spec_is_caught(spec_class: Any, check: str, message: str) -> None:
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


def test_torch_at_import_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "heavy_at_import.py").write_text(HEAVY)
    (tmp_path / "light_at_import.py").write_text(HEAVY.replace("import torch\n", ""))
    import heavy_at_import
    import light_at_import

    run_check(light_at_import.Heavy, "imports_no_torch")
    assert_caught(heavy_at_import.Heavy, "imports_no_torch", "imports torch")


class Layer(Backbone):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.layer = nn.Linear(int(np.prod(shape)), 4)
        self.feature_dim = 4

    def forward(self, inputs: Tensor) -> Tensor:
        return self.layer(inputs.flatten(1))


class WrongWidth(Layer):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self.feature_dim = 5


class SeesItsNeighbours(Layer):
    def forward(self, inputs: Tensor) -> Tensor:
        features = super().forward(inputs)
        return features - features.mean(0)


class DetachedBackbone(Layer):
    def forward(self, inputs: Tensor) -> Tensor:
        return super().forward(inputs).detach()


class DividesByTheSpread(Layer):
    def forward(self, inputs: Tensor) -> Tensor:
        return super().forward(inputs) / inputs.flatten(1).std()


class FailsOnImages(Layer):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        (self.length,) = shape


class HiddenLayer(Layer):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self.more = [nn.Linear(4, 4)]

    def forward(self, inputs: Tensor) -> Tensor:
        return self.more[0](super().forward(inputs))


@pytest.mark.parametrize(
    ("backbone", "check", "message"),
    [
        (WrongWidth, "returns_features", "instead of"),
        (SeesItsNeighbours, "predicts_row_by_row", "change with the batch"),
        (DetachedBackbone, "learns", "detached"),
        (DividesByTheSpread, "is_finite", "zeros"),
        (FailsOnImages, "refuses_what_it_cannot_take", r"\(2, 32\).*InputError"),
        (HiddenLayer, "parameters_reach_the_optimizer", "not registered"),
    ],
)
def test_a_broken_backbone_is_caught(backbone: type[Layer], check: str, message: str) -> None:
    def spec_of(kind: type[Layer]) -> Any:
        class Spec(BackboneSpec):
            name: Literal["net"] = "net"

            def build(self, context: BuildContext) -> Backbone:
                return kind(context.input_shape)

        return Spec

    run_check(spec_of(Layer), check)
    assert_caught(spec_of(backbone), check, message)


def pair(draw: int = 0) -> DomainPair:
    rng = np.random.default_rng(draw)
    labels = np.arange(60, dtype=np.int64) % 3
    inputs = rng.normal(size=(60, 4)).astype(np.float32)
    source = Domain("source", inputs, labels, np.arange(60))
    target = Domain("target", inputs + 1, labels, np.arange(60))
    return DomainPair(source, target, ("a", "b", "c"), Provenance("generated", "points"))


def with_target(**changes: Any) -> DomainPair:
    return replace(pair(), target=replace(pair().target, **changes))


def label_in_the_inputs() -> DomainPair:
    inputs = pair().target.inputs.copy()
    inputs[:, 2] = pair().target.labels * 0.1 + 5
    return with_target(inputs=inputs)


def two_words() -> DomainPair:
    return replace(pair(), provenance=Provenance("my files", ""))


def nan_inputs() -> DomainPair:
    return with_target(inputs=np.full((60, 4), np.nan, np.float32))


DATASETS: list[tuple[Callable[[], DomainPair], str, str]] = [
    (lambda: with_target(ids=np.zeros(60)), "has_unique_ids", "different ids"),
    (lambda: with_target(labels=np.full(60, 7)), "has_labels_in_range", "to 7 for 3"),
    (label_in_the_inputs, "hides_the_target_labels", "inputs tell"),
    (lambda: with_target(groups=pair().target.labels), "hides_the_target_labels", "groups tell"),
    (two_words, "builds_from_its_spec", "one word"),
    (nan_inputs, "can_be_trained_on", "target"),
    (lambda: pair(int.from_bytes(np.random.bytes(3))), "is_the_same_each_time", "other inputs"),
]


@pytest.mark.parametrize(("build", "check", "message"), DATASETS)
def test_a_broken_dataset_is_caught(
    build: Callable[[], DomainPair], check: str, message: str
) -> None:
    def spec_of(made: Callable[[], DomainPair]) -> Any:
        class Spec(DatasetSpec):
            name: Literal["points"] = "points"

            def build(self, context: BuildContext) -> DomainPair:
                return made()

        return Spec

    run_check(spec_of(pair), check)
    assert_caught(spec_of(build), check, message)


class FromFile(DatasetSpec):
    name: Literal["from_file"] = "from_file"
    file: Path = Field(description="The inputs.")
    mapped: bool = Field(True, description="Map it.")

    def build(self, context: BuildContext) -> DomainPair:
        inputs = np.load(self.file, mmap_mode="r" if self.mapped else None)
        return replace(
            pair(),
            source=replace(pair().source, inputs=inputs),
            target=replace(pair().target, inputs=inputs),
        )


def test_a_file_that_is_read_whole_is_caught(tmp_path: Path) -> None:
    np.save(tmp_path / "inputs.npy", pair().source.inputs)
    check, file = "keeps_mapped_inputs_mapped", tmp_path / "inputs.npy"
    run_check(FromFile, check, file=file)
    assert_caught(FromFile, check, "read whole", file=file, mapped=False)


def test_a_field_without_value_skips_what_needs_it() -> None:
    run_check(FromFile, "describes_every_field")
    with pytest.raises(Skipped, match="no default and no example: file"):
        run_check(FromFile, "has_unique_ids")


def right(view: ValidationView) -> float:
    return (view.source_logits.argmax(1) == view.source_labels).float().mean().item()


def peeks(view: ValidationView) -> float:
    if view.target_labels is None:
        return right(view)
    return (view.target_logits.argmax(1) == view.target_labels).float().mean().item()


def changes_the_view(view: ValidationView) -> float:
    view.target_logits.add_(1.0)
    return right(view)


@pytest.mark.parametrize(
    ("validator", "declares", "check", "message"),
    [
        (peeks, False, "does_not_read_target_labels", "declare uses_target_labels"),
        (right, True, "does_not_read_target_labels", "changes nothing"),
        (lambda view: -right(view), False, "prefers_the_better_model", "perfect"),
        (lambda v: v.target_features.std(0).log().mean().item(), False, "is_finite", "one row"),
        (lambda view: float(torch.rand(())), False, "gives_the_same_score_twice", "then"),
        (changes_the_view, False, "gives_the_same_score_twice", "in place"),
        (lambda view: right(view), False, "survives_pickling_when_built", "pickle"),
        (lambda view: "good", False, "builds_from_its_spec", "str"),
    ],
)
@pytest.mark.filterwarnings("ignore:std")
def test_a_broken_validator_is_caught(
    validator: Validator, declares: bool, check: str, message: str
) -> None:
    def spec_of(scores: Validator, declared: bool) -> Any:
        class Spec(ValidatorSpec):
            uses_target_labels = declared
            name: Literal["score"] = "score"

            def build(self, context: BuildContext) -> Validator:
                return scores

        return Spec

    run_check(spec_of(right, False), check)
    assert_caught(spec_of(validator, declares), check, message)
