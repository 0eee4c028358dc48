"""What predicts in place of the model's head is saved, loaded, and used wherever a model is."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import dakit
from dakit import RegularizerSpec
from dakit.contracts import Batch, BuildContext, LogitPredictor, LossTerm
from dakit.errors import InputError
from dakit.evaluation.predict import evaluating
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo, load_plugins
from dakit.plugins.options import PluginOptions
from dakit.runs.model_folder import load_model
from dakit.runs.run import Run, load_run
from dakit.training.reporter import SilentReporter
from dakit.workflows.evaluate import score
from dakit.workflows.export import export
from dakit.workflows.predict import predict


class Guess(LossTerm):
    """Learns a classifier of its own, which predicts."""

    uses_target = False

    def __init__(self, context: BuildContext) -> None:
        super().__init__()
        self.own = context.new_head("guess")

    def forward(self, batch: Batch) -> Tensor:
        source = batch.source
        return nn.functional.cross_entropy(self.own(source.features), source.labels)

    def predictor(self) -> nn.Module:
        return self.own


class GuessSpec(RegularizerSpec):
    """A classifier beside the model's."""

    name: Literal["guess"] = "guess"
    extra: int = 0

    def build(self, context: BuildContext) -> LossTerm:
        return Guess(context)


class Always(LogitPredictor):
    """Favours the class that has most rows in the source, by so much as to choose it always."""

    shift: Tensor

    def __init__(self, context: BuildContext) -> None:
        super().__init__()
        counts = torch.tensor(context.class_counts)
        self.register_buffer("shift", 100.0 * (counts == counts.max()).float())

    def forward(self, logits: Tensor) -> Tensor:
        return logits + self.shift


class Favours(LossTerm):
    uses_target = False

    def __init__(self, context: BuildContext) -> None:
        super().__init__()
        self.always = Always(context)

    def forward(self, batch: Batch) -> Tensor:
        return 0.0 * batch.source.logits.sum()

    def predictor(self) -> nn.Module:
        return self.always


class FavoursSpec(RegularizerSpec):
    """Predicts one class."""

    name: Literal["favours"] = "favours"

    def build(self, context: BuildContext) -> LossTerm:
        return Favours(context)


@pytest.fixture(autouse=True, scope="module")
def _installed() -> Iterator[None]:
    offered = LoadedPlugin(
        PluginInfo("guesses", "1.2.3", "dakit-guesses"), (GuessSpec, FavoursSpec)
    )
    with catalog.using(Catalog([*load_plugins(PluginOptions(allowed=())).plugins, offered])):
        yield


def spec_of(*terms: str, **changes: Any) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "name": "guessed",
        "seed": 3,
        "data": {"name": "digits_shift"},
        "model": {"backbone": {"name": "mlp", "hidden": [16]}, "head": {"hidden": [8]}},
        "objective": {"regularizers": list(terms)},
        "training": {"epochs": 2, "batch_size": 128},
        "evaluation": {"bootstrap": 0},
        **changes,
    }


@pytest.fixture(scope="module")
def guessed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("guessed")
    return dakit.run(spec_of("guess"), out=out, reporter=SilentReporter())


@pytest.fixture(scope="module")
def favoured(tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("favoured")
    return dakit.run(spec_of("favours"), out=out, reporter=SilentReporter())


def test_the_saved_model_predicts_by_it_without_the_spec(guessed: Run, tmp_path: Path) -> None:
    for name in ("spec.json", "resolved.json", "results.json", "predictions.csv"):
        assert (guessed.folder.path / name).exists()
    model = guessed.model()
    assert isinstance(model.network.predictor, nn.Module)
    inputs = torch.randn(7, 1, 8, 8)
    with evaluating(model.network):
        features, logits = model.network(inputs)
        torch.testing.assert_close(logits, model.network.predictor(features))
        assert not torch.allclose(logits, model.network.head(features), atol=1e-2)
    facts = json.loads((guessed.folder.model / "model.json").read_text())["predictor"]
    assert facts["plugin"] == {
        "name": "guesses",
        "version": "1.2.3",
        "distribution": "dakit-guesses",
    }
    assert facts["spec"]["name"] == "guess"


def test_evaluation_and_validators_use_it(favoured: Run) -> None:
    rows = favoured.predictions
    (only,) = {row["predicted"] for row in rows}
    source = [row for row in rows if row["domain"] == "source"]
    share = {
        part: np.mean([r["label"] == only for r in source if r["split"] == part])
        for part in ("validation", "test")
    }
    assert favoured.results["metrics"]["source_test"]["accuracy"] == pytest.approx(share["test"])
    assert favoured.results["selection"]["score"] == pytest.approx(share["validation"])
    assert favoured.history[-1]["scores"]["source_accuracy"] == pytest.approx(share["validation"])


def test_other_data_are_scored_by_it(favoured: Run, tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text(json.dumps({"name": "digits_shift"}))
    found = score(favoured, tmp_path / "data.json", part="test", domain="source")
    wanted = favoured.results["metrics"]["source_test"]["accuracy"]
    assert found["metrics"]["source_test"]["accuracy"] == pytest.approx(wanted)


@pytest.mark.parametrize("which", ["guessed", "favoured"])
def test_new_images_are_predicted_and_exported_by_it(
    which: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    run = request.getfixturevalue(which)
    inputs = np.random.default_rng(0).normal(size=(5, 1, 8, 8)).astype(np.float32)
    np.save(tmp_path / "new.npy", inputs)
    predict(run, tmp_path / "new.npy", out=tmp_path / "new.csv", device="cpu")
    with (tmp_path / "new.csv").open(encoding="utf-8") as file:
        found = [[float(row[f"p_{c}"]) for c in range(10)] for row in csv.DictReader(file)]
    model = load_run(run.folder.path).model()
    with evaluating(model.network):
        logits = model.network(model.normalization.target(torch.from_numpy(inputs)))[1]
    np.testing.assert_allclose(found, logits.softmax(1), atol=1e-6)
    export(run, out=tmp_path / "export")
    exported = torch.export.load(tmp_path / "export" / "model.pt2").module()
    torch.testing.assert_close(exported(torch.from_numpy(inputs))[0], logits, rtol=1e-4, atol=1e-4)


def test_a_run_may_start_from_such_a_model(guessed: Run, tmp_path: Path) -> None:
    spec = spec_of(name="next", init_from={"run": str(guessed.folder.path)})
    begun = dakit.run(spec, out=tmp_path, reporter=SilentReporter())
    assert begun.model().network.predictor is None


def test_a_resumed_run_ends_with_the_same_predictor(guessed: Run, tmp_path: Path) -> None:
    class StopAt(SilentReporter):
        def step(self, epoch: int, step: int, losses: Any) -> None:
            if epoch == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dakit.run(spec_of("guess"), out=tmp_path, reporter=StopAt())
    dakit.run(spec_of("guess"), out=tmp_path, resume=True, reporter=SilentReporter())
    (path,) = tmp_path.iterdir()
    states = [load_run(p).model().network.state_dict() for p in (path, guessed.folder.path)]
    assert any(name.startswith("predictor.") for name in states[0])
    assert all(torch.equal(tensor, states[1][name]) for name, tensor in states[0].items())


def test_two_of_them_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'guess' and 'favours' each predict in place of the"):
        dakit.run(spec_of("guess", "favours"), out=tmp_path, reporter=SilentReporter())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"kind": "regularizer", "spec": {"name": "gues"}},
            "the regularizer 'gues' of the plugin ",
        ),
        (
            {"spec": {"name": "guess", "extra": "many"}},
            "another version of the regularizer 'guess'",
        ),
        ({"kind": "backbone"}, "describes no model"),
        ({"context": {"seed": 1}}, "describes no model"),
    ],
)
def test_a_predictor_that_cannot_be_built_again_is_told(
    guessed: Run, tmp_path: Path, changed: dict[str, Any], told: str
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for file in guessed.folder.model.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    facts = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(
        json.dumps({**facts, "predictor": {**facts["predictor"], **changed}})
    )
    with pytest.raises(InputError, match=told):
        load_model(folder)
