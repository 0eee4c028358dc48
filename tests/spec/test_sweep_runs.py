from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dakit.spec.loading import load_spec
from dakit.spec.problems import SpecError
from dakit.spec.sweep import load_sweep
from dakit.spec.sweep_runs import SweepRun, sweep_runs

MakeSweep = Callable[..., Path]


@pytest.fixture
def sweep_file(minimal: dict[str, Any], write: Callable[[str, str], Path]) -> MakeSweep:
    """Write a sweep over the specs ``plain`` and ``mmd``, and ``tl`` that starts from mmd."""

    def make(**content: Any) -> Path:
        specs = {
            "plain": {},
            "mmd": {"extends": "plain.json", "objective": {"transfer": "mmd"}},
            "tl": {"extends": "plain.json", "init_from": {"spec": "mmd.json"}},
        }
        for name, changes in specs.items():
            write(f"specs/{name}.json", json.dumps({**minimal, "name": name, **changes}))
        sweep = {"schema_version": 1, "name": "all", "specs": ["specs/plain.json"], **content}
        return write("sweep.json", json.dumps(sweep, indent=1))

    return make


def expand(path: Path, *changes: str, quick: bool = False) -> list[SweepRun]:
    return sweep_runs(load_sweep(path), quick=quick, changes=changes)


def test_specs_overrides_and_seeds_are_crossed(sweep_file: MakeSweep) -> None:
    overrides = [{"name": "base", "set": {}}, {"name": "slow", "set": {"optimizer.lr": 1e-5}}]
    specs = ["specs/plain.json", "specs/mmd.json"]
    runs = expand(sweep_file(specs=specs, seeds=[1, 2], overrides=overrides))
    assert [run.label for run in runs] == [
        f"{name}-{override}-seed{seed}"
        for name in ("plain", "mmd")
        for override in ("base", "slow")
        for seed in (1, 2)
    ]
    rates = {run.loaded.spec.optimizer.lr for run in runs if run.override == "slow"}
    assert rates == {1e-5}


def test_without_seeds_each_spec_has_its_own(sweep_file: MakeSweep) -> None:
    (run,) = expand(sweep_file())
    assert (run.label, run.changes) == ("plain-seed0", ())


def test_an_entry_may_change_its_spec_and_its_name(sweep_file: MakeSweep) -> None:
    entry = {"spec": "specs/mmd.json", "name": "wide", "set": {"model.backbone.width": 64}}
    plain, wide = expand(sweep_file(specs=["specs/plain.json", entry]))
    assert (plain.loaded.spec.name, wide.loaded.spec.name) == ("plain", "wide")
    assert wide.loaded.resolved["model"]["backbone"]["width"] == 64


def test_the_changes_are_what_set_takes(sweep_file: MakeSweep) -> None:
    """``dakit run SPEC --set ...`` with them is the same run."""
    changes = {"objective.transfer": {"name": "mmd", "variances": [3.0]}, "description": 'a "b"'}
    (run,) = expand(sweep_file(specs=[{"spec": "specs/plain.json", "set": changes}], seeds=[7]))
    assert load_spec(run.path, run.changes).resolved == run.loaded.resolved


def test_relative_paths_start_from_the_sweep_file(sweep_file: MakeSweep, tmp_path: Path) -> None:
    changes = {"data": {"name": "shapes", "extra": ["one"]}, "data.folder": "images"}
    (run,) = expand(sweep_file(specs=[{"spec": "specs/plain.json", "set": changes}]))
    data = load_spec(run.path, run.changes).resolved["data"]
    assert data["folder"] == str(tmp_path / "images")
    assert data["extra"] == [str(tmp_path / "one")]


def test_quick_and_given_changes_come_last_and_reach_the_start(sweep_file: MakeSweep) -> None:
    quick = {"seeds": [5], "set": {"training.epochs": 2, "data.size": 10}}
    path = sweep_file(specs=["specs/tl.json"], seeds=[1, 2], quick=quick)
    (run,) = expand(path, "training.epochs=1", quick=True)
    assert run.start is not None
    for each in (run, run.start):
        resolved = each.loaded.resolved
        assert (resolved["seed"], resolved["training"]["epochs"]) == (5, 1)
        assert resolved["data"]["size"] == 10
    assert run.start.loaded.spec.name == "mmd"
    assert [run.loaded.spec.seed for run in expand(path)] == [1, 2]


def test_a_set_of_overrides_does_not_reach_the_start(sweep_file: MakeSweep) -> None:
    overrides = [{"name": "slow", "set": {"optimizer.lr": 1e-5}}]
    (run,) = expand(sweep_file(specs=["specs/tl.json"], seeds=[3], overrides=overrides))
    assert run.start is not None
    assert run.start.loaded.resolved["optimizer"]["lr"] != 1e-5
    assert run.start.loaded.spec.seed == 3


def test_quick_may_be_some_of_the_specs(sweep_file: MakeSweep) -> None:
    specs = ["specs/plain.json", {"spec": "specs/plain.json", "name": "again"}, "specs/tl.json"]
    path = sweep_file(specs=specs, seeds=[1], quick={"specs": ["again", "specs/tl.json"]})
    assert [run.label for run in expand(path, quick=True)] == ["again-seed1", "tl-seed1"]
    assert len(expand(path)) == 3


def told(path: Path, *changes: str, quick: bool = False) -> list[str]:
    with pytest.raises(SpecError) as raised:
        expand(path, *changes, quick=quick)
    return [str(p).removeprefix(f"{path}:") for p in raised.value.problems]


def test_all_problems_are_told_where_they_were_written(sweep_file: MakeSweep) -> None:
    entries = [
        "specs/plian.json",
        {"spec": "specs/mmd.json", "set": {"training.epcohs": 5}},
        {"spec": "specs/plain.json", "set": {"optimizer.lr": "high"}},
    ]
    path = sweep_file(specs=entries, seeds=[1, 2])
    lines = path.read_text().splitlines()
    found = told(path)
    expected = {
        "specs/plian.json": "specs.0: there is no file specs/plian.json; did you mean 'plain.json'",
        "epcohs": "training.epcohs: unknown key; did you mean 'epochs'?",
        "high": 'optimizer.lr: must be a number, not the text "high"',
    }
    assert len(found) == len(expected)  # once, although two seeds meet each of them
    for written, said in expected.items():
        (problem,) = (p for p in found if said in p)
        assert written in lines[int(problem.partition(":")[0]) - 1]


def test_a_bad_spec_is_told_at_its_own_place(
    sweep_file: MakeSweep, write: Callable[[str, str], Path]
) -> None:
    path = sweep_file(specs=["specs/bad.json"])
    bad = write("specs/bad.json", '{"extends": "plain.json",\n "sede": 3}')
    assert told(path) == [
        f"{bad}:2:2: sede: unknown key; did you mean 'seed'? Allowed: "
        + told(path)[0].partition("Allowed: ")[2]
    ]


def test_what_is_given_on_the_command_line_is_named(sweep_file: MakeSweep) -> None:
    (problem,) = told(sweep_file(seeds=[1, 2]), "training.epcohs=5")
    assert problem.startswith("--set training.epcohs=5: training.epcohs: unknown key")


def test_two_runs_of_one_name_and_seed_are_refused(sweep_file: MakeSweep) -> None:
    entries = ["specs/plain.json", {"spec": "specs/plain.json", "set": {"optimizer.lr": 0.1}}]
    (problem,) = told(sweep_file(specs=entries))
    assert "2 runs are called plain-seed0: give entries a 'name' of their own" in problem


def test_quick_names_specs_that_are_there(sweep_file: MakeSweep) -> None:
    (line,) = told(sweep_file(quick={"specs": ["gone.json"]}), quick=True)
    assert line.endswith("quick.specs.0: 'gone.json' is none of 'specs'")


def test_quick_must_be_described(sweep_file: MakeSweep) -> None:
    assert told(sweep_file(), quick=True) == ["1:1: quick: is required for --quick"]
