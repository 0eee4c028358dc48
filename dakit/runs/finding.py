"""Which runs lie in a folder, and how far each of them is. Needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, final

from dakit.errors import InputError
from dakit.files.lock import holder
from dakit.files.writing import read_json
from dakit.runs.folder import RunFolder, State
from dakit.runs.records import (
    Document,
    Shape,
    read_environment,
    read_history,
    read_resolved,
    shaped,
)
from dakit.runs.results import Results, read_results

Progress = State | Literal["running"]


@final
@dataclass(frozen=True)
class RunSummary:
    """One line of ``dakit runs``. What is not known yet is None."""

    folder: Path
    name: str
    run_id: str
    state: Progress
    modified: float
    """When the run last wrote something, in seconds since the epoch."""
    epochs_run: int
    epochs: int | None
    """The epochs its spec asks for."""
    origin: str | None = None
    """Where the data come from; ``mock`` for mock data."""
    validator: str | None = None
    epoch: int | None = None
    """The epoch that was kept."""
    used_target_labels: bool = False
    source_accuracy: float | None = None
    target_accuracy: float | None = None
    problem: str | None = None
    """Why the run failed, or which of its files cannot be read."""
    at_work: str | None = None
    """Which process is carrying it out, on which machine."""


def run_state(path: Path) -> Progress | None:
    """Return the state of the run in ``path``; None where no run has begun there.

    It is ``running`` where a process holds its lock and the results are not written.
    """
    folder = RunFolder(path)
    if not (folder.results.exists() or folder.resolved.exists() or folder.spec.exists()):
        return None
    return "running" if _at_work(folder) else folder.state


def _at_work(folder: RunFolder) -> str | None:
    return (holder(folder.lock) or None) if folder.state != "finished" else None


def find_runs(out: Path) -> list[RunSummary]:
    """Return the runs directly in ``out``, the latest last; none where it does not exist."""
    if not out.is_dir():
        return []
    found = [summarise(RunFolder(path)) for path in out.iterdir() if run_state(path) is not None]
    return sorted(found, key=lambda run: (run.modified, run.name, run.run_id))


def runs_meant(paths: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Return the run folders that ``paths`` mean, each once, and a line for each left out.

    A folder of runs stands for the finished ones in it; of a sweep's, those that only others
    start from are left out. Beside finished runs, others are left out with a line, and what holds
    none (a page, a folder of figures) without, for ``runs/*`` may hold anything. What is not
    there at all stays, so that its reader complains.
    """
    meant: dict[Path, None] = {}
    left_out = []
    for path in paths:
        state = run_state(path)
        if state == "finished" or not path.exists():
            meant[path] = None
        elif state is not None:
            left_out.append(f"{path}: {state}")
        else:
            meant.update(dict.fromkeys(_finished_in(path)))
    return (list(meant), left_out) if meant else (list(paths), [])


def _finished_in(folder: Path) -> list[Path]:
    found = [run.folder for run in find_runs(folder) if run.state == "finished"]
    starts = _starts_only(folder / "sweep.json")
    return sorted(path for path in found if path.name not in starts)


class _Task(Shape):
    folder: str | None
    only_a_start: bool


class _Sweep(Document):
    runs: list[_Task]


def _starts_only(sweep: Path) -> set[str]:
    if not sweep.exists():
        return set()
    tasks = shaped(_Sweep, read_json(sweep), f"{sweep} is no state of a sweep").runs
    return {Path(task.folder).name for task in tasks if task.only_a_start and task.folder}


def summarise(folder: RunFolder) -> RunSummary:
    """Return the summary of one run; a damaged file is named in it, not raised."""
    name, _, run_id = folder.path.name.rpartition("-")
    at_work = _at_work(folder)
    state = "running" if at_work else folder.state
    try:
        details = _details(folder, state)
    except InputError as error:
        details = {"epochs_run": 0, "epochs": None, "problem": str(error)}
    known = {"name": name or run_id, "run_id": run_id, "at_work": at_work, **details}
    return RunSummary(folder=folder.path, state=state, modified=_last_written(folder), **known)


def _details(folder: RunFolder, state: Progress) -> dict[str, Any]:
    return {
        "epochs_run": len({row.epoch for row in read_history(folder)}),
        **_plan(folder),
        **(_result_details(read_results(folder)) if state == "finished" else {}),
        **({"problem": failure_reason(folder)} if state == "failed" else {}),
    }


def _plan(folder: RunFolder) -> dict[str, Any]:
    """Return name, id and epochs as the run's own files tell them: a folder may be renamed."""
    if not folder.resolved.exists():
        return {"epochs": None}
    resolved, run_id = read_resolved(folder), read_environment(folder).run_id
    plan = {"name": resolved.name, "epochs": resolved.training.epochs}
    return plan if run_id is None else {**plan, "run_id": run_id}


def _result_details(results: Results) -> dict[str, Any]:
    source, target = results.test("source"), results.test("target")
    return {
        "name": results.name,
        "run_id": results.run_id,
        "origin": results.data.origin,
        "validator": results.selection.validator,
        "epoch": results.selection.epoch,
        "used_target_labels": results.selection.used_target_labels,
        "source_accuracy": source and source.accuracy,
        "target_accuracy": target and target.accuracy,
    }


def failure_reason(folder: RunFolder) -> str | None:
    """Return why a failed run failed, None where its record does not say."""
    error = read_json(folder.error)
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else None


def _last_written(folder: RunFolder) -> float:
    files = (folder.spec, folder.resolved, folder.metrics, folder.error, folder.results)
    return max((path.stat().st_mtime for path in files if path.exists()), default=0.0)
