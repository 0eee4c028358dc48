"""One run from spec to results, through the Python API."""

from __future__ import annotations

import errno
import io
import json
import os
import platform
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

import dakit
from dakit.contracts import DomainSplit, PairSplit
from dakit.data.prepare import fingerprint
from dakit.data.splits import load_split, save_split
from dakit.errors import InputError, RunError
from dakit.files.lock import locked
from dakit.files.writing import write_text
from dakit.runs.finding import find_runs
from dakit.runs.model_folder import load_model
from dakit.runs.results import read_results
from dakit.training.reporter import LineReporter, SilentReporter
from dakit.workflows.train import make_plan


def tiny(**changes: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "schema_version": 1,
        "name": "tiny",
        "seed": 3,
        "data": {"name": "digits_shift"},
        "model": {"backbone": {"name": "small_cnn", "channels": [4, 8]}},
        "objective": {"task": "cross_entropy", "transfer": "mmd"},
        "training": {"epochs": 2, "batch_size": 256},
        "evaluation": {"bootstrap": 20},
    }
    return {**spec, **changes}


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def run(spec: dict[str, Any], out: Path, **options: Any) -> dakit.workflows.train.Run:
    return dakit.run(spec, out=out, reporter=SilentReporter(), **options)


def weights(result: dakit.workflows.train.Run) -> bytes:
    return (result.folder.model / "weights.safetensors").read_bytes()


def test_needs_are_checked_and_the_data_named_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def counted(module: Any, name: str) -> None:
        function = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given: calls.append(name) or function(*given))

    counted(dakit.workflows.train, "check_needs")
    for module in (dakit.workflows.train, dakit.data.prepare):
        counted(module, "fingerprint")
    result = run(tiny(), tmp_path)
    assert sorted(calls) == ["check_needs", "fingerprint"]
    pair = make_plan(tiny(), reporter=SilentReporter(), dry=True).data.pair
    assert result.results["data"]["fingerprint"] == fingerprint(pair)


def test_a_run_leaves_the_promised_folder(tmp_path: Path) -> None:
    result = run(tiny(), tmp_path)
    folder = result.folder.path
    assert folder.name == f"tiny-{result.results['run_id']}"
    for name in (
        "spec.json",
        "resolved.json",
        "environment.json",
        "metrics.jsonl",
        "results.json",
        "predictions.csv",
        "split.npz",
        "model/weights.safetensors",
        "model/model.json",
    ):
        assert (folder / name).stat().st_size > 0, name
    assert [row["epoch"] for row in result.history] == [1, 2]
    assert {"total", "cross_entropy", "mmd"} <= set(result.history[0]["losses"])
    for part in ("source_test", "target_test"):
        metrics = result.metrics[part]
        assert metrics["n"] > 50
        low, high = metrics["intervals"]["accuracy"]
        assert low <= metrics["accuracy"] <= high
    assert result.results["data"]["origin"] == "generated"
    assert not list(folder.rglob("*.part"))


def test_predictions_agree_with_the_results(tmp_path: Path) -> None:
    result = run(tiny(), tmp_path)
    rows = [r for r in result.predictions if (r["domain"], r["split"]) == ("target", "test")]
    hits = np.mean([r["label"] == r["predicted"] for r in rows])
    assert hits == pytest.approx(result.metrics["target_test"]["accuracy"], abs=1e-12)
    assert len({(r["domain"], r["id"]) for r in result.predictions}) == len(result.predictions)


def test_the_saved_model_predicts_what_the_run_predicted(tmp_path: Path) -> None:
    result = run(tiny(), tmp_path)
    saved = result.model()
    assert saved.class_names == tuple(str(d) for d in range(10))
    inputs = torch.randn(3, *saved.input_shape)
    saved.network.eval()
    with torch.no_grad():
        assert saved.network(inputs)[1].shape == (3, 10)


def test_two_runs_give_the_same_numbers_and_another_seed_others(tmp_path: Path) -> None:
    first, second = run(tiny(), tmp_path / "a"), run(tiny(), tmp_path / "b")
    other = run(tiny(seed=4), tmp_path / "c")
    assert weights(first) == weights(second)
    assert first.metrics == second.metrics
    assert first.results["run_id"] == second.results["run_id"]
    assert weights(first) != weights(other)
    assert first.results["run_id"] != other.results["run_id"]


def test_a_finished_run_is_not_repeated(tmp_path: Path) -> None:
    first = run(tiny(), tmp_path)
    stamp = first.folder.results.stat().st_mtime_ns
    again = run(tiny(name="tiny", description="other words"), tmp_path)
    assert again.folder == first.folder
    assert again.folder.results.stat().st_mtime_ns == stamp


def test_an_interrupted_run_needs_resume(tmp_path: Path) -> None:
    first = run(tiny(), tmp_path)
    expected = weights(first)
    first.folder.results.unlink()
    with pytest.raises(InputError, match="--resume"):
        run(tiny(), tmp_path)
    assert weights(run(tiny(), tmp_path, resume=True)) == expected


def test_a_resumed_run_keeps_the_split_it_stored(tmp_path: Path) -> None:
    first = run(tiny(), tmp_path)
    stored = load_split(first.folder.split)
    # the same parts with two rows exchanged: nothing that would ever be drawn again
    train, test = stored.source.train.copy(), stored.source.test.copy()
    train[0], test[0] = test[0], train[0]
    changed = DomainSplit(np.sort(train), stored.source.validation, np.sort(test))
    save_split(first.folder.split, PairSplit(changed, stored.target))
    first.folder.results.unlink()
    run(tiny(), tmp_path, resume=True)
    kept = load_split(first.folder.split)
    assert np.array_equal(kept.source.train, changed.train)
    tested = {r["id"] for r in first.predictions if (r["domain"], r["split"]) == ("source", "test")}
    assert len(tested) == len(changed.test)


def test_all_terms_together(tmp_path: Path) -> None:
    objective = {
        "task": "cross_entropy",
        "transfer": {"name": "dann", "hidden": [16]},
        "regularizers": [{"name": "fisher", "weight": 0.01}, {"name": "entropy", "weight": 0.05}],
    }
    row = run(tiny(objective=objective), tmp_path).history[-1]
    assert 0 <= row["diagnostics"]["dann.domain_accuracy"] <= 1
    total = sum(row["weights"][name] * row["losses"][name] for name in row["weights"])
    assert total == pytest.approx(row["losses"]["total"], rel=1e-4)


def test_balanced_class_weights_are_those_of_the_source_training_images(tmp_path: Path) -> None:
    spec = tiny(objective={"task": {"name": "cross_entropy", "class_weights": "balanced"}})
    plan = make_plan(spec, out=tmp_path, reporter=SilentReporter(), dry=True)
    labels = plan.data.pair.source.labels
    assert labels is not None
    trained = labels[plan.data.split.source.train]
    expected = compute_class_weight("balanced", classes=np.arange(10), y=trained)
    weights = plan.objective.terms["cross_entropy"].weights
    np.testing.assert_allclose(weights.numpy(), expected, rtol=1e-6)


def test_choosing_by_target_labels_is_stamped(tmp_path: Path) -> None:
    training = {"epochs": 1, "batch_size": 256, "selection": "oracle"}
    selection = run(tiny(training=training), tmp_path).results["selection"]
    assert selection["validator"] == "oracle"
    assert selection["used_target_labels"] is True


def test_target_labels_change_nothing_before_evaluation(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.normal(size=(120, 1, 8, 8)).astype(np.float32)
    labels = rng.integers(0, 2, 120)
    for name, array in {
        "x": images,
        "y": labels,
        "x2": images + 1,
        "honest": labels,
        "shuffled": rng.permutation(labels),
    }.items():
        np.save(tmp_path / f"{name}.npy", array)

    def with_labels(name: str) -> dakit.workflows.train.Run:
        data = {
            "name": "arrays",
            "source": {"inputs": str(tmp_path / "x.npy"), "labels": str(tmp_path / "y.npy")},
            "target": {"inputs": str(tmp_path / "x2.npy"), "labels": str(tmp_path / name)},
        }
        return run(tiny(data=data), tmp_path / name.split(".")[0])

    assert weights(with_labels("honest.npy")) == weights(with_labels("shuffled.npy"))


def test_transfer_learning_runs_the_earlier_spec_once(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text(json.dumps(tiny(name="first")))
    second.write_text(
        json.dumps(
            tiny(name="second", init_from={"spec": "first.json"}, objective={"transfer": "dann"})
        )
    )
    result = dakit.run(second, out=tmp_path / "runs", reporter=SilentReporter())
    folders = sorted(path.name.split("-")[0] for path in (tmp_path / "runs").iterdir())
    assert folders == ["first", "second"]
    earlier = next((tmp_path / "runs").glob("first-*"))
    normalization = json.loads((earlier / "model" / "model.json").read_text())["normalization"]
    inherited = json.loads((result.folder.model / "model.json").read_text())["normalization"]
    assert inherited == normalization


def test_source_free_adaptation(tmp_path: Path) -> None:
    first = run(tiny(name="first"), tmp_path)
    spec = tiny(
        name="source_free",
        init_from={"run": str(first.folder.path)},
        objective={"task": None, "regularizers": [{"name": "entropy", "weight": 1.0}]},
    )
    row = run(spec, tmp_path).history[-1]
    assert set(row["losses"]) == {"total", "entropy"}


def test_a_start_that_does_not_fit_names_both_sides(tmp_path: Path) -> None:
    first = run(tiny(name="first"), tmp_path)
    model = {"backbone": {"name": "small_cnn", "channels": [4, 6]}}
    spec = tiny(name="second", model=model, init_from={"run": str(first.folder.path)})
    with pytest.raises(InputError) as caught:
        run(spec, tmp_path)
    assert "8" in str(caught.value)
    assert "6" in str(caught.value)
    assert not list(tmp_path.glob("second-*"))


def test_a_loss_that_becomes_nan_stops_the_run_by_name(tmp_path: Path) -> None:
    objective = {"task": {"name": "cross_entropy", "weight": 1e30}, "transfer": "mmd"}
    optimizer = {"name": "sgd", "lr": 1e6}
    with pytest.raises(RunError, match=r"(?s)(cross_entropy|mmd).*epoch 1"):
        run(tiny(objective=objective, optimizer=optimizer, schedule="constant"), tmp_path)
    folder = next(tmp_path.glob("tiny-*"))
    assert "epoch" in json.loads((folder / "error.json").read_text())["message"]
    assert not (folder / "results.json").exists()


@pytest.mark.parametrize(
    ("place", "error", "told"),
    [
        ("evaluate", MemoryError("Unable to allocate 8 PiB"), "Unable to allocate 8 PiB"),
        ("make_reference", np.linalg.LinAlgError("SVD did not converge"), "SVD did not converge"),
        ("_results", KeyError("lost"), "lost"),
        ("save_reference", RunError("cannot write it: No space left"), "No space left"),
    ],
)
def test_what_fails_after_training_leaves_model_and_reason_and_can_be_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, error: Exception, told: str
) -> None:
    def fails(*_arguments: Any, **_options: Any) -> None:
        raise error

    spec = tiny(training={"epochs": 1, "batch_size": 512})
    with monkeypatch.context() as patch:
        patch.setattr(f"dakit.workflows.train.{place}", fails)
        with pytest.raises(RunError, match=told) as caught:
            run(spec, tmp_path)
    assert caught.value is error or caught.value.__cause__ is error
    (found,) = find_runs(tmp_path)
    assert (found.state, found.epochs_run) == ("failed", 1)
    assert told in (found.problem or "")
    saved = load_model(found.folder / "model").network.state_dict()
    again = run(spec, tmp_path, resume=True)
    assert all(torch.equal(saved[k], v) for k, v in again.model().network.state_dict().items())
    assert [row["epoch"] for row in again.history] == [1]
    assert find_runs(tmp_path)[0].state == "finished"


def test_ids_that_are_no_text_are_refused_before_the_first_step(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    sides = {}
    for side in ("source", "target"):
        np.save(tmp_path / f"{side}.npy", rng.normal(size=(60, 3)).astype(np.float32))
        np.save(tmp_path / f"{side}_y.npy", np.arange(60) % 2)
        np.save(tmp_path / f"{side}_id.npy", np.array([f"gal_\udce9{row}" for row in range(60)]))
        sides[side] = {
            "inputs": str(tmp_path / f"{side}.npy"),
            "labels": str(tmp_path / f"{side}_y.npy"),
            "ids": str(tmp_path / f"{side}_id.npy"),
        }
    model = {"backbone": {"name": "mlp", "hidden": [3]}}
    with pytest.raises(InputError, match=r"source: ids must be text"):
        run(tiny(data={"name": "arrays", **sides}, model=model), tmp_path / "runs")
    assert not find_runs(tmp_path / "runs")


def test_a_text_that_is_no_unicode_is_told_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text("before")
    with pytest.raises(RunError, match=r"predictions\.csv.*gal_\\udce9"):
        write_text(path, "id\ngal_\udce9")
    assert path.read_text() == "before"


def test_load_run(tmp_path: Path) -> None:
    result = run(tiny(), tmp_path)
    assert dakit.load_run(result.folder.path).results == result.results
    with pytest.raises(InputError, match=r"results\.json"):
        dakit.load_run(tmp_path)


def test_a_file_system_without_locks_trains_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    told = io.StringIO()
    spec = tiny(training={"epochs": 1, "batch_size": 512})
    done = dakit.run(spec, out=tmp_path, reporter=LineReporter(told))
    assert f"{done.folder.path} cannot be locked" in told.getvalue()
    assert done.folder.state == "finished"


def test_a_second_start_says_who_is_at_work_and_not_to_remove_it(tmp_path: Path) -> None:
    spec = tiny()
    plan = make_plan(spec, out=tmp_path, reporter=SilentReporter())
    plan.folder.path.mkdir()
    with locked(plan.folder.lock, print, print), pytest.raises(InputError) as caught:
        run(spec, tmp_path)
    who = f"process {os.getpid()} on {platform.node()}"
    assert f"{who} is at work on the run in {plan.folder.path}" in str(caught.value)
    assert "remove" not in str(caught.value)
    with pytest.raises(InputError, match="was interrupted: go on with --resume"):
        run(spec, tmp_path)
    assert [path.name for path in plan.folder.path.iterdir()] == []


def test_a_run_that_another_process_is_at_waits_and_is_not_repeated(tmp_path: Path) -> None:
    done = run(tiny(training={"epochs": 1, "batch_size": 512}), tmp_path)
    results = done.folder.results.read_bytes()
    done.folder.results.unlink()  # as if it were still going on
    told: list[str] = []
    other = ExitStack()

    class Waiting(SilentReporter):  # type: ignore[misc]  # final, but short
        def note(self, text: str) -> None:
            told.append(text)
            done.folder.results.write_bytes(results)
            other.close()

    with other:
        other.enter_context(locked(done.folder.lock, print, print))
        spec = tiny(training={"epochs": 1, "batch_size": 512})
        again = dakit.run(spec, out=tmp_path, resume=True, reporter=Waiting())
    assert len(told) == 1
    assert told[0].startswith("waiting for process ")
    assert again.folder.results.read_bytes() == results
    assert not done.folder.lock.exists()


@final
class Meanwhile:
    """A reporter that does something when an epoch ends."""

    def __init__(self, act: Callable[[], object], after: int) -> None:
        self._act, self._after, self._silent = act, after, SilentReporter()

    def epoch(self, row: Mapping[str, Any]) -> None:
        if row["epoch"] == self._after:
            self._act()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._silent, name)


def test_a_run_that_trains_is_listed_as_running(tmp_path: Path) -> None:
    seen: list[tuple[str, str | None]] = []

    def look() -> None:
        seen.extend((each.state, each.at_work) for each in find_runs(tmp_path))

    spec = tiny(training={"epochs": 1, "batch_size": 512}, evaluation={"bootstrap": 0})
    dakit.run(spec, out=tmp_path, reporter=Meanwhile(look, after=1))
    assert seen == [("running", f"process {os.getpid()} on {platform.node()}")]
    assert [(each.state, each.at_work) for each in find_runs(tmp_path)] == [("finished", None)]


@pytest.mark.parametrize("after", [1, 2], ids=["before an epoch", "before the evaluation"])
@pytest.mark.parametrize("how", ["shrinks", "is written to"])
def test_a_mapped_file_that_changes_ends_the_run_with_its_name(
    tmp_path: Path, how: str, after: int
) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.random.default_rng(0).normal(size=(3000, 4)))
    np.save(tmp_path / "y.npy", np.arange(3000) % 2)
    files = {"inputs": str(path), "labels": str(tmp_path / "y.npy")}
    spec = tiny(
        data={"name": "arrays", "source": files, "target": files},
        model={"backbone": {"name": "mlp", "hidden": [4]}},
        objective={},
    )

    def change() -> None:
        if how == "shrinks":
            os.truncate(path, 200)
        else:
            os.utime(path, (0, 0))

    with pytest.raises(RunError, match=r"x\.npy has (changed|become shorter)"):
        dakit.run(spec, out=tmp_path / "runs", reporter=Meanwhile(change, after))
    (found,) = find_runs(tmp_path / "runs")
    assert found.state == "failed"


def test_a_run_with_adabn_is_trained_as_without_and_scored_with_the_statistics_of_the_target(
    tmp_path: Path,
) -> None:
    alone = tiny(name="plain", objective={"task": "cross_entropy"})
    training = {**alone["training"], "batch_norm": "adabn"}
    plain = run(alone, tmp_path)
    changed = run({**alone, "name": "adabn", "training": training}, tmp_path)
    results = [read_results(each.folder) for each in (plain, changed)]
    assert results[0].test("source") == results[1].test("source")
    assert results[0].test("target") != results[1].test("target")
    assert results[1].adaptation is not None
    assert results[1].adaptation.batch_norm == "adabn"
    state = changed.model().network.state_dict()
    again = plain.model().network.state_dict()
    norms = [name for name in again if name.endswith("running_mean")]
    assert norms
    for name in norms:
        layer, what = name.rsplit(".", 1)
        assert torch.equal(state[f"{layer}.source.{what}"], again[name])
        assert not torch.equal(state[f"{layer}.target.{what}"], again[name])
