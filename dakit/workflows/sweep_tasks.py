"""What a sweep has to do: each of its runs with its folder and how far it is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, final

from dakit.data.prepare import fingerprint
from dakit.plugins.faults import reason_of
from dakit.runs.folder import RunFolder, run_folder
from dakit.runs.plugin_changes import other_versions
from dakit.runs.records import read_environment
from dakit.runs.results import read_results
from dakit.runs.run import load_run
from dakit.spec.identity import run_id
from dakit.spec.loading import LoadedSpec
from dakit.spec.sweep_runs import SweepRun
from dakit.workflows.train import build_data

TaskState = Literal["waiting", "running", "finished", "failed", "interrupted"]


@final
@dataclass(eq=False)
class Task:
    """One run of a sweep and its state, which changes while the sweep goes on."""

    label: str
    run: SweepRun = field(repr=False)
    folder: RunFolder | None
    """None where its data cannot be read, so that it has no id."""
    run_id: str
    start: Task | None
    """The task that must be finished before."""
    listed: bool
    """Whether the sweep asks for it; otherwise another one only starts from it."""
    state: TaskState = "waiting"
    reason: str = ""
    """Why it failed."""
    repeated: bool = True
    """False where it was finished before the sweep began."""
    versions: str = ""
    """With which other versions of its plugins it was finished."""

    @property
    def changes(self) -> tuple[str, ...]:
        """What ``dakit run`` gets as ``--set``; it starts from the very run the sweep made."""
        if self.start is None or self.start.folder is None:
            return self.run.changes
        start = json.dumps(str(self.start.folder.path.resolve()), ensure_ascii=False)
        return (*self.run.changes, "init_from.spec=null", f"init_from.run={start}")

    @property
    def note(self) -> str:
        """What a reader of the table should know."""
        if self.reason:
            return self.reason
        before = "" if self.repeated else f"finished before {self.versions}".strip()
        return ", ".join(filter(None, [before, "" if self.listed else "a start only"]))

    def document(self) -> dict[str, Any]:
        """Return the task as plain JSON values."""
        return {
            "run": self.label,
            "spec": str(self.run.path),
            "seed": self.run.loaded.spec.seed,
            "overrides": self.run.override,
            "changes": list(self.run.changes),
            "state": self.state,
            "reason": self.reason or None,
            "folder": str(self.folder.path) if self.folder else None,
            "starts_from": self.start.label if self.start else None,
            "only_a_start": not self.listed,
            "finished_before": not self.repeated,
        }


def tasks_of(runs: Iterable[SweepRun], out: Path) -> tuple[Task, ...]:
    """Return the tasks of ``runs``, each after the one it starts from.

    The data are read once for all runs that share them, since the id of a run depends on them: a
    run that ``out`` holds finished is known without starting a process for it. Where reading them
    fails the task has failed already.
    """
    planner = _Planner(out)
    for run in runs:
        planner.add(run, listed=True)
    return tuple(planner.tasks)


@final
class _Planner:
    def __init__(self, out: Path) -> None:
        self.out = out
        self.tasks: list[Task] = []
        self._fingerprints: dict[str, str | Exception] = {}

    def add(self, run: SweepRun, *, listed: bool) -> Task:
        start = self.add(run.start, listed=False) if run.start else None
        task = self._task(run, start, listed)
        known = next((t for t in self.tasks if t.folder and t.folder == task.folder), None)
        if known is not None:
            known.listed = known.listed or listed
            return known
        self.tasks.append(task)
        return task

    def _task(self, run: SweepRun, start: Task | None, listed: bool) -> Task:
        label = run.label if listed else f"{run.label}-start"
        if start is not None and start.folder is None:
            return Task(label, run, None, "", start, listed, "failed", start.reason)
        try:
            identity = self._identity(run.loaded, start)
        except Exception as error:  # a dataset may break in any way; the other runs go on
            return Task(label, run, None, "", start, listed, "failed", reason_of(error))
        folder = run_folder(self.out, run.loaded.spec.name, identity)
        done = folder.state == "finished"
        state: TaskState = "finished" if done else "waiting"
        task = Task(label, run, folder, identity, start, listed, state, repeated=not done)
        if done:
            task.versions = other_versions(read_environment(folder), run.loaded.resolved)
        return task

    def _identity(self, loaded: LoadedSpec, start: Task | None) -> str:
        init = loaded.spec.init_from
        start_id = start.run_id if start else ""
        if init is not None and init.run is not None:
            start_id = read_results(load_run(loaded.base_dir / init.run).folder).run_id
        return run_id(loaded.resolved, self._fingerprint(loaded), start_id)

    def _fingerprint(self, loaded: LoadedSpec) -> str:
        facts = [loaded.resolved["data"], str(loaded.base_dir), loaded.spec.seed]
        key = json.dumps(facts, sort_keys=True)
        if key not in self._fingerprints:
            try:
                self._fingerprints[key] = fingerprint(build_data(loaded))
            except Exception as error:
                self._fingerprints[key] = error
        found = self._fingerprints[key]
        if isinstance(found, Exception):
            raise found
        return found
