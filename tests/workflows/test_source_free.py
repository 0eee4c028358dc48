"""A model trained earlier adapts to a target whose source is gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dakit
from dakit.builtin.datasets.digits_shift import DigitsShift
from dakit.contracts import BuildContext
from dakit.errors import InputError
from dakit.reporting.figures.further import run_of
from dakit.reporting.figures.roc import draw_reliability
from dakit.reporting.report.page import render_page
from dakit.runs.results import read_results
from dakit.runs.run import Run
from dakit.selecting.candidates import KeptRun, candidates_of
from dakit.training.reporter import SilentReporter
from dakit.workflows.compare import compare
from dakit.workflows.inspect import inspect
from dakit.workflows.predict import predict
from dakit.workflows.report import gather
from dakit.workflows.train import make_plan

FILES = ("source.npy", "source_labels.npy", "first.json")
DATA: dict[str, Any] = {
    "name": "arrays",
    "target": {"inputs": "target.npy", "labels": "target_labels.npy"},
    "class_names": ["a", "b", "c"],
}
SOURCE = {"inputs": "source.npy", "labels": "source_labels.npy"}
SPEC: dict[str, Any] = {
    "schema_version": 1,
    "name": "free",
    "data": DATA,
    "model": {"backbone": {"name": "mlp", "hidden": [8], "batch_norm": True}},
    "objective": {"task": None, "regularizers": ["information_maximization"]},
    "training": {"epochs": 2, "batch_size": 32, "selection": "information_maximization"},
    "evaluation": {"bootstrap": 5},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with target files, the spec of a run without source, and the run it starts from."""
    folder = tmp_path_factory.mktemp("source_free")
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 120)
    for side, shift in (("source", 0.0), ("target", 0.7)):
        inputs = rng.normal(size=(120, 6)) + 3 * np.eye(6)[labels] + shift
        np.save(folder / f"{side}.npy", inputs.astype(np.float32))
        np.save(folder / f"{side}_labels.npy", labels)
    first = {
        **SPEC,
        "name": "first",
        "data": {**DATA, "source": SOURCE},
        "objective": {"task": "cross_entropy"},
        "training": {**SPEC["training"], "selection": "source_loss"},
    }
    (folder / "first.json").write_text(json.dumps(first))
    earlier = dakit.run(folder / "first.json", out=folder / "runs", reporter=SilentReporter())
    for name in FILES:
        (folder / name).unlink()
    start = {"run": str(earlier.folder.path)}
    (folder / "free.json").write_text(json.dumps({**SPEC, "init_from": start}))
    return folder


@pytest.fixture(scope="module")
def free(home: Path) -> Run:
    return dakit.run(home / "free.json", out=home / "runs", reporter=SilentReporter())


def test_it_trains_after_the_files_of_the_source_are_deleted(home: Path, free: Run) -> None:
    results = read_results(free.folder)
    assert results.sides == ("target",)
    assert set(results.metrics) == {"target_train", "target_validation", "target_test"}
    assert set(results.inputs) == {"target"}
    assert {row["domain"] for row in free.predictions} == {"target"}
    assert results.adaptation is not None
    assert results.adaptation.batch_norm == "target"
    (earlier,) = (home / "runs").glob("first-*")
    models = [
        json.loads((path / "model/model.json").read_text()) for path in (earlier, free.folder.path)
    ]
    assert models[0]["normalization"] == models[1]["normalization"]


def test_statistics_refitted_are_those_of_the_target(home: Path) -> None:
    given = json.loads((home / "free.json").read_text())
    given["init_from"]["normalization"] = "refit"
    (home / "refit.json").write_text(json.dumps(given))
    plan = make_plan(home / "refit.json", reporter=SilentReporter(), dry=True)
    train = np.load(home / "target.npy")[plan.data.split.target.train].astype(np.float64)
    for found in (plan.data.normalization.source, plan.data.normalization.target):
        np.testing.assert_allclose(found.scale, 1 / train.std(axis=0), rtol=1e-6)


def test_report_comparison_and_predictions_know_of_no_source(home: Path, free: Run) -> None:
    facts = gather(free)
    page = render_page(facts, None)
    drawn = draw_reliability(facts.sets, facts.results, 15)
    assert "source" not in drawn.caption
    assert run_of(facts).source.probabilities.shape == (0, 3)
    assert len(run_of(facts).target.ids) == 24
    assert "There is no source" in page
    assert "source test" not in page
    found = compare([free], out=home / "comparison.html", latent=False)
    assert not any("source accuracy" in str(table) for table in found.tables)
    assert any("target" in str(table) for table in found.tables)
    assert predict(free, home / "target.npy", out=home / "new.csv").images == 120


def test_a_choice_leaves_out_the_scores_of_a_source(home: Path) -> None:
    training = {**SPEC["training"], "keep": "outputs"}
    start = json.loads((home / "free.json").read_text())["init_from"]
    spec = {**SPEC, "name": "kept", "init_from": start, "training": training}
    (home / "kept.json").write_text(json.dumps(spec))
    kept = dakit.run(home / "kept.json", out=home / "kept", reporter=SilentReporter())
    found = candidates_of([KeptRun(kept.folder, adapts=True)])
    assert "it needs the source" in found.left_out["source_accuracy"]
    assert {"information_maximization", "bnm"} <= set(found.scores)


def refused(home: Path, *changes: str) -> str:
    with pytest.raises(InputError) as caught:
        make_plan(home / "free.json", overrides=changes, reporter=SilentReporter(), dry=True)
    return str(caught.value)


def test_what_needs_a_source_is_refused_with_a_way_out(home: Path) -> None:
    assert "name the run to start from in init_from" in refused(home, "init_from=null")
    assert '("task": null)' in refused(home, "objective.task=cross_entropy")
    assert "'mmd' needs the source" in refused(home, "objective.transfer=mmd")
    told = refused(home, "training.selection=source_accuracy")
    assert "'source_accuracy' needs the source" in told
    offered = set(told.rpartition(": ")[2].split(", "))
    assert {"information_maximization", "oracle", "target_entropy"} <= offered
    assert not {"source_accuracy", "source_loss"} & offered
    assert "'source_loss'" in refused(home, 'training.monitor=["source_loss"]')
    with pytest.raises(InputError, match="have no source"):
        inspect(home / "free.json", out=home / "inspected")
    assert "'class_names' must name the classes" in refused(home, "data.class_names=null")


def test_classes_in_another_order_are_refused(home: Path) -> None:
    told = refused(home, 'data.class_names=["a", "c", "b"]')
    assert "a, b, c; the data name a, c, b" in told


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Run]]:
    """The target of `digits_shift`, and models of its source, whose files are deleted."""
    folder = tmp_path_factory.mktemp("digits")
    pair = DigitsShift().build(BuildContext(seed=0))
    for side, domain in (("source", pair.source), ("target", pair.target)):
        np.save(folder / f"{side}.npy", domain.inputs)
        np.save(folder / f"{side}_labels.npy", domain.labels)
    data = {**DATA, "source": SOURCE, "class_names": list(pair.class_names)}
    started = []
    for seed in (1, 2, 3):
        spec = {**DIGITS_SPEC, "name": "start", "seed": seed, "data": data}
        spec["objective"] = {"task": "cross_entropy"}
        (folder / "start.json").write_text(json.dumps(spec))
        run = dakit.run(folder / "start.json", out=folder / "runs", reporter=SilentReporter())
        started.append(run)
    (folder / "source.npy").unlink()
    (folder / "source_labels.npy").unlink()
    return folder, started


DIGITS_SPEC: dict[str, Any] = {
    "schema_version": 1,
    "model": {"backbone": {"name": "small_cnn", "channels": [8, 16]}},
    "optimizer": {"name": "adam", "lr": 2e-3},
    "training": {"epochs": 5, "batch_size": 64, "selection": "last"},
    "evaluation": {"bootstrap": 0},
}


def accuracy(run: Run) -> float:
    found = read_results(run.folder).test("target")
    assert found is not None
    assert found.accuracy is not None
    return found.accuracy


@pytest.mark.parametrize("method", ["shot", "nrc"])
def test_it_gains_over_the_model_it_starts_from(
    digits: tuple[Path, list[Run]], method: str
) -> None:
    folder, started = digits
    names = read_results(started[0].folder).data.class_names
    gains = []
    for seed, start in enumerate(started, start=1):
        spec = {
            **DIGITS_SPEC,
            "name": method,
            "seed": seed,
            "data": {**DATA, "class_names": names},
            "init_from": {"run": str(start.folder.path), "freeze": ["head"]},
            "objective": {"task": None, "transfer": method},
        }
        (folder / f"{method}.json").write_text(json.dumps(spec))
        run = dakit.run(folder / f"{method}.json", out=folder / "runs", reporter=SilentReporter())
        gains.append(accuracy(run) - accuracy(start))
    assert min(gains) > 0.03
