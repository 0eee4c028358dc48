"""While a run trains, the labels of its target are nowhere in its process."""

from __future__ import annotations

import gc
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

import dakit
from dakit import DatasetSpec, RegularizerSpec
from dakit.contracts import Batch, BuildContext, Domain, DomainPair, EpochView, LossTerm, Provenance
from dakit.errors import RunError
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo, load_plugins
from dakit.plugins.options import PluginOptions
from dakit.training.reporter import SilentReporter

ROWS = 97
"""No other array of a run has so many."""


def drawn(seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, 3, ROWS)


def digest(labels: NDArray[Any]) -> str:
    return hashlib.sha256(labels.astype(np.int64).tobytes()).hexdigest()


class Blobs(DatasetSpec):
    """Three blobs; the target's ids tell its classes, as those of class folders do."""

    name: Literal["blobs"] = "blobs"
    labels_seed: int = 1
    ids_tell: bool = True

    def build(self, context: BuildContext) -> DomainPair:
        random = np.random.default_rng(7)
        inputs = random.normal(size=(2, ROWS, 5)) + np.eye(5)[drawn(1)]
        labels = drawn(self.labels_seed)
        names = [f"{'abc'[label]}/{row}" for row, label in enumerate(labels)]
        target = np.array(names) if self.ids_tell else np.arange(ROWS)
        return DomainPair(
            Domain("s", inputs[0], drawn(5), np.arange(ROWS)),
            Domain("t", inputs[1], labels, target, groups=target),
            ("a", "b", "c"),
            Provenance("generated", "blobs"),
        )


FOUND: list[str] = []


class Walker(LossTerm):
    """Looks at everything that the interpreter holds."""

    def __init__(self) -> None:
        super().__init__()
        walk()

    def on_epoch_start(self, view: EpochView) -> None:
        walk()

    def forward(self, batch: Batch) -> Any:
        walk()
        return 0.1 * batch.target.features.square().mean()


def walk() -> None:
    held = [each for thing in gc.get_objects() for each in gc.get_referents(thing)]
    frame = sys._getframe()
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
        held += frame.f_locals.values()
    for each in held:
        if type(each) is np.ndarray and each.shape == (ROWS,):  # lazy modules answer isinstance
            if each.dtype.kind in "iu":
                FOUND.append(digest(each))
            elif each.dtype.kind in "UTO":
                FOUND.append(str(each[0]))


class WalkerSpec(RegularizerSpec):
    name: Literal["walker"] = "walker"

    def build(self, context: BuildContext) -> LossTerm:
        return Walker()


SPEC: dict[str, Any] = {
    "schema_version": 1,
    "name": "walked",
    "data": {"name": "blobs"},
    "model": {"backbone": {"name": "mlp", "hidden": [4]}},
    "objective": {"task": "cross_entropy", "regularizers": ["walker"]},
    "training": {"epochs": 2, "device": "cpu"},
    "evaluation": {"bootstrap": 0},
}


@pytest.fixture(autouse=True)
def walked() -> Iterator[None]:
    own = load_plugins(PluginOptions(allowed=())).plugins
    mine = LoadedPlugin(PluginInfo("walked", "1.0", "dakit-walked"), (Blobs, WalkerSpec))
    FOUND.clear()
    with catalog.using(Catalog([*own, mine])):
        yield


def run(out: Path, **changes: Any) -> dakit.workflows.train.Run:
    return dakit.run({**SPEC, **changes}, out=out, reporter=SilentReporter())


def test_a_term_that_walks_the_interpreters_objects_finds_no_target_label(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert digest(drawn(5)) in FOUND  # the source's, which it may see
    assert digest(drawn(1)) not in FOUND
    assert not [found for found in FOUND if "/" in found]  # ids and groups
    targets = [row for row in result.predictions if row["domain"] == "target"]
    assert [row["label"] for row in targets] == ["abc"[label] for label in drawn(1)]
    assert [row["id"] for row in targets] == [row["group"] for row in targets]
    assert result.metrics["target_test"]["n"] == sum(row["split"] == "test" for row in targets)


def test_with_a_validator_that_declares_them_they_are_there(tmp_path: Path) -> None:
    training = {**SPEC["training"], "selection": "oracle"}
    assert run(tmp_path, training=training).results["selection"]["used_target_labels"]
    assert digest(drawn(1)) in FOUND


def test_weights_are_the_same_whatever_they_are(tmp_path: Path) -> None:
    weights = [
        (
            run(
                tmp_path / str(seed),
                data={"name": "blobs", "labels_seed": seed, "ids_tell": False},
                objective={"task": "cross_entropy", "transfer": "mmd"},
            ).folder.model
            / "weights.safetensors"
        ).read_bytes()
        for seed in (1, 2)
    ]
    assert weights[0] == weights[1]


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numpy.savez", full)
    with pytest.raises(RunError, match=r"labels of the target to .*No space left"):
        run(tmp_path)
