"""Files written whole or not at all, and a log of JSON lines that survives a kill.

Every file goes to a temporary name in its own folder, is flushed to the disk and renamed into
place: a reader sees the old file or the new one, never half of one.
"""

from __future__ import annotations

import json
import math
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from dakit.errors import DakitError, InputError, RunError

TEMPORARY_SUFFIX = ".part"
"""How the hidden temporary files end; a killed process may leave one behind."""


@contextmanager
def doing(what: str, path: Path, told_as: type[DakitError] = RunError) -> Iterator[None]:
    """Turn an OSError of the block into an error that names ``what``, ``path`` and the reason."""
    try:
        yield
    except OSError as error:
        raise told_as(f"cannot {what} {path}: {error.strerror or error}") from error


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary binary file that becomes ``path`` when the block ends without an error.

    Raises RunError, naming ``path`` and the reason, where the disk is full or not writable; the
    temporary file is removed and an older ``path`` stays as it was.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY_SUFFIX}")
    try:
        with doing("write", path):
            with open(temporary, "xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
            _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def remove(path: Path) -> None:
    """Remove the file ``path``, where it is there. Raises RunError."""
    with doing("remove", path):
        path.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise InputError where no file can be written to ``path``: before the work, not after it."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; give the name of a file")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}")
    make_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, whole or not at all. Raises RunError."""
    with writing(path) as file:
        file.write(data)


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files, none of them where one cannot be. Raises RunError or InputError."""
    for path in contents:
        check_writable(path)
    new = [path for path in contents if not path.exists()]
    try:
        with ExitStack() as all_written:  # each gets its name when all are on the disk
            for path, data in contents.items():
                file = all_written.enter_context(writing(path))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        for path in new:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 to ``path``, whole or not at all. Raises RunError."""
    try:
        data = text.encode()
    except UnicodeEncodeError as error:  # a lone surrogate, as JSON and file names can hold
        around = text[max(0, error.start - 20) : error.end]
        raise RunError(f"cannot write {path}: {around!r} is no valid text") from error
    write_bytes(path, data)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as JSON; numbers that are not finite become null. Raises RunError."""
    write_text(path, as_json(value))


def as_json(value: Any) -> str:
    """Return ``value`` as JSON for a file; numbers that are not finite become null."""
    return json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_json_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write ``rows`` as JSON lines, whole or not at all. Raises RunError."""
    write_text(path, "".join(map(_line, rows)))


def append_json_line(path: Path, row: Mapping[str, Any]) -> None:
    """Append one row and flush it to the disk; a torn last line is cut off before.

    Raises RunError, naming ``path`` and the reason; the file then holds the rows it held before.
    """
    line = _line(row).encode()
    with doing("write", path), open(path, "ab+", buffering=0) as file:
        end = _end_of_last_line(file)
        file.truncate(end)
        try:
            while line:  # a disk may take a part of it
                line = line[file.write(line) :]
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                os.truncate(path, end)
            raise


def read_json(path: Path) -> Any:
    """Return the JSON value in ``path``. Raises InputError where it is missing or no JSON."""
    try:
        with doing("read", path, InputError):
            return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no valid JSON: {error}") from error


def read_json_lines(path: Path) -> list[dict[str, Any]]:
    """Return the rows of ``path``, none where it does not exist; a torn last line is dropped.

    Raises InputError, naming the line, where any other line is no JSON object, or where the file
    cannot be read.
    """
    with doing("read", path, InputError):
        data = path.read_bytes() if path.exists() else b""
    complete, _, _torn = data.rpartition(b"\n")
    lines = complete.split(b"\n") if complete else []
    return [_row(path, number, line) for number, line in enumerate(lines, start=1)]


def make_folder(path: Path) -> None:
    """Create ``path`` with its parents and check that files can be made there.

    Raises InputError, naming the path and the reason, where that is not possible.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"cannot write to the folder {path}: {reason}; give another") from error


def plain(value: Any) -> Any:
    """Return ``value`` in JSON's own types: numpy scalars and arrays unpacked, NaN as None."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return [plain(item) for item in value]


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(plain(row), ensure_ascii=False, allow_nan=False) + "\n"


def _row(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}:{number} is no valid JSON: {error}") from error
    if not isinstance(row, dict):
        raise InputError(f"{path}:{number} holds {type(row).__name__}, not an object")
    return row


def _end_of_last_line(file: IO[bytes]) -> int:
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return 0
    file.seek(size - 1)
    if file.read(1) == b"\n":
        return size
    file.seek(0)
    return file.read().rfind(b"\n") + 1


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems cannot; the rename itself has happened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
