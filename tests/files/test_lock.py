from __future__ import annotations

import errno
import fcntl
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dakit.errors import InputError
from dakit.files.lock import holder, locked

ME = f"{os.getpid()} on {platform.node()}\n"
HOLD = """
import sys, time
from pathlib import Path
from dakit.files.lock import locked
with locked(Path(sys.argv[1]), print, print):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def refuse(who: str) -> None:
    raise InputError(f"held by {who}")


def never(text: str) -> None:
    raise AssertionError(text)


def test_the_file_names_the_holder_and_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path, refuse, never):
        assert path.read_text() == ME
    assert not path.exists()


def test_a_second_process_is_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with hold(path) as other:
        with (
            pytest.raises(InputError, match=f"held by process {other.pid} on {platform.node()}"),
            locked(path, refuse, never),
        ):
            pass
        assert path.read_text() == f"{other.pid} on {platform.node()}\n"
        other.communicate()


def test_it_waits_where_nobody_refuses(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with hold(path) as other:
        told: list[str] = []

        def let_go(who: str) -> None:
            told.append(who)
            other.communicate()

        with locked(path, let_go, never):
            assert path.read_text() == ME
        assert told == [f"process {other.pid} on {platform.node()}"]


def test_what_a_dead_process_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with hold(path) as other:
        other.send_signal(signal.SIGKILL)
        other.communicate()
    assert path.read_text() == f"{other.pid} on {platform.node()}\n"
    with locked(path, refuse, never):
        assert path.read_text() == ME


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
        assert (tmp_path / "lock").read_text() == ME
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
        assert path.read_text() == ME


def test_looking_says_who_holds_it_and_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert holder(path) == ""
    with hold(path) as other:
        assert holder(path) == f"process {other.pid} on {platform.node()}"
        other.send_signal(signal.SIGKILL)
        other.communicate()
    assert path.exists(), "the dead process left it"
    assert holder(path) == ""
    with locked(path, refuse, never):
        assert holder(path) == f"process {ME.strip()}"
    assert not path.exists()


def test_two_that_look_at_the_lock_of_a_dead_process_see_nobody(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text(ME)
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        assert holder(path) == ""


def test_who_starts_while_another_looks_at_the_lock_is_not_refused(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text(ME)
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        with locked(path, refuse, never, sleep=lambda _: file.close()):
            assert holder(path) == f"process {ME.strip()}"


@pytest.mark.parametrize("text", ["", "x" * 400, "-1 on a", "12"])
def test_a_lock_that_does_not_say_whose_it_is_is_held_all_the_same(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "lock"
    with locked(path, refuse, never):
        path.write_text(text)
        assert holder(path) == "a process"


def test_without_locks_the_doubt_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    path = tmp_path / "lock"
    with locked(path, refuse, print):
        assert (
            holder(path) == f"process {ME.strip()}, unless it was killed: there are no locks here"
        )
    assert holder(path) == ""
