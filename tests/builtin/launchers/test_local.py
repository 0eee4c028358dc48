from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dakit.builtin.launchers import local_launcher
from dakit.builtin.launchers.local import LocalSpec
from dakit.builtin.launchers.local_launcher import LocalLauncher
from dakit.contracts import BuildContext, Job

MEET = """
import sys, time
from pathlib import Path
me, other = map(Path, sys.argv[1:])
me.touch()
while not other.exists():
    time.sleep(0.01)
"""
IGNORES = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""

MakeJob = Callable[..., Job]


@pytest.fixture
def job(tmp_path: Path) -> MakeJob:
    def make(name: str, script: str, *arguments: str | Path) -> Job:
        command = (sys.executable, "-S", "-c", script, *map(str, arguments))
        return Job(name, command, tmp_path / f"{name}.log")

    return make


def test_jobs_run_at_the_same_time(job: MakeJob, tmp_path: Path) -> None:
    """Each of the two waits for the other, so one after the other would never end."""
    a, b = tmp_path / "a", tmp_path / "b"
    told = list(LocalLauncher([{}, {}]).launch([job("a", MEET, a, b), job("b", MEET, b, a)]))
    assert [u.state for u in told] == ["started", "started", "succeeded", "succeeded"]


def test_never_more_than_there_are_places(job: MakeJob) -> None:
    jobs = [job(str(number), "print()") for number in range(4)]
    running = most = 0
    for update in LocalLauncher([{}, {}]).launch(jobs):
        running += 1 if update.state == "started" else -1
        most = max(most, running)
    assert most == 2


def test_each_place_has_its_environment(job: MakeJob, tmp_path: Path) -> None:
    script = "import os; print(os.environ['PLACE'])"
    places = [{"PLACE": "left"}, {"PLACE": "right"}]
    list(LocalLauncher(places).launch([job("a", script), job("b", script)]))
    assert {(tmp_path / f"{n}.log").read_text().strip() for n in "ab"} == {"left", "right"}


def test_a_signal_is_named(job: MakeJob) -> None:
    script = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    *_, end = LocalLauncher([{}]).launch([job("a", script)])
    assert (end.state, end.reason) == ("failed", "killed by SIGSEGV")


def test_a_job_that_will_not_end_is_killed(
    job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_launcher, "GRACE", 0.05)
    ended: list[int] = []
    kill = local_launcher.subprocess.Popen.kill
    monkeypatch.setattr(
        local_launcher.subprocess.Popen,
        "kill",
        lambda self: (kill(self), ended.append(self.wait())),
    )
    updates = LocalLauncher([{}]).launch([job("a", IGNORES)])
    next(updates)
    while not (tmp_path / "a.log").read_text():
        pass
    updates.close()
    assert ended == [-signal.SIGKILL]


def test_an_error_in_the_loop_stops_all(job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C arrives while the launcher waits."""
    processes = []
    start = local_launcher.subprocess.Popen.__init__

    def started(self: object, *arguments: object, **options: object) -> None:
        processes.append(self)
        start(self, *arguments, **options)  # type: ignore[arg-type]

    def interrupted(_seconds: float) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(local_launcher.subprocess.Popen, "__init__", started)
    updates = LocalLauncher([{}]).launch([job("a", "import time; time.sleep(600)")])
    next(updates)
    monkeypatch.setattr(local_launcher.time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(updates)
    assert [process.returncode for process in processes] == [-signal.SIGTERM]


def test_the_spec_says_how_many() -> None:
    launcher = LocalSpec(jobs=3, threads=2).build(BuildContext(seed=0))
    assert isinstance(launcher, LocalLauncher)
    assert len(launcher._places) == 3
