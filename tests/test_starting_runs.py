"""What ``--set`` changes reaches every run that a command trains, and each is shown before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import dakit
from dakit.errors import InputError
from dakit.spec.loading import load_spec
from dakit.spec.sweep import load_sweep
from dakit.spec.sweep_runs import sweep_runs
from dakit.training.reporter import SilentReporter
from dakit.workflows.plan_again import plan_again
from dakit.workflows.train import make_plan

FIRST: dict[str, Any] = {
    "schema_version": 1,
    "name": "first",
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "mlp", "hidden": [4]}},
    "objective": {"transfer": "mmd", "regularizers": ["entropy"]},
    "training": {"epochs": 3, "batch_size": 256},
    "evaluation": {"bootstrap": 0},
}
SECOND = {"extends": "first.json", "name": "second", "init_from": {"spec": "first.json"}}
THIRD = {
    "extends": "first.json",
    "name": "third",
    "init_from": {"spec": "second.json", "normalization": "refit"},
    "objective": {"regularizers": [{"name": "fisher"}]},
}
CHANGES = ["training.epochs=1", 'init_from.parts=["backbone"]', "name=mine", "description=x"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for spec in (FIRST, SECOND, THIRD):
        (tmp_path / f"{spec['name']}.json").write_text(json.dumps(spec))
    sweep = {"schema_version": 1, "name": "s", "specs": ["third.json"]}
    (tmp_path / "sweep.json").write_text(json.dumps(sweep))
    return tmp_path


def chain_of_a_run(folder: Path, *changes: str) -> list[dict[str, Any]]:
    found, loaded = [], load_spec(folder / "third.json", changes)
    while loaded is not None:
        found.append(loaded.resolved)
        loaded = loaded.start
    return found


def chain_of_a_sweep(folder: Path, *changes: str) -> list[dict[str, Any]]:
    found, (run,) = [], sweep_runs(load_sweep(folder / "sweep.json"), quick=False, changes=changes)
    while run is not None:
        found.append(run.loaded.resolved)
        run = run.start
    return found


@pytest.mark.parametrize("chain", [chain_of_a_run, chain_of_a_sweep])
def test_set_reaches_every_run_that_others_start_from(folder: Path, chain: Any) -> None:
    specs = chain(folder, *CHANGES, "seed=4")
    assert [spec["training"]["epochs"] for spec in specs] == [1, 1, 1]
    assert [spec["seed"] for spec in specs] == [4, 4, 4]
    assert [spec["name"] for spec in specs] == ["mine", "second", "first"]
    parts = [init and init["parts"] for init in (spec["init_from"] for spec in specs)]
    assert parts == [["backbone"], ["backbone", "head"], None]


@pytest.mark.parametrize("chain", [chain_of_a_run, chain_of_a_sweep])
def test_a_change_that_does_not_fit_a_run_started_from_names_it(folder: Path, chain: Any) -> None:
    with pytest.raises(InputError) as told:
        chain(folder, "objective.regularizers.fisher.weight=0.1")
    assert "--set objective.regularizers.fisher.weight=0.1" in str(told.value)
    assert "second.json" in str(told.value)
    assert "third starts from" in str(told.value)


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ({"third": "third"}, "third.json -> third.json"),
        ({"third": "second", "second": "third"}, "third.json -> second.json -> third.json"),
        ({"third": "gone"}, "there is no file"),
    ],
)
@pytest.mark.parametrize("command", ["validate", "show", "run", "dry", "sweep", "sweep dry"])
def test_no_run_starts_from_itself(
    folder: Path, links: dict[str, str], said: str, command: str, dakit_here: Any
) -> None:
    for name, start in links.items():
        spec = {**FIRST, "name": name, "init_from": {"spec": f"{start}.json"}}
        (folder / f"{name}.json").write_text(json.dumps(spec, indent=1))
    word, dry = command.removesuffix(" dry").replace("dry", "run"), "dry" in command
    file = "sweep.json" if word == "sweep" else "third.json"
    done = dakit_here(word, file, *(["--dry-run"] if dry else []), cwd=folder)
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.replace(f"{folder}/", "").splitlines()
    assert "init_from.spec: " in line
    assert said in line
    assert not (folder / "runs").exists()


def test_a_chain_of_starts_without_end_is_refused(folder: Path) -> None:
    for i in range(60):
        spec = {**FIRST, "name": f"n{i}", "init_from": {"spec": f"n{i + 1}.json"}}
        (folder / f"n{i}.json").write_text(json.dumps(spec))
    with pytest.raises(InputError, match="a chain of more than 50 files"):
        load_spec(folder / "n0.json")


def test_a_dry_run_shows_every_run_that_would_be_trained(folder: Path, dakit_here: Any) -> None:
    done = dakit_here("run", "third.json", "--dry-run", "--set", "training.epochs=1", cwd=folder)
    assert done.returncode == 0, done.stderr
    shown = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("run ")]
    assert shown == ["first", "second", "third"]
    assert done.stdout.count("epochs 1,") == 3
    assert not (folder / "runs").exists()


def test_each_plan_is_shown_before_its_run_is_trained(folder: Path, dakit_here: Any) -> None:
    set_ = ["--set", "training.epochs=1", "--set", "data.split.train=0.5"]
    set_ += ["--set", "data.split.test=0.4"]
    done = dakit_here("run", "second.json", *set_, "--no-report", cwd=folder)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if "(seed 0): epochs 1," in line]
    assert [line.split()[0] for line in lines] == ["first", "second"]
    for name in ("first", "second"):
        (run,) = (folder / "runs").glob(f"{name}-*")
        assert len(dakit.load_run(run).history) == 1


def test_what_a_run_started_from_is_found_again_though_set_reached_it(folder: Path) -> None:
    changes = ["training.epochs=1"]
    run = dakit.run(
        folder / "second.json", out=folder / "a", overrides=changes, reporter=SilentReporter()
    )
    (first,) = (folder / "a").glob("first-*")
    assert run.environment["starts_from"] == first.name
    (folder / "a").rename(folder / "b")
    for file in ("first.json", "second.json"):
        (folder / file).unlink()
    moved = dakit.load_run(folder / "b" / run.folder.path.name)
    start = plan_again(moved).start
    assert start is not None
    assert start.folder.path.name == first.name


def test_the_id_of_a_run_is_the_same_from_spec_and_from_its_finished_start(folder: Path) -> None:
    """A sweep starts its runs from a folder; both are the same run."""
    run = dakit.run(folder / "second.json", out=folder / "runs", reporter=SilentReporter())
    (first,) = (folder / "runs").glob("first-*")
    changes = ["init_from.spec=null", f"init_from.run={first}"]
    plan = make_plan(
        folder / "second.json", out=folder, overrides=changes, reporter=SilentReporter()
    )
    assert plan.run_id == run.results["run_id"]
