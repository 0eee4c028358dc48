from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from dakit.cli import interruption

LAUNCHER = """
import sys
from pathlib import Path
from dakit.builtin.launchers.local_launcher import LocalLauncher
from dakit.contracts import Job
command = (sys.executable, "-c", sys.argv[2])
for update in LocalLauncher([{}]).launch([Job("a", command, Path(sys.argv[1]))]):
    pass
"""
JOB = """
import os, time
from dakit.cli.interruption import end_with_parent
end_with_parent()
assert "DAKIT_PARENT" not in os.environ
print(os.getpid(), flush=True)
time.sleep(60)
"""


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def within_seconds(seconds: float, holds: Callable[[], object]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


def test_a_job_ends_with_a_launcher_that_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER, str(log), JOB])
    assert within_seconds(60, lambda: log.read_text().endswith("\n")), log.read_text()
    job = int(log.read_text())
    assert is_there(job)
    launcher.send_signal(signal.SIGKILL)
    launcher.wait()
    assert within_seconds(20, lambda: not is_there(job))


def test_a_run_watches_the_parent_it_is_given_and_passes_it_to_nobody(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    dakit_here: Callable[..., CompletedProcess[str]],
) -> None:
    watched: list[int] = []
    monkeypatch.setattr(interruption, "_watch", watched.append)
    monkeypatch.setenv("DAKIT_PARENT", "123")
    dakit_here("run", "missing.json", cwd=tmp_path)
    assert "DAKIT_PARENT" not in os.environ
    dakit_here("run", "missing.json", cwd=tmp_path)
    assert watched == [123]
