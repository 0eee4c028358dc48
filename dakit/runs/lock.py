"""One process at a time: a lock file that names its holder and dies with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dakit.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: no locks, as no two runs of one folder are started there at once
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(path: Path, waiting: Callable[[int | None], None]) -> Iterator[None]:
    """Hold the lock file ``path`` in the ``with`` block, once no other process holds it.

    Where one does, ``waiting`` is called first with its process id, None where that is not known;
    it may raise. The file holds the process id for people; what counts is the system's lock on
    it, which ends with the process however it ends: a file that a dead one left is taken over.

    Raises InputError where the file cannot be made.
    """
    handle = _acquire(path, waiting)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(handle)


def _acquire(path: Path, waiting: Callable[[int | None], None]) -> int:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror or error}") from error
        try:
            _lock(handle, waiting)
            if _is_still_there(handle, path):
                os.truncate(handle, 0)
                os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its holder removed it while we waited for it


def _lock(handle: int, waiting: Callable[[int | None], None]) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting(_holder(handle))
        fcntl.flock(handle, fcntl.LOCK_EX)


def _is_still_there(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _holder(handle: int) -> int | None:
    text = os.pread(handle, 32, 0).strip()
    return int(text) if text.isdigit() else None
