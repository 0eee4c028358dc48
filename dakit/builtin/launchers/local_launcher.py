"""Jobs as processes on this machine, several at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from dakit.builtin.launchers.local import LocalSpec
from dakit.builtin.launchers.machine import fitting_jobs, job_environments
from dakit.contracts import BuildContext, Job, JobUpdate, Launcher

GRACE = 10.0
"""Seconds that a process has to end when it is asked to."""
PAUSE = 0.05


def launch_here(spec: LocalSpec, context: BuildContext) -> LocalLauncher:
    """Return the launcher with as many places as ``spec`` says, or as the machine carries."""
    return LocalLauncher(job_environments(spec.jobs or fitting_jobs(), spec.threads))


@final
@dataclass(frozen=True)
class _Running:
    job: Job
    place: int
    process: subprocess.Popen[bytes]


@final
class LocalLauncher(Launcher):
    """Runs as many jobs at a time as there are ``places``, each with its environment variables.

    The processes stay in the process group of this one, so what ends the group ends them too;
    where this one alone is killed, ``DAKIT_PARENT`` tells dakit to end with it.
    """

    def __init__(self, places: Sequence[Mapping[str, str]]) -> None:
        self._places = tuple(places)

    def launch(self, jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
        """Carry out ``jobs``, in their order, as soon as a place is free."""
        waiting, free = deque(jobs), deque(range(len(self._places)))
        running: list[_Running] = []
        try:
            while waiting or running:
                while waiting and free:
                    job = waiting.popleft()
                    try:
                        running.append(self._start(job, free[0]))
                    except OSError as error:
                        yield JobUpdate(job.name, "failed", f"could not be started: {error}")
                        continue
                    free.popleft()
                    yield JobUpdate(job.name, "started")
                ended = [each for each in running if each.process.poll() is not None]
                for each in ended:
                    running.remove(each)
                    free.append(each.place)
                    yield _ended(each)
                if not ended:
                    time.sleep(PAUSE)
        finally:
            _stop([each.process for each in running])

    def _start(self, job: Job, place: int) -> _Running:
        with open(job.log, "wb") as log:
            process = subprocess.Popen(
                job.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._places[place], "DAKIT_PARENT": str(os.getpid())},
            )
        return _Running(job, place, process)


def _ended(running: _Running) -> JobUpdate:
    code = running.process.returncode
    if code == 0:
        return JobUpdate(running.job.name, "succeeded")
    reason = f"exit code {code}" if code > 0 else f"killed by {_signal_name(-code)}"
    return JobUpdate(running.job.name, "failed", reason)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
