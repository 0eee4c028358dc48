"""One file: asked for, received, gone on with, verified and put in its place."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import final

from dakit.checksums import file_checksum
from dakit.errors import InputError, RunError
from dakit.fetching.http import Failure, RangeRefused, Response, requested
from dakit.fetching.patience import GivenUp, Patience, Policy, WrongBytes
from dakit.fetching.reporter import ConsoleReporter, size_text
from dakit.files.remote_files import RemoteFile
from dakit.files.writing import doing, remove


@final
class Download:
    """One file on its way into ``folder``, where it is ``NAME.part`` until it is whole and checked.

    A part is gone on with where a checksum decides in the end whether it was one of this file;
    without one, every attempt begins anew. It is given up only for a whole file of the right
    length, or where its bytes have been proven wrong: a login page in its place costs nothing.
    """

    def __init__(
        self, file: RemoteFile, folder: Path, policy: Policy, reporter: ConsoleReporter
    ) -> None:
        self.file, self._policy, self._reporter = file, policy, reporter
        self._path, self._part = folder / file.name, folder / f"{file.name}.part"
        self._goes_on = file.checksum is not None

    @property
    def have(self) -> int:
        """How many bytes have come."""
        return self._part.stat().st_size if self._part.is_file() else 0

    def run(self, title: str) -> None:
        """Bring the file to its place.

        Raises RunError, saying what was expected and what came, or that the disk is full; then
        nothing new lies under the file's name, and right bytes of its beginning are kept.
        """
        patience = Patience(self._policy)
        while True:
            try:
                self._reporter.begin(title, self.file.size, self.have)
                self._receive()
                return self._place()
            except Failure as failure:
                self._wait(patience, failure)

    def _wait(self, patience: Patience, failure: Failure) -> None:
        file, resumes = self.file, self.file.checksum is not None
        self._goes_on = resumes and not isinstance(failure, RangeRefused)
        try:
            patience.wait(failure, self.have, self._note)
        except GivenUp as end:
            kept = f"; the {size_text(self.have)} that came are kept to go on from"
            text = f"cannot fetch {file.name} from {file.url}: {end}"
            raise RunError(text + kept if resumes and self.have else text) from end

    def _receive(self) -> None:
        """Ask for what is missing and write it."""
        size = self.file.size
        start = self.have if self._goes_on and (size is None or self.have <= size) else 0
        if start and start == size:
            return
        headers = {"Range": f"bytes={start}-"} if start else {}
        with requested(self.file.url, headers, self._policy.timeout) as response:
            size = self._whole_size(response, start)
            have = self._write(response, "ab" if response.status == 206 else "wb", size)
        if have > size:
            self._reject(f"expected {size} bytes, more came")
        if have < size:
            raise Failure(f"the connection ended after {have} of {size} bytes")

    def _whole_size(self, response: Response, start: int) -> int:
        """Return the size of the whole. Raises Failure where what comes is not of the file."""
        goes_on = response.status == 206
        told = response.headers.get("Content-Range" if goes_on else "Content-Length", "")
        span, _, total = told.rpartition("/")
        offered = int(total) if total.isdecimal() and len(total) < 20 else None
        size = offered if self.file.size is None else self.file.size
        if goes_on and not (start and span.startswith(f"bytes {start}-") and offered == size):
            raise RangeRefused(f"asked for bytes {start}- of {size}, the server answers {told!r}")
        if response.status not in (200, 206):
            raise Failure(f"the server answers {response.status}", permanent=True)
        if size is None:
            raise Failure("neither its record nor the server tells its size", permanent=True)
        if offered not in (None, size):
            raise Failure(f"expected {size} bytes, the server offers {offered}")
        if self.have and not goes_on:
            self._note(f"starting over, the server did not go on after {size_text(self.have)}")
        return size

    def _write(self, response: Response, mode: str, size: int) -> int:
        """Write what comes, so that a kill loses no byte of it; return how much there is then."""
        with doing("write", self._part):
            part = open(self._part, mode, buffering=0)  # noqa: SIM115
        with part:
            for chunk in response.chunks():
                with doing("write", self._part):
                    while chunk:
                        chunk = chunk[part.write(chunk) :]
                self._reporter.at(part.tell())
                if part.tell() > size:
                    break
            return part.tell()

    def _place(self) -> None:
        if fault := fault_of(self._part, self.file, self._reporter):
            self._reject(fault)
        with doing("write", self._path):
            with open(self._part, "r+b") as part:
                os.fsync(part.fileno())
            os.replace(self._part, self._path)

    def _reject(self, fault: str) -> None:
        remove(self._part)
        raise WrongBytes(fault)

    def _note(self, text: str) -> None:
        self._reporter.note(f"{self.file.name}: {text}")


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
