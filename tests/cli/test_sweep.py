"""``dakit sweep`` as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

from dakit.cli.app import main
from dakit.files.lock import locked
from dakit.runs.finding import find_runs
from dakit.workflows.sweep import plan_sweep
from tests.warm import Started, WarmPython

SECONDS = 600


DRAWN_QUICKLY = """
import dakit.evaluation.latent_space
from matplotlib.figure import Figure

save = Figure.savefig
Figure.savefig = lambda *given, format, **options: (
    save(*given, format=format, **options) if format == "svg" else None
)
dakit.evaluation.latent_space.tsne = lambda features, seed: features[:, :2]
"""


class Start(Protocol):
    """Starts a sweep in a process group of its own."""

    def __call__(self, *arguments: str | Path) -> Started: ...


@pytest.fixture
def start(tmp_path: Path, warm_python: WarmPython) -> Start:
    """Return a function that starts ``dakit sweep``, which writes ``printed`` and ``told``."""

    def started(*arguments: str | Path) -> Started:
        line = ["-m", "dakit", "sweep", *arguments]
        with (tmp_path / "printed").open("wb") as out, (tmp_path / "told").open("wb") as err:
            streams = [None, out.fileno(), err.fileno()]
            return warm_python.start(line, streams, cwd=tmp_path, prepare=DRAWN_QUICKLY)

    return started


def runs(out: Path) -> dict[str, dict[str, Any]]:
    file = out / "sweep.json"
    return (
        {run["run"]: run for run in json.loads(file.read_text())["runs"]} if file.exists() else {}
    )


def wait_for(process: Started, out: Path, state: str, count: int = 1) -> None:
    until = time.monotonic() + SECONDS
    while sum(run["state"] == state for run in runs(out).values()) < count:
        os.kill(process.pid, 0)  # or it has ended
        assert time.monotonic() < until
        time.sleep(0.05)


def write_sweep(folder: Path, specs: dict[str, dict[str, Any]], **content: Any) -> Path:
    """Write a sweep over runs on tiny arrays; each of ``specs`` is a change of such a run."""
    np.save(folder / "images.npy", np.random.default_rng(0).normal(size=(60, 5)))
    np.save(folder / "labels.npy", np.arange(60) % 2)
    domain = {"inputs": "images.npy", "labels": "labels.npy"}
    common = {
        "schema_version": 1,
        "data": {"name": "arrays", "source": domain, "target": domain},
        "model": {"backbone": {"name": "mlp", "hidden": [4]}},
        "objective": {},
        "evaluation": {"bootstrap": 0},
    }
    for name, changes in specs.items():
        training = {"epochs": 1, "batch_size": 32, "device": "cpu", **changes.pop("training", {})}
        spec = {**common, "name": name, "training": training, **changes}
        (folder / f"{name}.json").write_text(json.dumps(spec))
    sweep = {
        "schema_version": 1,
        "name": "all",
        "specs": [f"{name}.json" for name in specs],
        "seeds": [1],
        "launcher": {"name": "local", "threads": 1},
        **content,
    }
    path = folder / "sweep.json"
    path.write_text(json.dumps(sweep))
    return path


@pytest.fixture
def sweep_file(tmp_path: Path) -> Path:
    """A long run, and one that cannot work."""
    broken = {"training": {"device": "cuda:77"}}
    long = {"training": {"epochs": 100_000}}
    return write_sweep(tmp_path, {"broken": broken, "long": long}, compare=None)


def test_ctrl_c_stops_all_runs(sweep_file: Path, tmp_path: Path, start: Start) -> None:
    out = tmp_path / "out"
    process = start(sweep_file, "--out", out, "--jobs", "2")
    wait_for(process, out, "failed")
    until = time.monotonic() + SECONDS
    while not list(out.glob("long-*/metrics.jsonl")):
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)  # to the sweep alone: it must stop its children
    assert process.wait() == 130
    printed, err = ((tmp_path / name).read_text() for name in ("printed", "told"))
    assert "broken-seed1: failed" in printed
    assert "cuda:77" in printed
    assert "interrupted: the same command again goes on" in err
    assert "Traceback" not in err
    assert {name: run["state"] for name, run in runs(out).items()} == {
        "broken-seed1": "failed",
        "long-seed1": "interrupted",
    }
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)  # nobody of the group is left


def group(leader: int) -> list[int]:
    """Return the living processes of a process group."""
    fields = {
        int(stat.parent.name): stat.read_text().rpartition(")")[2].split()
        for stat in Path("/proc").glob("[0-9]*/stat")
        if stat.exists()
    }
    return [pid for pid, (state, _, of, *_) in fields.items() if int(of) == leader and state != "Z"]


def until(holds: Callable[[], object], seconds: float = SECONDS) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("moment", ["starting", "training"])
def test_what_a_sweep_started_ends_with_it_where_that_is_killed(
    sweep_file: Path, tmp_path: Path, moment: str, start: Start
) -> None:
    out = tmp_path / "out"
    process = start(sweep_file, "--out", out, "--jobs", "2")
    seen = {"starting": "logs/long-seed1.log", "training": "long-*/metrics.jsonl"}[moment]
    process.wait_for(seen, out)
    process.send_signal(signal.SIGKILL)
    process.wait()
    try:
        until(lambda: not group(process.pid), seconds=60)
    finally:
        for left in group(process.pid):
            os.kill(left, signal.SIGKILL)
    states = [run.state for run in find_runs(out)]
    assert states == (["interrupted"] if moment == "training" else [])
    again = plan_sweep(sweep_file, out=out)
    assert [task.state for task in again.tasks] == ["waiting", "waiting"], "none counts as finished"
    with locked(out / ".sweep.lock", pytest.fail, pytest.fail):
        pass  # the next start is not refused


def test_a_dry_run_shows_what_would_be_done(
    sweep_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["sweep", str(sweep_file), "--dry-run", "--json", "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert [run["run"] for run in json.loads(printed.out)["runs"]] == ["broken-seed1", "long-seed1"]
    assert "waiting" in printed.err  # the table is for people
    assert not out.exists()


def test_bad_input_exits_2(sweep_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", str(sweep_file), "--set", "training.epcohs=1"]) == 2
    assert "did you mean 'epochs'" in capsys.readouterr().err
    assert main(["sweep", str(sweep_file), "--quick"]) == 2
    assert f"{sweep_file}:1:1: quick: is required for --quick" in capsys.readouterr().err


def test_a_sweep_killed_once_and_started_again_ends_with_its_table(
    tmp_path: Path, start: Start
) -> None:
    """Real processes, a kill in the middle, and the same command again."""
    out = tmp_path / "out"
    specs = {"plain": {}, "mmd": {"objective": {"transfer": "mmd"}}}
    line = [write_sweep(tmp_path, specs), "--out", out, "--jobs", "1"]
    process = start(*line)
    wait_for(process, out, "finished")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = {path: path.stat() for path in out.glob("*/results.json")}
    assert len(kept) == 1
    code = start(*line).wait()
    printed = (tmp_path / "printed").read_text()
    assert code == 0, printed + (tmp_path / "told").read_text()
    assert {path: path.stat() for path in kept} == kept
    states = runs(out)
    assert [run["state"] for run in states.values()] == ["finished"] * 2
    before = {Path(run["folder"]) for run in states.values() if run["finished_before"]}
    assert before == {path.parent for path in kept}
    page = (out / "all.html").read_text()
    for method in ("MMD", "noDA"):
        assert method in page
    assert str(out / "all.html") in printed
    assert "MMD beside noDA: target accuracy" in printed
