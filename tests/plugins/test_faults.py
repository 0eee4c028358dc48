"""Whatever code of a component raises, wherever it is called, is told as its in one line."""

from __future__ import annotations

import importlib.util
import json
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dakit
from dakit.cli.app import main
from dakit.errors import InputError, RunError
from dakit.files.lock import locked
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.faults import built, described, faults_told, place_of, reason_of
from dakit.plugins.loading import load_plugins
from dakit.plugins.options import PluginOptions
from dakit.runs.finding import find_runs
from dakit.training import trainer
from dakit.training.reporter import SilentReporter

PLUGIN = Path(__file__).with_name("crooked_plugin.py")
LINES = PLUGIN.read_text().splitlines()
VERSION = f"{zlib.crc32(PLUGIN.read_bytes()):08x}"
HERE = 1 + next(number for number, line in enumerate(LINES) if "# HERE" in line)
RAISED = (
    f"raised IndexError at crooked_plugin.py:{HERE}: index 5 is out of bounds for axis 0 with "
    "size 1; --debug shows"
)
SPEC: dict[str, Any] = {
    "schema_version": 1,
    "name": "crooked",
    "data": "crooked",
    "model": {"backbone": "crooked"},
    "objective": {"task": "cross_entropy", "regularizers": ["crooked"]},
    "training": {"epochs": 1, "device": "cpu", "selection": "crooked"},
    "evaluation": {"bootstrap": 0},
}
SWEEP = {"schema_version": 1, "name": "many", "specs": ["spec.json"], "launcher": "crooked"}
BEFORE_THE_RUN = ("dataset.build", "backbone.build", "term.build")
"""What fails here, fails before there is a run that could be marked."""
IN_THE_RUN = (
    "backbone.forward",
    "backbone.lr_multiplier",
    "backbone.to_rebuild",
    "term.forward",
    "term.backward",
    "term.source_weights",
    "term.diagnostics",
    "term.lr_multiplier",
    "term.phase_optimizer",
    "term.phase_loss",
    "term.on_epoch_start",
    "term.on_epoch_end",
    "validator.build",
    "validator.call",
)
LABELS = {
    "dataset": "dataset",
    "backbone": "backbone",
    "term": "regularizer",
    "validator": "validator",
    "launcher": "launcher",
}


def of(place: str) -> str:
    if place == "term.backward":  # torch's engine calls it, which knows of no term
        return f"the plugin 'crooked_plugin' ({PLUGIN} local {VERSION})"
    label = LABELS[place.partition(".")[0]]
    return f"the {label} 'crooked' of the plugin 'crooked_plugin' ({PLUGIN} local {VERSION})"


@pytest.fixture(autouse=True)
def crooked() -> Iterator[Catalog]:
    """Only the plugin beside this file, and dakit's own."""
    plugins = load_plugins(PluginOptions(allowed=(), modules=(PLUGIN,)))
    with catalog.using(Catalog(plugins.plugins)) as used:
        yield used


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    (tmp_path / "sweep.json").write_text(json.dumps(SWEEP))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run."""
    out = tmp_path_factory.mktemp("finished")
    plugins = load_plugins(PluginOptions(allowed=(), modules=(PLUGIN,)))
    with catalog.using(Catalog(plugins.plugins)):
        return dakit.run(SPEC, out=out, reporter=SilentReporter()).folder.path


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["runs", "runs", "--json"]) == 0
    runs: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return runs


def test_nothing_fails_unasked_and_a_plain_number_is_a_diagnostic(finished: Path) -> None:
    (row,) = dakit.load_run(finished).history
    assert row["diagnostics"].keys() == {"crooked.half", "crooked.critic"}  # and of its phase
    assert row["diagnostics"]["crooked.half"] == 0.5


@pytest.mark.parametrize("place", [*BEFORE_THE_RUN, *IN_THE_RUN])
def test_a_run_tells_whose_line_failed_and_is_marked_failed(
    place: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CROOKED", f"raises {place}")
    assert main(["run", "spec.json", "--no-report"]) == 1
    told = capsys.readouterr().err
    assert told == f"error: {of(place)} {RAISED} the traceback\n"
    if place in BEFORE_THE_RUN:
        assert not (folder / "runs").exists()
        return
    (run,) = listed(capsys)
    assert run["state"] == "failed"
    assert run["problem"] == told.removeprefix("error: ").strip()


@pytest.mark.parametrize("place", [*BEFORE_THE_RUN, "term.forward"])
def test_a_caller_in_python_is_told_the_same(
    place: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROOKED", f"raises {place}")
    with pytest.raises(RunError) as caught:
        dakit.run("spec.json", reporter=SilentReporter())
    assert str(caught.value).startswith(f"{of(place)} {RAISED}")
    assert type(caught.value.__cause__).__name__ == "IndexError"


@pytest.mark.parametrize(
    ("place", "arguments"),
    [
        ("dataset.validator", ["validate", "spec.json"]),
        ("dataset.outline", ["validate", "spec.json"]),
        ("dataset.build", ["evaluate", "{run}", "--data", "spec.json"]),
        ("dataset.read_inputs", ["predict", "{run}", "spec.json", "--out", "table.csv"]),
        ("dataset.remote_files", ["fetch", "crooked"]),
        ("dataset.build", ["inspect", "spec.json"]),
        ("backbone.build", ["export", "{run}"]),
        ("backbone.forward", ["predict", "{run}", "{arrays}", "--out", "table.csv"]),
        ("launcher.build", ["sweep", "sweep.json"]),
        ("launcher.launch", ["sweep", "sweep.json"]),
    ],
)
def test_every_command_tells_it(
    place: str,
    arguments: list[str],
    folder: Path,
    finished: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import numpy as np

    np.save(folder / "new.npy", np.zeros((3, 5)))
    monkeypatch.setenv("CROOKED", f"raises {place}")
    line = [word.format(run=finished, arrays="new.npy") for word in arguments]
    assert main(line) == 1
    assert f"error: {of(place)} {RAISED} the traceback\n" in capsys.readouterr().err
    assert not (folder / "table.csv").exists()


def test_a_sweep_whose_launcher_fails_marks_what_was_running(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROOKED", "raises launcher.launch")
    assert main(["sweep", "sweep.json"]) == 1
    (task,) = json.loads((folder / "runs/many/sweep.json").read_text())["runs"]
    assert (task["state"], task["reason"][:12]) == ("failed", "the launcher")


def test_a_sweep_tells_whose_dataset_fails_and_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CROOKED", "raises dataset.build")
    assert main(["sweep", "sweep.json", "--json"]) == 1
    (task,) = json.loads(capsys.readouterr().out)["runs"]
    assert task["reason"].startswith(f"{of('dataset.build')} {RAISED}")


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize("asked", ["raises", "returns"])
def test_a_broken_table_of_published_numbers_stops_no_comparison(
    asked: str, folder: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROOKED", f"{asked} dataset.published_tables")
    page = folder / "page.html"
    assert main(["compare", str(finished), "--out", str(page)]) == 0
    assert "published tables of crooked were left out" in page.read_text()


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize("place", ["dataset.build", "backbone.build"])
def test_a_report_goes_on_without_the_pictures(
    place: str, folder: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROOKED", f"raises {place}")
    assert main(["report", str(finished)]) == 0
    assert "IndexError" in (finished / "report.html").read_text()


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("dataset.build", "'build' of {} returned ['a', 'list'] (list); it must return a DomainP"),
        ("dataset.source", "'build.source' of {} returned None (NoneType); it must return a Dom"),
        ("dataset.labels", "'build.source.labels' of {} returned [0, 1] (list); it must return"),
        ("dataset.checksums", "'build.provenance.checksums' of {} returned ['abc'] (list); it mu"),
        ("backbone.build", "'build' of {} returned 'a network' (str); it must return a Backbone"),
        ("backbone.feature_dim", "{} has the feature_dim 'four'; it must be the number of feat"),
        ("backbone.width", "{} returned features of shape (63, 4); with its feature_dim 7 they"),
        ("backbone.forward", "'forward' of {} returned None (NoneType); it must return a Tensor"),
        ("backbone.lr_multiplier", "'lr_multiplier' of {} returned 'fast' (str); it must return"),
        ("backbone.to_rebuild", "'to_rebuild' of {} returned {{'name': 'crooked'}} (dict); it"),
        ("term.build", "'build' of {} returned None (NoneType); it must return a LossTerm"),
        ("term.forward", "'forward' of {} returned 0.5 (float); it must return a Tensor"),
        ("term.source_weights", "'source_weights' of {} returned [1, 2] (list); it must return"),
        ("term.diagnostics", "'diagnostics' of {} returned 'a half' (str); it must return a sin"),
        ("term.lr_multiplier", "'lr_multiplier' of {} returned 'fast' (str); it must return a "),
        (
            "term.phase_optimizer",
            "'optimizer of crooked.critic' of {} returned 'adam' (str); it mu",
        ),
        ("term.phase_loss", "'phase_loss' of {} returned (1, 2) (tuple); it must retur"),
        ("validator.build", "'build' of {} returned 5 (int); it must return a Validator"),
        ("validator.call", "'__call__' of {} returned None (NoneType); it must return a single"),
    ],
)
def test_what_a_component_must_not_return_is_told_with_what_it_must(
    place: str,
    told: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CROOKED", f"returns {place}")
    assert main(["run", "spec.json", "--no-report"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: " + told.format(of(place)))


@pytest.mark.parametrize(
    ("place", "arguments"),
    [
        ("dataset.outline", ["validate", "spec.json"]),
        ("dataset.read_inputs", ["predict", "{run}", "spec.json", "--out", "table.csv"]),
        ("dataset.remote_files", ["fetch", "crooked"]),
        ("launcher.build", ["sweep", "sweep.json"]),
        ("launcher.launch", ["sweep", "sweep.json"]),
    ],
)
def test_commands_tell_what_must_be_returned(
    place: str,
    arguments: list[str],
    folder: Path,
    finished: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CROOKED", f"returns {place}")
    assert main([word.format(run=finished) for word in arguments]) == 1
    method = place.partition(".")[2]
    assert f"error: '{method}' of {of(place)} returned" in capsys.readouterr().err


def test_a_fault_of_dakit_itself_is_no_components_and_its_run_is_marked_failed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trainer, "append_json_line", lambda *_: {}["nothing"])
    assert main(["run", "spec.json"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: KeyError at test_faults.py:")
    (run,) = listed(capsys)
    assert run["state"] == "failed"
    assert told == f"error: {run['problem']}\n"


def test_a_fault_of_dakit_itself_outside_a_run_stays_a_traceback(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dakit.runs.finding.find_runs", lambda *_: {}["nothing"])
    with pytest.raises(KeyError):
        main(["runs", "runs"])


def test_what_was_interrupted_is_not_marked_failed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(trainer, "append_json_line", interrupt)
    assert main(["run", "spec.json"]) == 130
    (run,) = listed(capsys)
    assert run["state"] == "interrupted"


@pytest.fixture
def interrupted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run that Ctrl-C has ended."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "append_json_line", interrupt)
        assert main(["run", "spec.json", "--no-report"]) == 130
    (run,) = (folder / "runs").glob("crooked-*")
    return run


def on(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROOKED", f"raises {place}")


@pytest.mark.parametrize("place", [*BEFORE_THE_RUN, "validator.build"])
def test_a_run_that_cannot_go_on_since_its_component_is_not_built_is_marked_failed(
    place: str,
    interrupted: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert listed(capsys)[0]["state"] == "interrupted"
    on(place, monkeypatch)
    assert main(["run", "spec.json", "--no-report", "--resume"]) == 1
    told = capsys.readouterr().err
    (run,) = listed(capsys)
    assert run["state"] == "failed"
    assert told.endswith(f"error: {run['problem']}\n")
    assert run["problem"].startswith(f"{of(place)} {RAISED}")
    monkeypatch.delenv("CROOKED")
    assert main(["run", "spec.json", "--no-report", "--resume"]) == 0
    (run,) = listed(capsys)
    assert (run["state"], run["problem"]) == ("finished", None)


@pytest.mark.parametrize("place", BEFORE_THE_RUN)
def test_what_fails_to_start_marks_no_run_that_is_at_work_or_only_planned(
    place: str,
    interrupted: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    on(place, monkeypatch)
    with locked(interrupted / ".lock", print, print):
        assert main(["run", "spec.json", "--no-report", "--resume"]) == 1
        assert listed(capsys)[0]["state"] == "running"
    assert main(["run", "spec.json", "--dry-run"]) == 1
    assert listed(capsys)[0]["state"] == "interrupted"
    assert main(["run", "spec.json", "--resume", "--set", "training.epochs=2"]) == 1
    assert listed(capsys)[0]["state"] == "interrupted", "another run was meant"


def test_a_finished_run_stays_finished_where_its_data_cannot_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "spec.json", "--no-report"]) == 0
    on("dataset.build", monkeypatch)
    assert main(["run", "spec.json", "--resume"]) == 1
    assert listed(capsys)[0]["state"] == "finished"
    assert not list(folder.rglob("error.json"))


def test_a_sweep_marks_the_run_that_cannot_go_on_since_its_data_cannot_be_read(
    folder: Path, interrupted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on("dataset.build", monkeypatch)
    assert main(["sweep", "sweep.json", "--out", "runs", "--dry-run"]) == 0
    assert find_runs(folder / "runs")[0].state == "interrupted"
    assert main(["sweep", "sweep.json", "--out", "runs"]) == 1
    (run,) = find_runs(folder / "runs")
    assert run.state == "failed"
    assert (run.problem or "").startswith(f"{of('dataset.build')} {RAISED}")


def load(text: str, path: Path) -> Any:
    """Return the module that ``text`` in the file ``path`` is."""
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def crooked_scores(used: Catalog) -> Any:
    return used.find("validator", "crooked")()


@pytest.mark.parametrize("error", [InputError("wrong"), RunError("NaN")])
def test_what_dakit_says_itself_stays(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, faults_told():
        raise error
    assert caught.value is error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), ValueError("ours")])
def test_what_no_component_raised_stays(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, faults_told():
        raise error
    assert caught.value is error


def test_a_component_that_ends_the_process_is_told(
    crooked: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = crooked.find("validator", "crooked")
    module = sys.modules[spec.__module__]
    monkeypatch.setattr(module, "at", eval("lambda *_: exit(3)", {"exit": sys.exit}))
    with pytest.raises(SystemExit), faults_told():  # its innermost frame is this test's
        built(spec(), None, object)
    code = compile("def at(*_):\n    raise SystemExit(3)\n", str(PLUGIN), "exec")
    exec(code, vars(module))
    with (
        pytest.raises(RunError, match=r"the validator 'crooked'.* raised SystemExit at"),
        faults_told(),
    ):
        built(spec(), None, object)


def test_the_cause_counts_where_the_exception_itself_is_of_no_component(
    crooked: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score() -> None:
        try:
            crooked_scores(crooked).build(None)
        except IndexError as error:
            raise KeyError("x") from error

    monkeypatch.setenv("CROOKED", "raises validator.build")
    with pytest.raises(RunError, match="IndexError"), faults_told():
        score()


def test_what_a_component_said_itself_is_no_fault_of_its(
    crooked: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = crooked.find("validator", "crooked")

    def refuse(*_: object) -> None:
        raise InputError("no such file")

    def handle() -> None:
        try:
            spec().build(None)
        except InputError:
            {}["a fault of dakit"]

    monkeypatch.setattr(sys.modules[spec.__module__], "at", refuse)
    with pytest.raises(KeyError), faults_told():
        handle()


def test_what_a_component_built_is_known_by_its_name(crooked: Catalog) -> None:
    score = built(crooked_scores(crooked), None, object)
    assert described(score) == of("validator.build")
    assert described(object()) == "'object'"


def test_a_component_in_no_catalog_has_a_place_all_the_same(tmp_path: Path) -> None:
    module = load(
        "class Component:\n    def fail(self):\n        return 1 / 0\n", tmp_path / "m.py"
    )
    with pytest.raises(ZeroDivisionError) as caught:
        module.Component().fail()
    assert place_of(caught.value, module.Component) == "m.py:3"
    assert place_of(caught.value, Path) == ""
    assert reason_of(caught.value).startswith("ZeroDivisionError at m.py:3: division by")
