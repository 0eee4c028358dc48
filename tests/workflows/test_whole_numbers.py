"""Inputs that are whole numbers (tokens) reach a network that takes them as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import dakit
from dakit import BackboneSpec
from dakit.contracts import Backbone, BuildContext
from dakit.errors import InputError
from dakit.runs.results import read_results
from dakit.testing import bound_checks
from dakit.training.reporter import SilentReporter
from dakit.workflows.export import export
from dakit.workflows.predict import predict
from dakit.workflows.train import make_plan
from tests.offered import offered

WORDS, LENGTH, CLASSES = 40, 6, 3


class Bag(Backbone):
    """The mean of the vectors of a sentence's words."""

    feature_dim = 5
    types: ClassVar[set[torch.dtype]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(WORDS, self.feature_dim)

    def forward(self, inputs: Tensor) -> Tensor:
        self.types.add(inputs.dtype)
        features: Tensor = self.table(inputs).mean(tuple(range(1, inputs.ndim)))
        return features


class BagSpec(BackboneSpec):
    """Words to vectors."""

    takes_whole_numbers: ClassVar[bool] = True
    name: Literal["bag"] = "bag"

    def build(self, context: BuildContext) -> Backbone:
        return Bag()


@pytest.fixture(autouse=True)
def _offered() -> Iterator[None]:
    with offered(BagSpec):
        yield


@pytest.fixture
def spec(tmp_path: Path) -> dict[str, Any]:
    """Sentences whose class is the third of the vocabulary that most of their words are from."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, 240)
    for side, kept in (("source", 0.9), ("target", 0.7)):
        of_class = labels[:, None] * 12 + rng.integers(0, 12, (240, LENGTH))
        words = np.where(rng.random(of_class.shape) < kept, of_class, rng.integers(0, WORDS, 1))
        np.save(tmp_path / f"{side}.npy", words.astype(np.uint16))
        np.save(tmp_path / f"{side}_labels.npy", labels)
    return {
        "schema_version": 1,
        "name": "tokens",
        "data": {
            "name": "arrays",
            "source": {
                "inputs": str(tmp_path / "source.npy"),
                "labels": str(tmp_path / "source_labels.npy"),
            },
            "target": {"inputs": str(tmp_path / "target.npy")},
        },
        "model": {"backbone": "bag"},
        "objective": {"transfer": "mmd"},
        "optimizer": {"name": "adam", "lr": 0.1},
        "training": {"epochs": 3, "batch_size": 64},
        "evaluation": {"bootstrap": 0},
    }


def test_tokens_stay_whole_from_the_file_to_the_table_of_vectors(
    tmp_path: Path, spec: dict[str, Any]
) -> None:
    Bag.types.clear()
    run = dakit.run(spec, out=tmp_path / "runs", reporter=SilentReporter())
    assert Bag.types == {torch.int64}
    results = read_results(run.folder)
    assert results.test("source").accuracy > 0.8  # type: ignore[union-attr]  # it has labels
    assert results.inputs == {}  # the scale of tokens says nothing
    stored = json.loads((run.folder.path / "model" / "model.json").read_text())
    assert stored["normalization"]["target"]["stretch"] == "whole"
    table = predict(run, tmp_path / "target.npy", out=tmp_path / "new.csv")
    assert table.images == 240
    assert export(run).differences["torch"]
    facts = json.loads((run.folder.path / "export" / "export.json").read_text())
    assert facts["input"]["type"] == "int64"
    np.save(tmp_path / "floats.npy", np.zeros((3, LENGTH)))
    with pytest.raises(InputError, match="takes whole numbers, and the inputs are of type float64"):
        predict(run, tmp_path / "floats.npy", out=tmp_path / "more.csv")
    assert Bag.types == {torch.int64}


def refused(spec: dict[str, Any], **changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        make_plan({**spec, **changes}, reporter=SilentReporter(), dry=True)
    return str(caught.value)


def test_what_makes_no_sense_for_tokens_is_refused(tmp_path: Path, spec: dict[str, Any]) -> None:
    told = refused(spec, data={**spec["data"], "normalize": {"method": "asinh"}})
    assert "normalize.method 'asinh' makes real numbers" in told
    told = refused(spec, objective={"regularizers": ["consistency"]})
    assert "'consistency' needs a second view" in told
    assert "whole numbers" in told
    np.save(tmp_path / "target.npy", np.zeros((240, LENGTH)))
    assert "target: the backbone takes whole numbers" in refused(spec)


def test_pictures_of_whole_numbers_are_standardised_as_ever(spec: dict[str, Any]) -> None:
    plan = make_plan({**spec, "model": {"backbone": "mlp"}}, reporter=SilentReporter(), dry=True)
    assert plan.data.normalization.target.stretch == "none"
    assert plan.data.normalization.target.dtype == torch.float32
    assert plan.data.normalization.target.scale != (1.0,) * LENGTH


def test_the_kit_gives_whole_numbers_to_a_backbone_that_takes_them() -> None:
    Bag.types.clear()
    asked = {"returns_features", "is_finite", "learns", "predicts_row_by_row"}
    checks = [bound for bound in bound_checks(BagSpec) if bound.check.name in asked]
    assert len(checks) == len(asked)
    for check in checks:
        check()
    assert Bag.types == {torch.int64}
