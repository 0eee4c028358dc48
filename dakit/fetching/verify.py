"""Whether a file is the right one: its size and its checksum decide."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from dakit.checksums import file_checksum
from dakit.errors import InputError
from dakit.fetching.reporter import ConsoleReporter
from dakit.files.remote_files import RemoteFile
from dakit.files.writing import doing


def is_there(file: RemoteFile, folder: Path, reporter: ConsoleReporter) -> bool:
    """Say whether the file is there and right; another one under its name is set aside.

    Raises InputError where its name is a folder's, RunError where it cannot be read or renamed.
    """
    path = folder / file.name
    fault = fault_of(path, file, reporter)
    if fault and path.exists():  # it may be somebody's work
        others = (path.with_name(f"{path.name}.other{number or ''}") for number in count())
        other = next(name for name in others if not name.exists())
        with doing("rename", path):
            path.rename(other)
        reporter.note(f"{path.name} is not the published file ({fault}): it is now {other.name}")
    return not fault


def fault_of(path: Path, file: RemoteFile, reporter: ConsoleReporter) -> str | None:
    """Return why there is not ``file`` at ``path``, if it is not. Raises as :func:`is_there`."""
    if not path.exists():
        return "it is not there"
    if not path.is_file():
        raise InputError(f"{path} is not a file; move it away")
    size = path.stat().st_size
    if file.size not in (None, size):
        return f"expected {file.size} bytes, it has {size}"
    if file.checksum is None:
        return None

    def at(position: int) -> None:
        if position == 0:
            reporter.begin(f"checking {file.name}", size, 0)
        reporter.at(position)

    algorithm, _, right = file.checksum.partition(":")
    with doing("read", path):
        found = file_checksum(path, algorithm, at)
    return None if found == right else f"expected the checksum {file.checksum}, it has {found}"
