"""A disk that is full or forbidden at any write of any command: told, and nothing half-written."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

import dakit
from dakit import LauncherSpec
from dakit.cli.app import main
from dakit.contracts import BuildContext, Job, JobUpdate, Launcher
from dakit.errors import DakitError
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo, load_plugins
from dakit.plugins.options import PluginOptions
from dakit.runs.finding import find_runs
from dakit.training.reporter import SilentReporter

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.truncate"}


class Disk:
    """Refuses the write number ``broken`` below ``folder``, counted from 1, and those after it.

    Without an ``error`` that is the opening of a file, and no file can be longer than ``room``
    bytes from then on: the system itself refuses what goes beyond, in the middle of a write.
    """

    def __init__(self) -> None:
        self.folder, self.error, self.broken, self.writes, self.room = "", 0, 0, 0, 0
        self.first = ""
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        sys.addaudithook(self._hook)  # stays for good, and does nothing without a folder

    def _hook(self, event: str, details: tuple[Any, ...]) -> None:
        if not self.folder or (event != "open" and (event not in CHANGES or not self.error)):
            return
        if event == "open" and not (isinstance(details[2], int) and details[2] & WRITING):
            return
        if self.folder not in os.fsdecode(
            details[0] if isinstance(details[0], str | bytes) else ""
        ):
            return
        self.writes += 1
        if self.writes < self.broken:
            return
        self.first = self.first or event
        if self.error:
            raise OSError(self.error, os.strerror(self.error), details[0])
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.room, self._limits[1]))

    @contextmanager
    def breaking(self, folder: Path, error: int, broken: int, room: int = 0) -> Iterator[None]:
        """Break in the ``with`` block."""
        self.folder, self.error, self.broken, self.writes = str(folder), error, broken, 0
        self.room, self.first = room, ""
        try:
            yield
        finally:
            self.folder = ""
            resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let other programs write in the ``with`` block."""
        folder, self.folder = self.folder, ""
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)
        try:
            yield
        finally:
            self.folder = folder
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)


DISK = Disk()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, tiny_runs: Path) -> Path:
    """A folder with a spec, its data and its finished run."""
    base = tmp_path_factory.mktemp("base")
    run = next((tiny_runs / "runs").glob("tiny-*"))
    shutil.copytree(run, base / "runs" / run.name)
    (base / "runs" / run.name / "report.html").unlink()
    for path in tiny_runs.glob("*.*"):
        shutil.copy(path, base)
    spec, rng = json.loads((base / "spec.json").read_text()), np.random.default_rng(0)
    (base / "pictures").mkdir()
    for row in range(30):
        (base / "pictures" / f"c{row % 2}").mkdir(exist_ok=True)
        np.save(base / "pictures" / f"c{row % 2}" / f"{row}.npy", rng.random((1, 8, 8), "f4"))
    images = {"name": "images", **{side: {"path": "pictures"} for side in ("source", "target")}}
    (base / "images.json").write_text(
        json.dumps({**spec, "data": images, "model": {"backbone": "small_cnn"}})
    )
    sweep = {"schema_version": 1, "name": "all", "specs": ["spec.json"], "launcher": "copying"}
    (base / "sweep.json").write_text(json.dumps(sweep))
    return base


@dataclass(frozen=True)
class Drawn:
    """A figure that costs nothing."""

    name: str = "drawn"
    caption: str = "A figure."
    png: bytes = b"picture " * 20
    pdf: bytes = b"picture " * 20
    svg: str = "<svg>picture</svg>" * 20
    wide: bool = False

    def inline(self) -> str:
        """Return its text."""
        return self.svg


class CopyingSpec(LauncherSpec):
    """Carries out a run by copying the one that ``FINISHED`` names."""

    name: Literal["copying"] = "copying"

    def build(self, context: BuildContext) -> Launcher:
        """Build the launcher."""
        return Copying()


class Copying(Launcher):
    """See the spec."""

    def launch(self, jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
        """Start each job, and end it."""
        for job in jobs:
            yield JobUpdate(job.name, "started")
            done, out = Path(os.environ["FINISHED"]), job.command[job.command.index("--out") + 1]
            with DISK.paused():
                shutil.copytree(done, Path(out) / done.name)
            yield JobUpdate(job.name, "succeeded")


@pytest.fixture
def copying(base: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Offers the launcher of that name."""
    monkeypatch.setenv("FINISHED", str(next((base / "runs").glob("tiny-*"))))
    mine = LoadedPlugin(PluginInfo("copying", "1.0", "copying"), (CopyingSpec,))
    with catalog.using(Catalog([*load_plugins(PluginOptions(allowed=())).plugins, mine])):
        yield


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for made in (
        "report.make_figures",
        "compare.draw_comparison",
        "inspection.make_inspection_figures",
    ):
        monkeypatch.setattr(f"dakit.reporting.figures.{made}", lambda _: {"drawn": [Drawn()]})
    monkeypatch.setattr(
        "dakit.evaluation.latent_space.tsne", lambda features, seed: features[:, :2]
    )
    monkeypatch.setattr("dakit.workflows.export._torch_program", lambda *_: None)
    monkeypatch.setattr("dakit.workflows.export._MAKERS", {"torch": lambda _: (b"x" * 20, None)})
    agreed = {"logits": 0.0, "probabilities": 0.0}
    monkeypatch.setattr("dakit.workflows.export._compare", lambda *_: agreed)
    monkeypatch.setattr("dakit.workflows.train.environment", lambda *_: {})
    monkeypatch.setattr("os.fsync", lambda handle: None)  # quick: nothing is written for good
    monkeypatch.setattr("gc.collect", lambda: 0)


COMMANDS = {
    "run": "run {base}/spec.json --out {work}/new --no-report",
    "images": "inspect {base}/images.json --no-duplicates --out {work}/inspection",
    "sweep": "sweep {base}/sweep.json --out {work}/new",
    "report": "report {run}",
    "compare": "compare {run} --no-latent --out {work}/p.html --csv {work}/t.csv --latex {work}/t",
    "predict csv": "predict {run} {base}/target.npy --out {work}/t.csv",
    "predict fits": "predict {run} {base}/target.npy --out {work}/t.fits",
    "predict parquet": "predict {run} {base}/target.npy --out {work}/t.parquet",
    "evaluate": "evaluate {run} --data {base}/spec.json --out {work}/scores.json",
    "export": "export {run}",
    "inspect": "inspect {base}/spec.json --out {work}/inspection",
    "schema": "schema --out {work}/schema.json",
    "new-plugin": "new-plugin my_net --kind backbone --out {work}",
}


@pytest.mark.usefixtures("copying")
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("how", ["refused", "full in the middle of a file"])
def test_a_disk_that_breaks_at_any_write_is_told_and_leaves_no_half_of_a_file(
    base: Path,
    tmp_path: Path,
    name: str,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    work = tmp_path / "work"
    run = work / next((base / "runs").glob("tiny-*")).name
    monkeypatch.setenv("DAKIT_CACHE", str(work / "cache"))
    words = {"base": base, "work": work, "run": run}
    line = [word.format(**words) for word in COMMANDS[name].split()]
    faults, broken = [], 0
    while not broken or DISK.writes >= broken:
        broken += 1
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(base / "runs", work)
        before, room = contents(work), (0, 7)[broken % 2]
        error = (errno.ENOSPC, errno.EACCES)[broken % 2] if how == "refused" else 0
        with DISK.breaking(work, error, broken, room):
            code = main(line)
        told = capsys.readouterr().err
        if DISK.writes < broken:
            assert code == 0, told
            break
        if code == 0 and DISK.first == "os.remove":
            continue  # a lock stays, which is no harm
        errors = [each for each in told.splitlines() if each.startswith("error: ")]
        if code not in {1, 2} or len(errors) != 1 or str(work) not in errors[0]:
            faults.append(f"write {broken}: exit {code}: {told}")
        bug = "Traceback" in told or "--debug" in told  # told as a fault of dakit or a component
        faults += [f"write {broken}: {told}"] * bug
        after = contents(work)
        halves = [
            path
            for path, content in after.items()
            if before.get(path) != content
            and (path.suffix == ".part" or len(content) <= room)
            and path.name != "metrics.jsonl"  # is appended to; see test_writing
        ]
        if not error:  # a disk that refuses to remove a file keeps it
            faults += [f"write {broken}: left {path}" for path in halves]
        faults += [f"write {broken}: took {path}" for path in before.keys() - after.keys()]
        if name == "export" and not error and after != before:
            faults.append(f"write {broken}: left {sorted(after.keys() - before.keys())}")
        results = list(work.glob("new/tiny-*/results.json")) if name == "run" else []
        faults += [f"write {broken}: wrote {path}" for path in results]
    assert broken > 1
    assert not faults, "\n".join(faults)


def contents(folder: Path) -> dict[Path, bytes]:
    """Return the files in ``folder``."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


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
