from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dakit.errors import InputError
from dakit.runs.lock import locked

HOLD = """
import sys, time
from pathlib import Path
from dakit.runs.lock import locked
with locked(Path(sys.argv[1]), lambda process: None):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def refuse(process: int | None) -> None:
    raise InputError(f"held by {process}")


def test_the_file_names_the_holder_and_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path, refuse):
        assert path.read_text() == f"{os.getpid()}\n"
    assert not path.exists()


def test_a_second_process_is_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with hold(path) as holder:
        with pytest.raises(InputError, match=f"held by {holder.pid}"), locked(path, refuse):
            pass
        assert path.read_text() == f"{holder.pid}\n"
        holder.communicate()


def test_it_waits_where_nobody_refuses(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with hold(path) as holder:
        told: list[int | None] = []

        def let_go(process: int | None) -> None:
            told.append(process)
            holder.communicate()

        with locked(path, let_go):
            assert path.read_text() == f"{os.getpid()}\n"
        assert told == [holder.pid]


def test_what_a_dead_process_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with hold(path) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    assert path.read_text() == f"{holder.pid}\n"
    with locked(path, refuse):
        assert path.read_text() == f"{os.getpid()}\n"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"), locked(tmp_path / "no" / "l", refuse):
        pass
