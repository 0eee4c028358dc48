"""SHA-256 of data files for provenance, computed once for a file that does not change.

A run records the SHA-256 of its data files; of gigabytes that takes seconds, every run anew. So
the last result is kept in the user's cache folder (``$XDG_CACHE_HOME/dakit``, by default
``~/.cache/dakit``) and used again while the system says that the file is the same: same path,
device, inode, size, modification time and change time. The change time is what makes this safe:
every write moves it and no program can set it back, unlike the modification time. (A disk that
rots without a write is not noticed; delete the folder to have all files read again.)

A file younger than :data:`SETTLED` seconds is always read: clocks of file systems are coarse, and
pages written through a memory map are stamped only when they go to the disk. Where there is no
change time (Windows), nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path

SETTLED = 120.0
"""Seconds without a change after which a file's checksum is kept."""


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of the file at ``path`` in hex digits. Raises OSError."""
    with path.open("rb") as file:  # opened first: network file systems then look at the server
        identity = _identity(path, os.fstat(file.fileno()))
        known = _known(path, identity)
        if known is not None:
            return known
        found = hashlib.file_digest(file, "sha256").hexdigest()
        if identity == _identity(path, os.fstat(file.fileno())):
            _keep(path, identity, found)
        return found


def _identity(path: Path, status: os.stat_result) -> dict[str, str | int]:
    return {
        "path": str(path.absolute()),
        "device": status.st_dev,
        "inode": status.st_ino,
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "ctime_ns": status.st_ctime_ns,
    }


def _known(path: Path, identity: dict[str, str | int]) -> str | None:
    try:
        entry = json.loads(_entry(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError):
        return None
    match entry:
        case {"file": dict(file), "sha256": str(found)} if file == identity and len(found) == 64:
            return found
    return None


def _keep(path: Path, identity: dict[str, str | int], found: str) -> None:
    if os.name == "nt" or not _is_settled(identity):
        return
    with suppress(OSError, RuntimeError):  # a cache that cannot be written is none
        entry = _entry(path)
        entry.parent.mkdir(parents=True, exist_ok=True)
        temporary = entry.with_suffix(f".{os.getpid()}.part")
        temporary.write_text(json.dumps({"file": identity, "sha256": found}), encoding="utf-8")
        temporary.replace(entry)


def _is_settled(identity: dict[str, str | int]) -> bool:
    changed = max(int(identity["mtime_ns"]), int(identity["ctime_ns"])) / 1e9
    return 0 <= changed < time.time() - SETTLED


def _entry(path: Path) -> Path:
    named = os.environ.get("XDG_CACHE_HOME")
    folder = Path(named) if named else Path.home() / ".cache"
    name = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:32]
    return folder / "dakit" / "checksums" / f"{name}.json"
