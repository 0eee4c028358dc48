"""Checksums of data files, computed once for a file that does not change.

A run records the SHA-256 of its data files, and a fetch holds them against what an archive says;
of gigabytes that takes seconds, every time anew. So the last result is kept in the user's cache
folder (``$XDG_CACHE_HOME/dakit``, by default ``~/.cache/dakit``) and used again while the system
says that the file is the same: same path, device, inode, size, modification time and change time.
The change time is what makes this safe: every write moves it and no program can set it back,
unlike the modification time. (A disk that rots without a write is not noticed; delete the folder
to have all files read again.)

A file younger than :data:`SETTLED` seconds is always read: clocks of file systems are coarse, and
pages written through a memory map are stamped only when they go to the disk. Where there is no
change time (Windows), nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SETTLED = 120.0
"""Seconds without a change after which a file's checksum is kept."""


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of the file at ``path`` in hex digits. Raises OSError."""
    return file_checksum(path, "sha256")


def file_checksum(
    path: Path, algorithm: str, at: Callable[[int], object] = lambda position: None
) -> str:
    """Return a checksum of the file at ``path`` in hex digits, by an algorithm of hashlib.

    ``at`` is called with how many bytes are read, first 0, where they have to be. Raises OSError.
    """
    with path.open("rb") as file:  # opened first: network file systems then look at the server
        identity = _identity(path, algorithm, os.fstat(file.fileno()))
        known = _known(identity)
        if known is not None:
            return known
        state = hashlib.new(algorithm, usedforsecurity=False)
        at(0)
        while chunk := file.read(1 << 20):
            state.update(chunk)
            at(file.tell())
        if identity == _identity(path, algorithm, os.fstat(file.fileno())):
            _keep(identity, state.hexdigest())
        return state.hexdigest()


def _identity(path: Path, algorithm: str, status: os.stat_result) -> dict[str, str | int]:
    return {
        "algorithm": algorithm,
        "path": str(path.absolute()),
        "device": status.st_dev,
        "inode": status.st_ino,
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "ctime_ns": status.st_ctime_ns,
    }


def _known(identity: dict[str, str | int]) -> str | None:
    try:
        entry = json.loads(_entry(identity).read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError):
        return None
    match entry:
        case {"file": dict(file), "checksum": str(found)} if file == identity:
            return found
    return None


def _keep(identity: dict[str, str | int], found: str) -> None:
    if os.name == "nt" or not _is_settled(identity):
        return
    with suppress(OSError, RuntimeError):  # without a cache it is slower, no more
        entry = _entry(identity)
        entry.parent.mkdir(parents=True, exist_ok=True)
        temporary = entry.with_suffix(f".{os.getpid()}.part")
        content = json.dumps({"file": identity, "checksum": found})
        try:
            temporary.write_text(content, encoding="utf-8")
            temporary.replace(entry)
        finally:
            temporary.unlink(missing_ok=True)


def _is_settled(identity: dict[str, str | int]) -> bool:
    changed = max(int(identity["mtime_ns"]), int(identity["ctime_ns"])) / 1e9
    return 0 <= changed < time.time() - SETTLED


def _entry(identity: dict[str, str | int]) -> Path:
    named = os.environ.get("XDG_CACHE_HOME")
    folder = Path(named) if named else Path.home() / ".cache"
    what = os.fsencode(f"{identity['algorithm']} {identity['path']}")
    return folder / "dakit" / "checksums" / f"{hashlib.sha256(what).hexdigest()[:32]}.json"
