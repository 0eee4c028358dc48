"""One fetch at a time in a folder: a second one waits, then finds what the first has brought."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dakit.errors import RunError

LOCK_NAME = ".dakit-fetch.lock"
BUSY = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})
UNSUPPORTED = frozenset({errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What file systems without locks answer (Lustre mounted without flock)."""


@contextmanager
def folder_lock(
    folder: Path, note: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
) -> Iterator[None]:
    """Hold the folder's lock; the system lets go of it when the process ends, however it ends."""
    path = folder / LOCK_NAME
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error
    try:
        _wait(handle, folder, note, sleep)
        yield
    finally:
        os.close(handle)


def _wait(
    handle: int, folder: Path, note: Callable[[str], None], sleep: Callable[[float], None]
) -> None:
    told = False
    while True:
        try:
            return _take(handle)
        except OSError as error:
            if error.errno in UNSUPPORTED:
                return note(f"{folder} cannot be locked: do not fetch into it twice at once")
            if error.errno not in BUSY:
                raise RunError(f"cannot lock {folder}: {error.strerror or error}") from error
        if not told:
            note(f"another dakit fetch writes into {folder}; waiting for it")
            told = True
        sleep(1.0)


if os.name == "nt":

    def _take(handle: int) -> None:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]

else:

    def _take(handle: int) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
