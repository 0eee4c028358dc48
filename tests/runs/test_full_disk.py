"""A disk that is full or forbidden at any write of any command: told, and nothing half-written."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dakit
from dakit.comparison import compare
from dakit.errors import DakitError
from dakit.experiment_report import report
from dakit.exporting import export
from dakit.inspection import inspect
from dakit.prediction import predict
from dakit.runs.finding import find_runs
from dakit.training.reporter import SilentReporter

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.truncate"}


class Disk:
    """Refuses the write number ``broken`` below ``folder``, counted from 1, and those after it."""

    def __init__(self) -> None:
        self.folder, self.error, self.broken, self.writes = "", 0, 0, 0
        sys.addaudithook(self._hook)  # stays for good, and does nothing without a folder

    def _hook(self, event: str, details: tuple[Any, ...]) -> None:
        if not self.folder or (event != "open" and event not in CHANGES):
            return
        if event == "open" and not (isinstance(details[2], int) and details[2] & WRITING):
            return
        if self.folder not in os.fsdecode(
            details[0] if isinstance(details[0], str | bytes) else ""
        ):
            return
        self.writes += 1
        if self.writes >= self.broken:
            raise OSError(self.error, os.strerror(self.error), details[0])

    @contextmanager
    def breaking(self, folder: Path, error: int, broken: int) -> Iterator[None]:
        """Break in the ``with`` block."""
        self.folder, self.error, self.broken, self.writes = str(folder), error, broken, 0
        try:
            yield
        finally:
            self.folder = ""


DISK = Disk()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a spec, its data and its finished run."""
    base = tmp_path_factory.mktemp("base")
    rng = np.random.default_rng(0)
    for side in ("source", "target"):
        labels = np.arange(60) % 2
        np.save(base / f"{side}.npy", (rng.normal(size=(60, 3)) + labels[:, None]).astype("f4"))
        np.save(base / f"{side}_y.npy", labels)
    sides = {
        side: {"inputs": str(base / f"{side}.npy"), "labels": str(base / f"{side}_y.npy")}
        for side in ("source", "target")
    }
    spec = {
        "schema_version": 1,
        "name": "tiny",
        "data": {"name": "arrays", **sides},
        "model": {"backbone": {"name": "mlp", "hidden": [3]}},
        "objective": {"task": "cross_entropy"},
        "training": {"epochs": 1, "batch_size": 32},
        "evaluation": {"bootstrap": 2},
    }
    (base / "spec.json").write_text(json.dumps(spec))
    dakit.run(base / "spec.json", out=base / "runs", reporter=SilentReporter())
    return base


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("experiment_report", "comparison", "inspection"):
        monkeypatch.setattr(f"dakit.{module}.figures_possible", lambda: False, raising=False)
    monkeypatch.setattr(
        "dakit.evaluation.latent_space.tsne", lambda features, seed: features[:, :2]
    )
    monkeypatch.setattr("dakit.exporting._torch_program", lambda *_: None)
    monkeypatch.setattr("dakit.exporting._MAKERS", {"torch": lambda _: (b"x", None)})
    agreed = {"logits": 0.0, "probabilities": 0.0}
    monkeypatch.setattr("dakit.exporting._compare", lambda *_: agreed)
    monkeypatch.setattr("dakit.experiment.environment", lambda *_: {})
    monkeypatch.setattr("os.fsync", lambda handle: None)  # quick: nothing is written for good


def writers(base: Path, work: Path) -> Mapping[str, Callable[[], object]]:
    """Return everything that writes, by name; ``work`` holds a finished run."""
    spec, run = base / "spec.json", next(work.glob("tiny-*"))
    return {
        "run": lambda: dakit.run(spec, out=work / "new", reporter=SilentReporter()),
        "report": lambda: report(run),
        "compare": lambda: compare([run], out=work / "pages" / "page.html", latent=False),
        "predict": lambda: predict(run, base / "target.npy", out=work / "table.csv"),
        "export": lambda: export(run),
        "inspect": lambda: inspect(spec, out=work / "inspection"),
    }


@pytest.mark.parametrize("name", ["run", "report", "compare", "predict", "export", "inspect"])
def test_a_disk_that_breaks_at_any_write_is_told(base: Path, tmp_path: Path, name: str) -> None:
    faults, broken, work = [], 0, tmp_path / "work"
    while not broken or DISK.writes >= broken:
        broken += 1
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(base / "runs", work)
        use, state = writers(base, work)[name], "finished"
        try:
            with DISK.breaking(work, (errno.ENOSPC, errno.EACCES)[broken % 2], broken):
                use()
        except DakitError as told:
            state = "not finished"
            if str(work) not in str(told):
                faults.append(f"write {broken}: {told} (names no file)")
        except Exception as bug:
            place = traceback.extract_tb(bug.__traceback__)[-3:]
            where = " < ".join(f"{p.filename}:{p.lineno}" for p in reversed(place))
            faults.append(f"write {broken}: {type(bug).__name__}: {bug} ({where})")
        if name == "run" and state != "finished":
            found = {each.state for each in find_runs(work / "new")}
            faults += [f"write {broken}: finished"] * ("finished" in found)
    assert broken > 1
    assert not faults, "\n".join(faults)


def test_a_run_that_a_full_disk_broke_is_gone_on_with(base: Path, tmp_path: Path) -> None:
    spec, whole = base / "spec.json", next((base / "runs").glob("tiny-*"))
    weights = "model/weights.safetensors"
    for broken in (10, 20, 30):
        out = tmp_path / str(broken)
        with DISK.breaking(out, errno.ENOSPC, broken), pytest.raises(DakitError):
            dakit.run(spec, out=out, reporter=SilentReporter())
        assert "finished" not in {run.state for run in find_runs(out)}
        again = dakit.run(spec, out=out, resume=True, reporter=SilentReporter())
        assert (again.folder.path / weights).read_bytes() == (whole / weights).read_bytes()
