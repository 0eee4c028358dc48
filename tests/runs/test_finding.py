import json
import os
import platform
import subprocess
import sys

import pytest

from dakit.errors import InputError
from dakit.files.lock import locked
from dakit.files.writing import append_json_line, write_json
from dakit.runs.finding import find_runs, run_state, runs_meant
from dakit.runs.folder import create
from dakit.runs.run import load_run

RESULTS = {
    "run_id": "aaaaaaaaaa",
    "name": "digits",
    "data": {"origin": "mock", "class_names": ["no", "yes"]},
    "selection": {"validator": "oracle", "epoch": 2, "used_target_labels": True, "score": 0.5},
    "metrics": {"source_test": {"accuracy": 0.9, "n": 10}, "target_test": None},
}
RESOLVED = {
    "schema_version": 1,
    "seed": 0,
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "mlp"}, "head": {}},
    "objective": {"task": {"name": "cross_entropy"}},
    "training": {"epochs": 5},
    "evaluation": {},
}
ROW = {"learning_rate": 0.1, "losses": {"total": 1.0}, "weights": {}, "scores": {}}


def begin(out, name="digits", run_id="aaaaaaaaaa", epochs=0):
    folder = create(out, name, run_id)
    write_json(folder.resolved, {**RESOLVED, "name": name})
    write_json(folder.environment, {"run_id": run_id})
    for epoch in range(1, epochs + 1):
        append_json_line(folder.metrics, {**ROW, "epoch": epoch})
    return folder


def test_no_folder_and_an_empty_folder_hold_no_runs(tmp_path):
    assert find_runs(tmp_path / "runs") == []
    assert find_runs(tmp_path) == []
    assert run_state(tmp_path) is None


def test_a_folder_of_runs_stands_for_its_finished_ones(tmp_path):
    alone, sweep = begin(tmp_path, "alone"), tmp_path / "sweep"
    done, start, killed = (begin(sweep, name) for name in ("done", "start", "killed"))
    for folder in (done, start):
        write_json(folder.results, RESULTS)
    tasks = [
        {"folder": str(folder.path), "only_a_start": folder is start} for folder in (done, start)
    ]
    write_json(sweep / "sweep.json", {"runs": [*tasks, {"folder": None, "only_a_start": True}]})
    (tmp_path / "page.html").touch()
    (tmp_path / "page_figures").mkdir()
    assert runs_meant([sweep]) == ([done.path], [])
    assert runs_meant(sorted(tmp_path.iterdir())) == ([done.path], [f"{alone.path}: interrupted"])
    assert runs_meant([killed.path]) == ([killed.path], []), "to be told that it is not finished"
    missing, page = tmp_path / "missing", tmp_path / "page.html"
    assert runs_meant([missing, sweep]) == ([missing, done.path], [])
    assert runs_meant([page]) == ([page], []), "to be told that it holds no run"


def test_a_finished_run_is_summarised_from_its_results(tmp_path):
    folder = begin(tmp_path, epochs=3)
    write_json(folder.results, RESULTS)
    (run,) = find_runs(tmp_path)
    assert (run.name, run.run_id, run.state) == ("digits", "aaaaaaaaaa", "finished")
    assert (run.epochs_run, run.epochs) == (3, 5)
    assert (run.validator, run.epoch, run.used_target_labels) == ("oracle", 2, True)
    assert (run.source_accuracy, run.target_accuracy, run.origin) == (0.9, None, "mock")


def test_interrupted_and_failed_runs_are_told_apart(tmp_path):
    begin(tmp_path, run_id="1", epochs=2)
    write_json(begin(tmp_path, run_id="2").error, {"kind": "RunError", "message": "mmd became NaN"})
    states = {run.run_id: (run.state, run.problem) for run in find_runs(tmp_path)}
    assert states == {"1": ("interrupted", None), "2": ("failed", "mmd became NaN")}


@pytest.mark.parametrize("failed_before", [False, True])
def test_a_run_that_a_process_is_at_work_on_is_running_and_no_longer(tmp_path, failed_before):
    folder = begin(tmp_path, epochs=2)
    if failed_before:
        write_json(folder.error, {"kind": "RunError", "message": "mmd became NaN"})
    who = f"process {os.getpid()} on {platform.node()}"
    with locked(folder.lock, print, print):
        (run,) = find_runs(tmp_path)
        assert (run.state, run.at_work, run.problem) == ("running", who, None)
        assert run_state(folder.path) == "running"
        with pytest.raises(InputError, match=f"finished run .{who} is at work on it"):
            load_run(folder.path)
        write_json(folder.results, RESULTS)
        (run,) = find_runs(tmp_path)
        assert (run.state, run.at_work) == ("finished", None)
        folder.results.unlink()
    (run,) = find_runs(tmp_path)
    assert (run.state, run.at_work) == ("failed" if failed_before else "interrupted", None)


def test_names_may_hold_dashes(tmp_path):
    begin(tmp_path, name="sim-real", run_id="1")
    assert [(run.name, run.run_id) for run in find_runs(tmp_path)] == [("sim-real", "1")]


def test_other_folders_and_files_are_no_runs(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "figures-old").mkdir()
    assert find_runs(tmp_path) == []


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"name": "x"})])
def test_a_damaged_result_is_named_and_hides_no_other_run(tmp_path, content):
    begin(tmp_path, run_id="1").results.write_text(content)
    begin(tmp_path, run_id="2")
    problems = {run.run_id: run.problem for run in find_runs(tmp_path)}
    assert "results.json" in problems["1"]
    assert problems["2"] is None


def test_a_row_repeated_after_resuming_counts_once(tmp_path):
    folder = begin(tmp_path, epochs=2)
    append_json_line(folder.metrics, {**ROW, "epoch": 2})
    assert find_runs(tmp_path)[0].epochs_run == 2


def test_the_latest_run_is_last(tmp_path):
    for run_id, when in (("new", 2_000), ("old", 1_000)):
        os.utime(begin(tmp_path, run_id=run_id).resolved, (when, when))
    assert [run.run_id for run in find_runs(tmp_path)] == ["old", "new"]


def test_finding_runs_needs_no_torch():
    code = "import sys, dakit.runs.finding; assert not {'torch', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("state", ["finished", "interrupted"])
def test_a_renamed_folder_keeps_the_name_and_the_id_of_its_run(tmp_path, state):
    folder = begin(tmp_path, name="sim-real", run_id="1234567890")
    if state == "finished":
        write_json(folder.results, {**RESULTS, "name": "sim-real", "run_id": "1234567890"})
    folder.path.rename(tmp_path / "the-good-one")
    (run,) = find_runs(tmp_path)
    assert (run.name, run.run_id, run.state) == ("sim-real", "1234567890", state)
    assert run.folder.name == "the-good-one"


@pytest.mark.parametrize("file", ["resolved", "metrics", "results", "environment", "error"])
@pytest.mark.parametrize(
    "content", ["[[]]\n", "[1]\n", "3\n", '{"training": [], "plugins": 3}\n', "{\n", "\0\n"]
)
def test_no_damaged_file_hides_another_run(tmp_path, file, content):
    damaged = getattr(begin(tmp_path, run_id="1"), file)
    damaged.write_text(content)
    begin(tmp_path, run_id="2")
    runs = {run.folder.name: run for run in find_runs(tmp_path)}
    assert runs["digits-2"].problem is None
    if file != "error" or content in ("{\n", "\0\n"):
        assert damaged.name in runs["digits-1"].problem


def test_a_damaged_state_of_a_sweep_is_named(tmp_path):
    write_json(begin(tmp_path).results, RESULTS)
    (tmp_path / "sweep.json").write_text('{"runs": [3]}')
    with pytest.raises(InputError, match=r"sweep\.json is no state of a sweep: runs\.0"):
        runs_meant([tmp_path])
