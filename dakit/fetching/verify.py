"""Whether a file is the right one: its size and its checksum decide."""

from __future__ import annotations

import hashlib
from itertools import count
from pathlib import Path

from dakit.errors import InputError, RunError
from dakit.fetching.memory import Memory
from dakit.fetching.reporter import FetchReporter
from dakit.remote_files import RemoteFile


def is_there(file: RemoteFile, folder: Path, memory: Memory, reporter: FetchReporter) -> bool:
    """Say whether the file is there and right; another one under its name is set aside.

    Raises InputError where its name is a folder's, RunError where it cannot be read or renamed.
    """
    path = folder / file.name
    if not path.exists():
        return False
    if not path.is_file():
        raise InputError(f"{path} is not a file; move it away")
    if memory.knows(path, file.checksum):
        return True
    if fault := fault_of(path, file, reporter):
        _set_aside(path, fault, reporter)
        return False
    memory.remember(path, file.checksum)
    return True


def fault_of(path: Path, file: RemoteFile, reporter: FetchReporter) -> str | None:
    """Return why the file at ``path`` is not ``file``, if it is not.

    Raises RunError where it cannot be read.
    """
    size, checksum = path.stat().st_size, file.checksum
    if file.size not in (None, size):
        return f"expected {file.size} bytes, it has {size}"
    if checksum is None:
        return None
    reporter.begin(f"checking {file.name}", size, 0)
    algorithm = checksum.partition(":")[0]
    state = hashlib.new(algorithm, usedforsecurity=False)
    try:
        with path.open("rb") as content:
            while chunk := content.read(1 << 20):
                state.update(chunk)
                reporter.at(content.tell())
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror or error}") from error
    found = f"{algorithm}:{state.hexdigest()}"
    return None if found == checksum else f"expected the checksum {checksum}, it has {found}"


def _set_aside(path: Path, fault: str, reporter: FetchReporter) -> None:
    """Rename a file that is not the published one: it may be somebody's work."""
    others = (path.with_name(f"{path.name}.other{number or ''}") for number in count())
    other = next(name for name in others if not name.exists())
    try:
        path.rename(other)
    except OSError as error:
        raise RunError(f"cannot rename {path}: {error.strerror or error}") from error
    reporter.note(f"{path.name} is not the published file ({fault}): it is now {other.name}")
