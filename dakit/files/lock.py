"""One process at a time: a lock file that names its holder and dies with it."""

from __future__ import annotations

import errno
import os
import platform
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dakit.errors import InputError
from dakit.files.writing import doing

BUSY = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})
UNSUPPORTED = frozenset({errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What file systems without locks answer (Lustre mounted without flock)."""
PAUSE = 0.1


@contextmanager
def locked(
    path: Path,
    waiting: Callable[[str], None],
    note: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the lock file ``path`` in the ``with`` block, once no other process holds it.

    Where one does, ``waiting`` is called first with what :func:`holder` says; it may raise. The
    file holds process and machine for people; what counts is the system's lock on it, which ends
    with the process however it ends: a file that a dead one left is taken over. Where the file
    system has no locks the block is carried out without one, and ``note`` is called with a warning.

    Raises InputError where the file cannot be made.
    """
    told = False
    while (handle := _attempt(path, note)) is None:
        if not told and (who := holder(path)):  # none: somebody has but looked at the lock
            waiting(who)
            told = True
        sleep(PAUSE)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(handle)


def holder(path: Path) -> str:
    """Return who holds the lock file ``path``, as ``process 12 on node7``; empty where nobody does.

    Where the file system has no locks, whoever left the file there is named with that doubt.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return ""
    try:
        refusal = _refusal(handle, shared=True)
        if not refusal or not _is_still_there(handle, path):
            return ""
        who = _written(handle)
        return who if refusal in BUSY else f"{who}, unless it was killed: there are no locks here"
    finally:
        os.close(handle)


def _attempt(path: Path, note: Callable[[str], None]) -> int | None:
    """Return the locked file, None where another process holds it."""
    with doing("write", path, InputError):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    refusal = _refusal(handle)
    if refusal in BUSY:
        os.close(handle)
        return None
    if not _is_still_there(handle, path):  # its holder removed it just now
        os.close(handle)
        return _attempt(path, note)
    if refusal:
        why = "has no locks" if refusal in UNSUPPORTED else os.strerror(refusal)
        note(f"{path.parent} cannot be locked ({why}): start nothing twice at once there")
    with suppress(OSError):  # a full disk holds the lock as well, without a name
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()} on {platform.node()}\n".encode())
    return handle


def _refusal(handle: int, *, shared: bool = False) -> int:
    try:
        _take(handle, shared)
    except OSError as error:
        return error.errno or errno.EIO
    return 0


if os.name == "nt":

    def _take(handle: int, shared: bool) -> None:
        import msvcrt

        os.lseek(handle, 1 << 30, os.SEEK_SET)  # a locked byte cannot be read: not the holder's id
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        os.lseek(handle, 0, os.SEEK_SET)

else:

    def _take(handle: int, shared: bool) -> None:
        import fcntl

        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


def _is_still_there(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _written(handle: int) -> str:
    """Return what the lock file says of its holder, as far as it says it."""
    text = os.read(handle, 300).decode("utf-8", "replace").strip()
    return f"process {text}" if re.fullmatch(r"\d{1,20} on .*", text) else "a process"
