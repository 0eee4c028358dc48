"""A sweep carried out in this process: what is run, what is skipped, what is kept."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from rich.console import Console

from dakit import LauncherSpec
from dakit.cli.app import main
from dakit.contracts import BuildContext, Job, JobUpdate, Launcher
from dakit.errors import InputError, RunError
from dakit.files.lock import locked
from dakit.files.writing import read_json
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo, load_plugins
from dakit.plugins.options import PluginOptions
from dakit.reporting.sweep_table import watching
from dakit.training.reporter import SilentReporter
from dakit.workflows import sweep_tasks, train
from dakit.workflows.compare import Comparison, gather
from dakit.workflows.sweep import Sweep, last_words, plan_sweep, sweep

RUN = {
    "schema_version": 1,
    "name": "plain",
    "data": {
        "name": "arrays",
        "source": {"inputs": "images.npy", "labels": "labels.npy"},
        "target": {"inputs": "images.npy", "labels": "labels.npy"},
    },
    "model": {"backbone": {"name": "mlp", "hidden": [8]}},
    "objective": {},
    "training": {"epochs": 2, "batch_size": 32, "device": "cpu"},
    "evaluation": {"bootstrap": 0},
}
SPECS: dict[str, dict[str, Any]] = {
    "plain": {},
    "mmd": {"objective": {"transfer": "mmd"}},
    "tl": {"init_from": {"spec": "mmd.json"}},
    "tl_too": {"init_from": {"spec": "mmd.json"}, "objective": {"transfer": "mmd"}},
    "no_data": {
        "data": {
            "name": "arrays",
            "source": {"inputs": "no.npy", "labels": "no.npy"},
            "target": {"inputs": "no.npy"},
        }
    },
    "no_device": {"training": {"device": "cuda:77"}},
    "no_start": {"init_from": {"spec": "no_device.json"}},
}
Launch = Callable[[Sequence[Job]], Generator[JobUpdate, None, None]]


def inline(jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
    """Carry out each job in this process; nobody has to import torch again."""
    for job in jobs:
        yield JobUpdate(job.name, "started")
        assert job.command[:3] == (sys.executable, "-m", "dakit")
        with open(job.log, "w") as log, redirect_stdout(log), redirect_stderr(log):
            code = main(job.command[3:])
        yield JobUpdate(job.name, "failed" if code else "succeeded", f"code {code}" if code else "")


class Stage:
    """A folder with specs, and a launcher whose doings can be seen and changed."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self.file = folder / "all.json"
        self.launch: Launch = inline
        self.launched: list[list[str]] = []
        self.compared: list[list[str]] = []
        np.save(folder / "images.npy", np.random.default_rng(0).normal(size=(60, 5)))
        np.save(folder / "labels.npy", np.arange(60) % 2)
        for name, changes in SPECS.items():
            (folder / f"{name}.json").write_text(json.dumps({**RUN, "name": name, **changes}))

    def write(self, *specs: str, **content: Any) -> None:
        paths = [f"{name}.json" for name in specs]
        sweep = {"schema_version": 1, "name": "all", "launcher": "stage", "specs": paths}
        self.file.write_text(json.dumps({**sweep, **content}))

    def go(self, **options: Any) -> Sweep:
        return sweep(self.file, out=self.out, **options)

    @property
    def states(self) -> dict[str, str]:
        return {run["run"]: run["state"] for run in read_json(self.out / "sweep.json")["runs"]}


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    stage = Stage(tmp_path)

    class StageLauncher(Launcher):
        def launch(self, jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
            stage.launched.append([job.name for job in jobs])
            yield from stage.launch(jobs)

    class StageSpec(LauncherSpec):
        name: Literal["stage"] = "stage"

        def build(self, context: BuildContext) -> Launcher:
            return StageLauncher()

    def compare(runs: Sequence[Path], *, references: Sequence[Path], out: Path) -> Comparison:
        stage.compared.append([run.name.rpartition("-")[0] for run in runs])
        out.write_text(f"{references}")
        return Comparison(out, gather([], latent=False), ())

    monkeypatch.setattr("dakit.workflows.sweep.compare", compare)
    mine = LoadedPlugin(PluginInfo("stage", "1.0", "stage"), (StageSpec,))
    with catalog.using(Catalog([*load_plugins(PluginOptions(allowed=())).plugins, mine])):
        yield stage


def test_every_run_is_carried_out_and_compared(stage: Stage) -> None:
    stage.write("plain", "mmd", seeds=[1, 2], compare={"references": ["table.json"]})
    done = stage.go()
    assert done.ok
    labels = ["plain-seed1", "plain-seed2", "mmd-seed1", "mmd-seed2"]
    assert stage.launched == [labels]
    assert stage.states == dict.fromkeys(labels, "finished")
    assert stage.compared == [["plain", "plain", "mmd", "mmd"]]
    assert str(stage.file.parent / "table.json") in done.page.read_text()
    assert done.page == stage.out / "all.html"
    assert sorted(p.name for p in (stage.out / "logs").iterdir()) == sorted(
        f"{label}.log" for label in labels
    )
    assert not list(stage.out.rglob(".*lock"))


def test_finished_runs_are_neither_repeated_nor_read_again_one_by_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.write("plain", "mmd", seeds=[1])
    stage.go()
    written = {p: p.stat().st_mtime_ns for p in stage.out.rglob("results.json")}
    read: list[str] = []
    build = sweep_tasks.build_data
    monkeypatch.setattr(
        sweep_tasks, "build_data", lambda spec: (read.append(spec.spec.name), build(spec))[1]
    )
    again = stage.go()
    assert again.ok
    assert [task.repeated for task in again.tasks] == [False, False]
    assert len(stage.launched) == 1
    assert len(read) == 1  # both runs have the same data
    assert written == {p: p.stat().st_mtime_ns for p in stage.out.rglob("results.json")}
    assert len(stage.compared) == 1  # the page is up to date
    assert again.facts is not None
    assert [m.label for part in again.facts.experiments for m in part.methods] == ["noDA", "MMD"]


def test_a_run_that_was_made_alone_counts(stage: Stage) -> None:
    stage.write("plain", "mmd", seeds=[1])
    train.run(stage.file.parent / "plain.json", out=stage.out, overrides=["seed=1"])
    stage.go()
    assert stage.launched == [["mmd-seed1"]]


def test_an_interrupted_run_is_resumed(stage: Stage) -> None:
    class Interrupted(SilentReporter):  # type: ignore[misc]  # final, but short
        def epoch(self, row: Any) -> None:
            raise KeyboardInterrupt

    stage.write("plain")
    with pytest.raises(KeyboardInterrupt):
        train.run(stage.file.parent / "plain.json", out=stage.out, reporter=Interrupted())
    assert stage.go().ok
    log = (stage.out / "logs" / "plain-seed0.log").read_text()
    assert "epoch 2/2" in log
    assert "epoch 1/2" not in log


def test_ctrl_c_keeps_the_state_and_the_next_call_goes_on(stage: Stage) -> None:
    closed: list[str] = []

    def stopped(jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
        try:
            yield from inline(jobs[:1])
            yield JobUpdate(jobs[1].name, "started")
            raise KeyboardInterrupt
        finally:
            closed.append("closed")

    stage.write("plain", "mmd", "tl")
    stage.launch = stopped
    with pytest.raises(KeyboardInterrupt):
        stage.go()
    assert closed
    assert stage.states == {
        "plain-seed0": "finished",
        "mmd-seed0": "interrupted",
        "tl-seed0": "waiting",
    }
    stage.launch = inline
    assert stage.go().ok
    assert stage.launched[1:] == [["mmd-seed0"], ["tl-seed0"]]


def test_a_watcher_that_breaks_leaves_no_job_behind(stage: Stage) -> None:
    closed: list[bool] = []

    def endless(jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
        try:
            yield JobUpdate(jobs[0].name, "started")
        finally:
            closed.append(True)

    def watch(_sweep: Sweep, _task: object) -> None:
        raise KeyboardInterrupt

    stage.write("plain")
    stage.launch = endless
    with pytest.raises(KeyboardInterrupt):
        stage.go(watch=watch)
    assert closed == [True]


def test_failures_keep_their_reason_while_the_rest_goes_on(stage: Stage) -> None:
    stage.write("no_data", "no_device", "no_start", "plain")
    done = stage.go()
    assert not done.ok
    tasks = {task.label: task for task in done.tasks}
    assert {label for label, task in tasks.items() if task.state == "finished"} == {"plain-seed0"}
    assert "no.npy" in tasks["no_data-seed0"].reason
    assert "cuda:77" in tasks["no_device-seed0"].reason
    assert tasks["no_device-seed0"].reason.startswith("code 2: ")
    assert tasks["no_start-seed0"].reason == "it starts from no_device-seed0, which failed"
    assert stage.compared == [["plain"]]
    kept = {run["run"]: run["reason"] for run in read_json(stage.out / "sweep.json")["runs"]}
    assert kept == {label: task.reason or None for label, task in tasks.items()}
    stage.go()  # what failed in its process is tried again
    assert stage.launched[1:] == [["no_device-seed0"]]


def test_data_that_are_gone_mark_a_begun_run_failed_that_starts_from_another(stage: Stage) -> None:
    stage.write("tl")
    done = stage.go()
    start, second = (task.folder for task in done.tasks)
    assert start is not None
    assert second is not None
    second.results.unlink()
    assert second.state == "interrupted"
    (stage.file.parent / "images.npy").unlink()
    assert not stage.go().ok
    assert "images.npy" in read_json(second.error)["message"]
    assert (start.state, second.state) == ("finished", "failed")


def test_a_crash_is_told_with_the_last_words(stage: Stage) -> None:
    def crash(jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
        jobs[0].log.write_text("epoch 1/2\n\n")
        yield JobUpdate(jobs[0].name, "started")
        yield JobUpdate(jobs[0].name, "failed", "killed by SIGKILL")

    stage.write("plain")
    stage.launch = crash
    (task,) = stage.go().tasks
    assert (task.state, task.reason) == ("failed", "killed by SIGKILL: epoch 1/2")
    assert stage.compared == []


@pytest.mark.parametrize("quiet", [False, True])
def test_a_launcher_that_fails_leaves_no_run_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    def break_down(jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
        yield from inline(jobs[:1])
        yield JobUpdate(jobs[1].name, "started")
        raise OSError("the queue is gone")

    stage.write("plain", "mmd", "tl", "tl_too")
    stage.launch = break_down
    with monkeypatch.context() as patch:
        if quiet:
            patch.setattr(catalog, "_options", PluginOptions(quiet=True))
        with pytest.raises(OSError, match="the queue is gone"), watching(Console()) as watch:
            stage.go(watch=lambda sweep, task: watch(sweep.rows, task.label))
    runs = read_json(stage.out / "sweep.json")["runs"]
    assert [run["state"] for run in runs] == ["finished", "failed", "failed", "failed"]
    reasons = [run["reason"] for run in runs]
    assert reasons[0] is None
    assert "the queue is gone" in reasons[1]
    assert reasons[2:] == [f"not started: {reasons[1]}"] * 2
    shown = capsys.readouterr().out
    assert shown.count("not started: ") == (2 if quiet else 0)
    assert "waiting" not in shown
    stage.launch = inline
    assert stage.go().ok


def test_a_launcher_that_cannot_be_built_leaves_no_run_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.write("plain", "mmd")
    launcher = plan_sweep(stage.file, out=stage.out).launcher

    def build(self: object, context: BuildContext) -> Launcher:
        raise ValueError("no such queue")

    monkeypatch.setattr(type(launcher), "build", build)
    with pytest.raises(ValueError, match="no such queue"):
        stage.go()
    assert stage.states == {"plain-seed0": "failed", "mmd-seed0": "failed"}


def test_a_job_that_ends_well_without_results_has_failed(stage: Stage) -> None:
    def lie(jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
        yield JobUpdate(jobs[0].name, "started")
        yield JobUpdate(jobs[0].name, "succeeded")

    stage.write("plain", "mmd")
    stage.launch = lie
    reasons = [task.reason for task in stage.go().tasks]
    assert reasons == ["it ended without results", "the launcher ended without a word on it"]


def test_a_start_that_several_share_is_run_once_and_first(stage: Stage) -> None:
    stage.write("tl", "tl_too", seeds=[3], quick={"set": {"training.epochs": 1}})
    done = stage.go(quick=True)
    assert stage.launched == [["mmd-seed3-start"], ["tl-seed3", "tl_too-seed3"]]
    assert stage.compared == [["tl", "tl_too"]]
    (start,) = stage.out.glob("mmd-*")
    assert read_json(start / "resolved.json")["training"]["epochs"] == 1
    for task in done.tasks[1:]:
        assert task.folder is not None
        assert read_json(task.folder.resolved)["init_from"]["run"] == str(start)


def test_a_start_that_is_asked_for_too_is_one_run(stage: Stage) -> None:
    stage.write("tl", "mmd", seeds=[3])
    stage.go()
    assert sorted(map(len, stage.launched)) == [1, 1]
    assert sorted(stage.compared[0]) == ["mmd", "tl"]


def test_a_second_sweep_in_the_same_folder_is_refused(stage: Stage) -> None:
    stage.write("plain")
    stage.out.mkdir()
    lock = stage.out / ".sweep.lock"
    with (
        locked(lock, print, print),
        pytest.raises(InputError, match=f"another sweep .process {os.getpid()} on .*. is at work"),
    ):
        stage.go()
    lock.write_text("1\n")  # left behind by one that was killed
    assert stage.go().ok


def test_planning_writes_nothing(stage: Stage) -> None:
    stage.write("plain", "no_data")
    planned = plan_sweep(stage.file, out=stage.out)
    assert [task.state for task in planned.tasks] == ["waiting", "failed"]
    assert not stage.out.exists()


def test_the_folder_is_named_by_the_sweep(stage: Stage) -> None:
    stage.write("plain", quick={})
    assert plan_sweep(stage.file).out == Path("runs/all")
    assert plan_sweep(stage.file, quick=True).out == Path("runs/all-quick")


def test_jobs_are_for_launchers_that_have_them(stage: Stage) -> None:
    stage.write("plain")
    with pytest.raises(InputError, match="'stage' has no such setting"):
        plan_sweep(stage.file, jobs=2)
    stage.write("plain", launcher={"name": "local", "threads": 1})
    launcher = plan_sweep(stage.file, jobs=2).launcher
    assert launcher.model_dump() == {"name": "local", "jobs": 2, "threads": 1}


def test_no_page_where_none_is_wanted(stage: Stage) -> None:
    stage.write("plain", compare=None)
    assert stage.go().ok
    assert stage.compared == []


def test_a_comparison_that_fails_leaves_the_runs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compare(*_: Any, **__: Any) -> None:
        raise InputError("no such table")

    monkeypatch.setattr("dakit.workflows.sweep.compare", compare)
    stage.write("plain")
    with pytest.raises(RunError, match="could not be compared: no such table"):
        stage.go()
    assert stage.states == {"plain-seed0": "finished"}


def test_plugin_options_go_with_the_jobs(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[tuple[str, ...]] = []

    def record(jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
        commands.extend(job.command for job in jobs)
        yield from ()

    monkeypatch.setattr(catalog, "_options", PluginOptions(disabled=("a",), modules=(Path("b"),)))
    stage.write("plain")
    stage.launch = record
    stage.go()
    assert commands[0][3:6] == (
        "--disable-plugin=a",
        f"--plugin-module={Path('b').resolve()}",
        "run",
    )


def test_last_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert last_words(log) == ""
    log.write_text("epoch 1\nerror: 2 problems in the run spec:\n  one\n  two\n")
    assert last_words(log) == "2 problems in the run spec:   one   two"
    log.write_text("error: " + 600 * "x")
    assert last_words(log) == 500 * "x" + "..."
