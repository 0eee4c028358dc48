"""What the trackers wrote is read back with the tools that it was written for."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import dakit
from dakit import TrackerSpec
from dakit.contracts import BuildContext, TrackedRun
from dakit.plugins import catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo
from dakit.testing import BoundCheck, bound_checks
from dakit.training.reporter import Reporter
from dakit_trackers import plugin
from dakit_trackers.mlflow import MLflow
from dakit_trackers.numbers import of_results, of_row, settings
from dakit_trackers.tensorboard import TensorBoard
from dakit_trackers.wandb import WandB

pytestmark = pytest.mark.filterwarnings("ignore")  # of libraries that are not ours
SPECS: tuple[type[TrackerSpec], ...] = (TensorBoard, MLflow, WandB)
History = Callable[[str], list[tuple[int, float]]]
NEEDS = {
    TensorBoard: ["tensorboard"],
    MLflow: ["mlflow", "sqlalchemy", "alembic"],
    WandB: ["wandb"],
}


def needs(spec_class: type[TrackerSpec]) -> None:
    for library in NEEDS[spec_class]:
        pytest.importorskip(library)


@pytest.fixture(autouse=True)
def _nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "WANDB_MODE", "WANDB_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of MLflow for all tests: to make one takes seconds."""
    made = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    if find_spec("mlflow"):
        from mlflow import MlflowClient

        MlflowClient(tracking_uri=f"sqlite:///{made}").search_experiments()
    return made


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder))
    events.Reload()
    names = events.Tags()["scalars"]
    return {name: [(e.step, e.value) for e in events.Scalars(name)] for name in names}


def only_mlflow_run(store: Path, run_id: str) -> tuple[Any, History]:
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{store}")
    (experiment,) = [e for e in client.search_experiments() if e.name == "dakit"]
    tag = f"tags.`dakit.run_id` = '{run_id}'"
    (run,) = client.search_runs([experiment.experiment_id], tag)

    def history(name: str) -> list[tuple[int, float]]:
        return [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, name)]

    return run, history


def wandb_records(folder: Path) -> Iterator[Any]:
    """Yield the records of the offline runs in ``folder``: a LevelDB log of protocol buffers."""
    import wandb
    from wandb.proto import wandb_internal_pb2

    wandb.teardown()  # as at the end of the process: until then the latest may not be on the disk
    for file in sorted(folder.glob("wandb/offline-run-*/*.wandb")):
        data, at, whole = file.read_bytes(), 7, b""
        while at + 7 <= len(data):
            if 32768 - at % 32768 < 7:  # blocks of 32 KiB are filled up with zeros
                at += 32768 - at % 32768
                continue
            _, length, kind = struct.unpack("<IHB", data[at : at + 7])
            whole += data[at + 7 : at + 7 + length]
            at += 7 + length
            if kind in (1, 4):  # a whole record, or the last piece of one
                yield wandb_internal_pb2.Record.FromString(whole)
                whole = b""


def logged(records: list[Any], kind: str, items: str) -> list[dict[str, str]]:
    found = [
        getattr(getattr(r, kind), items) for r in records if r.WhichOneof("record_type") == kind
    ]
    return [{i.key or ".".join(i.nested_key): i.value_json for i in each} for each in found]


def row(epoch: int) -> dict[str, Any]:
    return {
        "epoch": epoch,
        "learning_rate": 0.5,
        "losses": {"total": 1 / epoch},
        "weights": {"a": 1.0},
        "gradient_shares": {"a": None},
        "diagnostics": {},
        "scores": {"source_accuracy": 0.75},
    }


RESULTS = {"metrics": {"target_test": {"accuracy": 0.5, "auc": None, "n": 8}, "source_test": None}}


def interrupted_and_resumed(spec: TrackerSpec, folder: Path, name: str) -> Path:
    """Tell of epochs 1 and 2, then again of 2, and of 3; return the tracker's folder."""
    folder.mkdir()
    own = folder / "trackers" / name
    run = TrackedRun("a run", "0123456789", folder, own, {"model": {"width": 3}, "steps": [1]})
    for done, epochs, results in ((0, (1, 2), None), (1, (2, 3), RESULTS)):
        tracker = spec.build(BuildContext(seed=0))
        tracker.begin(replace(run, epochs_done=done))
        for epoch in epochs:
            tracker.epoch(row(epoch))
        tracker.end(replace(run, results=results))
    return own


def test_tensorboard_reads_every_epoch_once(tmp_path: Path) -> None:
    needs(TensorBoard)
    found = scalars(interrupted_and_resumed(TensorBoard(), tmp_path / "run", "tensorboard"))
    assert found["losses/total"] == [(1, 1.0), (2, 0.5), (3, pytest.approx(1 / 3))]
    assert found["scores/source_accuracy"] == [(epoch, 0.75) for epoch in (1, 2, 3)]
    assert found["target_test/accuracy"] == [(3, 0.5)]
    assert "gradient_shares/a" not in found


def test_mlflow_has_one_run_with_parameters_and_metrics(tmp_path: Path, store: Path) -> None:
    needs(MLflow)
    shutil.copy(store, tmp_path)  # into its own place beside the run folder
    interrupted_and_resumed(MLflow(), tmp_path / "run", "mlflow")
    run, history = only_mlflow_run(tmp_path / "mlflow.db", "0123456789")
    assert run.info.run_name == "a run"
    assert run.info.status == "FINISHED"
    assert run.data.tags["dakit.run_id"] == "0123456789"
    assert run.data.params == {"model.width": "3", "steps": "[1]"}
    assert run.data.metrics["target_test/accuracy"] == 0.5
    told = [(1, 1.0), (2, 0.5), (2, 0.5), (3, pytest.approx(1 / 3))]
    assert sorted(history("losses/total")) == told


def test_wandb_writes_offline_runs_of_one_id(tmp_path: Path) -> None:
    needs(WandB)
    own = interrupted_and_resumed(WandB(project="mine"), tmp_path / "run", "wandb")
    records = list(wandb_records(own))
    runs = [r.run for r in records if r.WhichOneof("record_type") == "run"]
    assert {(run.run_id, run.project) for run in runs} == {("0123456789", "mine")}
    assert len(list(own.glob("wandb/offline-run-*"))) == 2
    steps = logged(records, "history", "item")
    assert [(s["_step"], s["losses/total"]) for s in steps][:2] == [("1", "1"), ("2", "0.5")]
    assert {s["_step"] for s in steps} == {"1", "2", "3"}
    summaries = logged(records, "summary", "update")
    assert {"target_test/accuracy": "0.5"}.items() <= {
        k: v for s in summaries for k, v in s.items()
    }.items()


def test_a_run_is_told_to_all_that_are_there(tmp_path: Path, store: Path) -> None:
    notes: list[str] = []

    class Notes(Reporter):
        def note(self, text: str) -> None:
            notes.append(text)

    known = tuple(c.spec_class for c in catalog.current().components() if c.kind != "tracker")
    builtin = LoadedPlugin(PluginInfo("builtin", dakit.__version__, "dakit"), known)
    ours = LoadedPlugin(PluginInfo("trackers", "0.1.0", "dakit-trackers"), SPECS)
    spec = {
        "schema_version": 1,
        "name": "tiny",
        "data": "digits_shift",
        "model": {"backbone": {"name": "mlp", "hidden": [2]}},
        "objective": {},
        "training": {"epochs": 2, "batch_size": 512},
        "evaluation": {"bootstrap": 0},
        "trackers": ["tensorboard", {"name": "mlflow", "uri": f"sqlite:///{store}"}],
    }
    with catalog.using(catalog.Catalog([builtin, ours])):
        run = dakit.run(spec, out=tmp_path, reporter=Notes())
    failed = [text for text in notes if "is told nothing more" in text]
    accuracy = run.results["metrics"]["target_test"]["accuracy"]
    totals = [(each["epoch"], pytest.approx(each["losses"]["total"])) for each in run.history]
    for name, spec_class in (("tensorboard", TensorBoard), ("mlflow", MLflow)):
        try:
            needs(spec_class)
        except pytest.skip.Exception:
            assert any(f"pip install 'dakit-trackers[{name}]'" in text for text in failed)
            continue
        if name == "tensorboard":
            found = scalars(run.folder.path / "trackers" / name)
            assert found["losses/total"] == totals
            assert found["target_test/accuracy"] == [(2, pytest.approx(accuracy))]
        else:
            made, history = only_mlflow_run(store, run.results["run_id"])
            assert history("losses/total") == totals
            assert made.data.metrics["target_test/accuracy"] == pytest.approx(accuracy)
            assert made.data.params["model.backbone.name"] == "mlp"


CHECKS = [each for spec_class in SPECS for each in bound_checks(spec_class)]


@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_conformance(check: BoundCheck, monkeypatch: pytest.MonkeyPatch, store: Path) -> None:
    spec_class = check.subject.spec_class
    assert issubclass(spec_class, TrackerSpec)
    needs(spec_class)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{store}")
    check()


def test_numbers_and_settings_are_flat() -> None:
    assert of_row(row(2)) == {
        "losses/total": 0.5,
        "scores/source_accuracy": 0.75,
        "weights/a": 1.0,
        "learning_rate": 0.5,
    }
    assert of_results(RESULTS) == {"target_test/accuracy": 0.5}
    assert of_results(None) == {}
    spec = {"a": {"b": 1, "c": [1, 2]}, "d": [{"name": "x"}], "e": None, "f": []}
    flat = {"a.b": 1, "a.c": [1, 2], "d.0.name": "x", "e": None, "f": []}
    assert dict(settings(spec)) == flat


def test_importing_the_plugin_loads_none_of_the_libraries() -> None:
    assert plugin.dakit_trackers() == list(SPECS)
    code = (
        "import sys, dakit_trackers.plugin; "
        "print({'torch', 'numpy', 'mlflow', 'tensorboard', 'wandb'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == "set()"
