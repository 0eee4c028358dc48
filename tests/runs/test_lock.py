from __future__ import annotations

import errno
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
with locked(Path(sys.argv[1]), print, print):
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


def never(text: str) -> None:
    raise AssertionError(text)


def test_the_file_names_the_holder_and_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path, refuse, never):
        assert path.read_text() == f"{os.getpid()}\n"
    assert not path.exists()


def test_a_second_process_is_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with hold(path) as holder:
        with (
            pytest.raises(InputError, match=f"held by {holder.pid}"),
            locked(path, refuse, never),
        ):
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

        with locked(path, let_go, never):
            assert path.read_text() == f"{os.getpid()}\n"
        assert told == [holder.pid]


def test_what_a_dead_process_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with hold(path) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    assert path.read_text() == f"{holder.pid}\n"
    with locked(path, refuse, never):
        assert path.read_text() == f"{os.getpid()}\n"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="cannot write"),
        locked(tmp_path / "no" / "l", refuse, print),
    ):
        pass


@pytest.mark.parametrize("answer", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EIO])
def test_a_file_system_without_locks_is_worked_on_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    def flock(handle: int, operation: int) -> None:
        raise OSError(answer, os.strerror(answer))

    monkeypatch.setattr("fcntl.flock", flock)
    told: list[str] = []
    with locked(tmp_path / "lock", refuse, told.append):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    assert len(told) == 1
    assert told[0].startswith(f"{tmp_path} cannot be locked")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_holds_the_lock_without_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(handle: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "lock"
    with monkeypatch.context() as patch:
        patch.setattr("os.write", write)
        with locked(path, refuse, never):
            assert path.read_bytes() == b""
    with locked(path, refuse, never):
        assert path.read_text() == f"{os.getpid()}\n"
