"""The story of a sweep, from its file to the comparison page. Read :func:`sweep` first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from dakit.components import LauncherSpec
from dakit.contracts import BuildContext, Job, JobUpdate, Launcher
from dakit.errors import DakitError, InputError, RunError, printable
from dakit.files.lock import locked
from dakit.files.writing import make_folder, write_json
from dakit.plugins import catalog
from dakit.plugins.faults import built, reason_of, returned
from dakit.reporting.compare.facts import ComparisonFacts
from dakit.reporting.sweep_table import SweepRow
from dakit.runs.failures import begun_with, mark_failed
from dakit.runs.folder import RunFolder
from dakit.spec.sweep import LoadedSweep, load_sweep
from dakit.spec.sweep_runs import sweep_runs
from dakit.workflows.arguments import several
from dakit.workflows.compare import compare, gather
from dakit.workflows.sweep_tasks import Task, TaskState, tasks_of
from dakit.workflows.train import OVERRIDES, load_run

STATE_FILE = "sweep.json"
LOCK_FILE = ".sweep.lock"
LOGS = "logs"
LONGEST_REASON = 500


@final
@dataclass(frozen=True)
class Sweep:
    """A sweep that is ready to be carried out, or has been: what ``sweep.json`` holds."""

    loaded: LoadedSweep
    tasks: tuple[Task, ...]
    """One per run, those that only others start from included."""
    out: Path
    page: Path
    """Where the comparison page is, or will be."""
    launcher: LauncherSpec
    facts: ComparisonFacts | None = None
    """What the page tells; none before the sweep has ended, and where nothing is compared."""

    @property
    def ok(self) -> bool:
        """Whether every run is finished."""
        return all(task.state == "finished" for task in self.tasks)

    @property
    def compared(self) -> list[RunFolder]:
        """The finished runs that the page sets beside each other; none where none is asked for."""
        finished = [t.folder for t in self.tasks if t.listed and t.folder and t.state == "finished"]
        return finished if self.loaded.spec.compare is not None else []

    @property
    def references(self) -> list[Path]:
        """The published tables that the file names."""
        spec = self.loaded.spec.compare
        return [self.loaded.folder / path for path in (spec.references if spec else ())]

    def rows(self) -> list[SweepRow]:
        """Return a row per run for tables."""
        return [SweepRow(t.label, t.state, t.folder, t.note) for t in self.tasks]

    def document(self) -> dict[str, object]:
        """Return what ``sweep.json`` holds, as plain values."""
        return {
            "name": self.loaded.spec.name,
            "file": str(self.loaded.path.resolve()),
            "page": str(self.page) if self.page.exists() else None,
            "runs": [task.document() for task in self.tasks],
        }


Watcher = Callable[[Sweep, Task], None]
"""Is called whenever the state of a task has changed."""


def sweep(
    file: str | Path,
    *,
    out: str | Path | None = None,
    quick: bool = False,
    jobs: int | None = None,
    overrides: Sequence[str] = (),
    watch: Watcher | None = None,
) -> Sweep:
    """Carry out what the sweep file asks for and compare its runs; return how it went.

    Runs that ``out`` holds finished are not repeated and interrupted ones are resumed. A run that
    fails keeps its reason while the rest goes on; it is tried again by the next call.

    Raises:
        InputError: something is wrong with the file or its specs, or another sweep is at work in
            ``out``.
        RunError: the runs could not be compared; they are kept.
    """
    planned = plan_sweep(file, out=out, quick=quick, jobs=jobs, overrides=overrides)
    make_folder(planned.out / LOGS)
    with (
        locked(planned.out / LOCK_FILE, lambda who: _refuse(planned.out, who), _warn),
        _state_kept(planned),
    ):
        for task in planned.tasks:
            if task.folder is None:  # and so has failed
                begun = begun_with(planned.out, task.run.loaded.resolved, any_start=True)
                mark_failed(begun, RunError(task.reason))
        _carry_out(planned, watch or _nobody)
        return replace(planned, facts=_compare(planned))


def plan_sweep(
    file: str | Path,
    *,
    out: str | Path | None = None,
    quick: bool = False,
    jobs: int | None = None,
    overrides: Sequence[str] = (),
) -> Sweep:
    """Return what a sweep would do: its runs, their folders, and which are finished already.

    Reads the data, since the ids of the runs depend on them, and writes nothing. ``out`` is
    ``runs/<name>`` by default, with ``-quick`` behind it where ``quick`` is asked for.
    """
    overrides = several(overrides, (str,), "overrides", OVERRIDES)
    loaded = load_sweep(Path(file))
    name = loaded.spec.name
    folder = Path(out) if out is not None else Path("runs") / (f"{name}-quick" if quick else name)
    launcher = _with_jobs(loaded.spec.launcher, jobs)
    runs = sweep_runs(loaded, quick=quick, changes=overrides)
    return Sweep(loaded, tasks_of(runs, folder), folder, folder / f"{name}.html", launcher)


def _with_jobs(launcher: LauncherSpec, jobs: int | None) -> LauncherSpec:
    if jobs is None:
        return launcher
    if "jobs" not in type(launcher).model_fields:
        raise InputError(f"--jobs: the launcher {launcher.name!r} has no such setting")
    return type(launcher).model_validate({**launcher.model_dump(), "jobs": jobs})


def _refuse(out: Path, who: str) -> None:
    raise InputError(
        f"another sweep ({who}) is at work in {out}; wait for it, or give another --out"
    )


def _warn(text: str) -> None:
    sys.stderr.write(f"{printable(text)}\n")


def _nobody(_sweep: Sweep, _task: Task) -> None:
    """Watch nothing."""


@contextmanager
def _state_kept(sweep: Sweep) -> Iterator[None]:
    """Leave ``sweep.json`` true however the block ends; what was running has not finished.

    Where it ends by an error, such as a launcher's, what was waiting has failed as well.
    """
    _write_state(sweep)
    try:
        yield
    except Exception as error:
        _end(sweep, "running", "failed", reason_of(error))
        _end(sweep, "waiting", "failed", f"not started: {reason_of(error)}")
        raise
    finally:
        _end(sweep, "running", "interrupted")
        _write_state(sweep)


def _end(sweep: Sweep, was: TaskState, state: TaskState, reason: str = "") -> None:
    for task in sweep.tasks:
        if task.state == was:
            task.state, task.reason = state, reason


def _write_state(sweep: Sweep) -> None:
    write_json(sweep.out / STATE_FILE, sweep.document())


def _carry_out(sweep: Sweep, watch: Watcher) -> None:
    """Launch all tasks that can be, until none is left: first those that others start from."""
    for task in sweep.tasks:
        if task.state != "waiting":
            watch(sweep, task)
    launcher = built(sweep.launcher, BuildContext(seed=0), Launcher)
    while waiting := [task for task in sweep.tasks if task.state == "waiting"]:
        for task in waiting:
            if task.start is not None and task.start.state == "failed":
                _change(
                    sweep, task, watch, "failed", f"it starts from {task.start.label}, which failed"
                )
        ready = [
            task
            for task in waiting
            if task.state == "waiting" and (task.start is None or task.start.state == "finished")
        ]
        if ready:
            _launch(sweep, ready, launcher, watch)


def _launch(sweep: Sweep, tasks: Sequence[Task], launcher: Launcher, watch: Watcher) -> None:
    by_name = {task.label: task for task in tasks}
    jobs = [_job(sweep, task) for task in tasks]
    with closing(returned(launcher.launch(jobs), Generator, launcher, "launch")) as updates:
        for update in updates:
            task = by_name[returned(update, JobUpdate, launcher, "launch").name]
            _change(sweep, task, watch, *_state_after(update, task, _log(sweep, task)))
    for task in tasks:
        if task.state in {"waiting", "running"}:
            _change(sweep, task, watch, "failed", "the launcher ended without a word on it")


def _change(sweep: Sweep, task: Task, watch: Watcher, state: TaskState, reason: str = "") -> None:
    task.state, task.reason = state, reason
    _write_state(sweep)
    watch(sweep, task)


def _log(sweep: Sweep, task: Task) -> Path:
    return sweep.out.resolve() / LOGS / f"{task.label}.log"


def _job(sweep: Sweep, task: Task) -> Job:
    changes = [word for change in task.changes for word in ("--set", change)]
    where = ["--out", str(sweep.out.resolve())]
    return Job(
        task.label,
        (
            *(sys.executable, "-m", "dakit", *catalog.options().arguments()),
            *("run", str(task.run.path), *where, "--resume", "--no-report", *changes),
        ),
        _log(sweep, task),
    )


def _state_after(update: JobUpdate, task: Task, log: Path) -> tuple[TaskState, str]:
    if update.state == "started":
        return "running", ""
    assert task.folder is not None  # a task without folder is not launched
    if task.folder.state == "finished":  # the folder knows best
        return "finished", ""
    reason = update.reason or "it ended without results"
    words = last_words(log)
    return "failed", f"{reason}: {words}" if words else reason


def last_words(log: Path) -> str:
    """Return the error that a log ends with, or else its last line; empty where there is no log."""
    if not log.is_file():
        return ""
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    errors = [number for number, line in enumerate(lines) if line.startswith("error: ")]
    told = " ".join(lines[errors[-1] :] if errors else lines[-1:]).removeprefix("error: ")
    return told if len(told) <= LONGEST_REASON else f"{told[:LONGEST_REASON]}..."


def _compare(sweep: Sweep) -> ComparisonFacts | None:
    """Write the comparison page of the finished runs, unless it is there and up to date."""
    folders, references = sweep.compared, sweep.references
    if not folders:
        return None
    try:
        if _is_up_to_date(sweep, [folder.results for folder in folders]):
            runs = [load_run(folder.path) for folder in folders]
            return gather(runs, references=references, latent=False)
        paths = [folder.path for folder in folders]
        return compare(paths, references=references, out=sweep.page).facts
    except DakitError as error:
        raise RunError(f"the runs are kept, but could not be compared: {error}") from error


def _is_up_to_date(sweep: Sweep, results: Sequence[Path]) -> bool:
    if not sweep.page.exists():
        return False
    written = sweep.page.stat().st_mtime
    return all(path.stat().st_mtime < written for path in (sweep.loaded.path, *results))
