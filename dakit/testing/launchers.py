"""What a launcher promises: every job carried out and reported once, and no job left behind."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from dakit.contracts import Job, JobUpdate, Launcher
from dakit.testing.check import checks_of, require
from dakit.testing.subject import Subject

FINE = "print('this job is fine')"
FAILS = "print('about to fail'); raise SystemExit(3)"
CRASHES = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
BEATS = """
import sys, time
while True:
    with open(sys.argv[1], "a") as file:
        file.write("x")
    time.sleep(0.02)
"""
SECONDS = 60.0
"""How long a job that has been started may take to write its first word."""


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a Launcher."""
    launcher = subject.build()
    require(isinstance(launcher, Launcher), f"build returned {type(launcher).__name__}")


def tells_each_job_once(subject: Subject) -> None:
    """Every job is reported as started, then as succeeded, once each; without jobs nothing is."""
    names = [f"job-{number}" for number in range(3)]
    updates = _fates(subject, dict.fromkeys(names, FINE))
    for name in names:
        states = [update.state for update in updates if update.name == name]
        require(states == ["started", "succeeded"], f"a fine job was reported as {states}")
    require(len(updates) == 2 * len(names), "it reported jobs that it was not given")
    require(not _fates(subject, {}), "it reported jobs though it was given no jobs")


def keeps_what_jobs_print(subject: Subject) -> None:
    """What a job prints is in its log, in place of what was there."""
    with tempfile.TemporaryDirectory() as folder:
        job = _job(Path(folder), "job", FINE)
        job.log.write_text("the log of an earlier attempt")
        with closing(subject.build().launch([job])) as updates:
            list(updates)
        found = job.log.read_text().strip()
    require(found == "this job is fine", f"the log holds {found!r}")


def goes_on_after_a_failure(subject: Subject) -> None:
    """A job that fails, crashes or cannot start is reported with a reason; the rest goes on."""
    updates = _fates(subject, {"fails": FAILS, "crashes": CRASHES, "missing": None, "fine": FINE})
    ends = {update.name: update for update in updates if update.state != "started"}
    for name in ("fails", "crashes", "missing"):
        require(name in ends, f"nothing was reported of the job that {_what(name)}")
        require(ends[name].state == "failed", f"a job that {_what(name)} was reported as succeeded")
        require(bool(ends[name].reason), f"a job that {_what(name)} was reported without a reason")
    require("fine" in ends and ends["fine"].state == "succeeded", "the fine job did not succeed")
    require(len(updates) <= 8, "it reported a job more than once")


def leaves_no_job_behind(subject: Subject) -> None:
    """When its generator is closed, jobs that are running are stopped before it returns."""
    with tempfile.TemporaryDirectory() as folder:
        beat = Path(folder) / "beat"
        job = _job(Path(folder), "job", BEATS, str(beat))
        updates = subject.build().launch([job, _job(Path(folder), "another", FINE)])
        first = next(updates)
        require((first.name, first.state) == ("job", "started"), f"its first report was {first}")
        until = time.monotonic() + SECONDS
        while not beat.exists():
            require(time.monotonic() < until, "the job was reported as started, but does nothing")
            time.sleep(0.02)
        updates.close()
        size = beat.stat().st_size
        time.sleep(0.3)
        require(beat.stat().st_size == size, "the job goes on after the generator was closed")


def launches_again(subject: Subject) -> None:
    """One launcher can be used several times, as for jobs that need the results of others."""
    launcher = subject.build()
    for name in ("first", "second"):
        ends = [update.state for update in _fates(subject, {name: FINE}, launcher)]
        require(ends == ["started", "succeeded"], f"the {name} time it reported {ends}")


def _fates(
    subject: Subject, scripts: dict[str, str | None], launcher: Launcher | None = None
) -> Sequence[JobUpdate]:
    launcher = launcher or subject.build()
    with tempfile.TemporaryDirectory() as folder:
        jobs = [_job(Path(folder), name, script) for name, script in scripts.items()]
        with closing(launcher.launch(jobs)) as updates:
            return list(updates)


def _job(folder: Path, name: str, script: str | None, *arguments: str) -> Job:
    """Return a job that carries out Python code; None: a program that does not exist."""
    log = folder / f"{name}.log"
    if script is None:
        return Job(name, (str(folder / "no-such-program"),), log)
    return Job(name, (sys.executable, "-S", "-c", script, *arguments), log)


def _what(name: str) -> str:
    return "cannot be started" if name == "missing" else name


CHECKS = checks_of(
    builds_from_its_spec,
    tells_each_job_once,
    keeps_what_jobs_print,
    goes_on_after_a_failure,
    leaves_no_job_behind,
    launches_again,
)
