"""What has come of a file that is not whole yet: ``NAME.part`` and where it comes from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import final

from dakit.errors import RunError
from dakit.fetching.ledger import Ledger, PartOrigin
from dakit.remote_files import RemoteFile
from dakit.runs.writing import TEMPORARY_SUFFIX


@final
class PartFile:
    """The part file of one file in a folder, written so that a kill loses no byte of it.

    Every method that writes raises RunError where the disk is full or not writable.
    """

    def __init__(self, folder: Path, file: RemoteFile, ledger: Ledger) -> None:
        self._file, self._ledger = file, ledger
        self._whole = folder / file.name
        self.path = folder / f"{file.name}{TEMPORARY_SUFFIX}"

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def origin(self) -> PartOrigin | None:
        """What the server said of the file, if the part comes from the file's URL."""
        origin = self._ledger.part_origin(self._file.name)
        return origin if origin and origin.url == self._file.url else None

    def begin(self, origin: PartOrigin) -> None:
        """Drop what has come and begin anew with what ``origin`` sends."""
        with _writing(self.path), open(self.path, "wb"):
            pass
        self._ledger.remember_part(self._file.name, origin)

    def append(self, chunks: Iterable[bytes]) -> Iterator[int]:
        """Write one chunk after another at the end; yield the size after each."""
        with _writing(self.path):
            part = open(self.path, "ab", buffering=0)  # noqa: SIM115
        with part:
            for chunk in chunks:
                rest = memoryview(chunk)
                while rest:
                    with _writing(self.path):
                        rest = rest[part.write(rest) :]
                yield part.tell()

    def remove(self) -> None:
        """Drop what has come: it has been proven wrong."""
        with _writing(self.path):
            self.path.unlink(missing_ok=True)
        self._ledger.forget_part(self._file.name)

    def place(self) -> None:
        """Give the part, now whole and checked, the file's name."""
        with _writing(self._whole):
            with open(self.path, "r+b") as part:
                os.fsync(part.fileno())
            os.replace(self.path, self._whole)
        if self._file.checksum is not None:
            self._ledger.remember_verified(self._file.name, self._file.checksum)
        self._ledger.forget_part(self._file.name)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error
