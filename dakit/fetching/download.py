"""The download of one file: asked for, received, gone on with, checked and put in its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import final

from dakit.errors import RunError
from dakit.fetching.digest import digest
from dakit.fetching.http import Failure, RangeRefused, Response, chunks, requested
from dakit.fetching.ledger import Ledger, PartOrigin
from dakit.fetching.part_file import PartFile
from dakit.fetching.patience import GivenUp, Patience, Policy, WrongBytes
from dakit.fetching.reporter import FetchReporter, size_text
from dakit.remote_files import RemoteFile


@final
class Download:
    """One file on its way. The caller holds the folder's lock.

    A part is gone on with by an HTTP range where the result can be trusted: a checksum will be
    compared in the end, or the server gave an ETag with the beginning and confirms it. The part
    is given up only for a whole file of the right length, or where its bytes have been proven
    wrong: a login page in place of the file costs nothing.
    """

    def __init__(
        self,
        file: RemoteFile,
        folder: Path,
        ledger: Ledger,
        *,
        policy: Policy,
        reporter: FetchReporter,
    ) -> None:
        self._file = file
        self._part = PartFile(folder, file, ledger)
        self._policy, self._reporter = policy, reporter
        self._size = file.size
        self._whole = False
        """Whether the next request is for the whole file, whatever has come."""

    def run(self, title: str) -> None:
        """Bring the file to its place.

        Raises RunError, saying what was expected and what came; then nothing new lies under the
        file's name, and right bytes of its beginning stay in the part file.
        """
        patience = Patience(self._policy)
        while True:
            try:
                self._reporter.begin(title, self._size, self._part.size)
                self._receive()
                self._check()
            except Failure as failure:
                self._wait(patience, failure)
            else:
                return self._part.place()

    def _wait(self, patience: Patience, failure: Failure) -> None:
        self._whole = isinstance(failure, RangeRefused)
        try:
            patience.wait(failure, self._part.size, self._note)
        except GivenUp as end:
            kept = self._part.size
            more = f"; the {size_text(kept)} that came are kept to go on from" if kept else ""
            text = f"cannot fetch {self._file.name} from {self._file.url}: {end}{more}"
            raise RunError(text) from end

    def _receive(self) -> None:
        have = self._usable()
        if have and have == self._size:
            return  # only the check and the new name are left to do
        with requested(self._file.url, self._headers(have), self._policy.timeout) as response:
            if not self._continues(response, have):
                self._begin(response)
            self._write(response)

    def _usable(self) -> int:
        """Return from which byte to go on; 0 is a fresh start."""
        have, origin = self._part.size, self._part.origin
        if self._size is None and origin is not None:
            self._size = origin.size
        if self._whole or (self._size is not None and have > self._size):
            return 0
        proven = self._file.checksum is not None or (origin is not None and origin.etag)
        return have if proven else 0

    def _headers(self, have: int) -> dict[str, str]:
        if not have:
            return {}
        origin = self._part.origin
        condition = {"If-Range": origin.etag} if origin and origin.etag else {}
        return {"Range": f"bytes={have}-", **condition}

    def _continues(self, response: Response, have: int) -> bool:
        """Say whether the answer goes on where the part ends; raise RangeRefused if it is odd."""
        if response.status != 206:
            return False
        text = response.headers.get("Content-Range", "")
        found = re.fullmatch(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})", text)
        if not have or not found or int(found[1]) != have:
            raise RangeRefused(f"asked to go on from byte {have}, the server answers {text!r}")
        if int(found[2]) != self._size:
            raise RangeRefused(f"expected {self._size} bytes, the server has {found[2]}")
        if self._changed(_strong_etag(response)):
            raise RangeRefused("the file on the server has changed")
        return True

    def _changed(self, etag: str | None) -> bool:
        """Say whether ``etag`` tells of another file than the part's, or fails to confirm it."""
        origin = self._part.origin
        if origin is None or origin.etag is None or etag == origin.etag:
            return False
        return etag is not None or self._file.checksum is None

    def _begin(self, response: Response) -> None:
        if response.status != 200:
            raise Failure(f"the server answers {response.status}", permanent=True)
        length = response.headers.get("Content-Length", "")
        offered = int(length) if re.fullmatch(r"\d{1,18}", length) else None
        size = offered if self._file.size is None else self._file.size
        if size is None:
            raise Failure("neither its record nor the server tells its size", permanent=True)
        if offered not in (None, size):
            raise Failure(f"expected {size} bytes, the server offers {offered}")
        if had := self._part.size:
            self._note(f"starting over, the server did not go on after {size_text(had)}")
        self._size = size
        self._part.begin(PartOrigin(self._file.url, _strong_etag(response), size))

    def _write(self, response: Response) -> None:
        for position in self._part.append(chunks(response, self._policy.clock)):
            self._reporter.at(position)
            if self._size is not None and position > self._size:
                return

    def _check(self) -> None:
        """Raise Failure where the part is not the file; one that is proven wrong is removed."""
        have, size, checksum = self._part.size, self._size, self._file.checksum
        assert size is not None  # both ways of receiving have settled it
        if have < size:
            raise Failure(f"the connection ended after {have} of {size} bytes")
        if have > size:
            self._reject(f"expected {size} bytes, more came")
        if checksum is not None:
            found = digest(self._part.path, checksum.partition(":")[0], self._reporter)
            if found != checksum:
                self._reject(f"expected the checksum {checksum}, what came has {found}")

    def _reject(self, reason: str) -> None:
        self._part.remove()
        raise WrongBytes(reason)

    def _note(self, text: str) -> None:
        self._reporter.note(f"{self._file.name}: {text}")


def _strong_etag(response: Response) -> str | None:
    etag = response.headers.get("ETag")
    return etag if etag and etag.startswith('"') else None
