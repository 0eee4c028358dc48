"""The index of a record: what its archive says of the sizes and checksums of its files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, final

from dakit.fetching.http import Failure, chunks, requested
from dakit.fetching.patience import Patience, Policy
from dakit.fetching.reporter import FetchReporter
from dakit.remote_files import is_checksum

LONGEST_INDEX = 16 << 20


@final
@dataclass(frozen=True)
class IndexEntry:
    """One file as the archive knows it."""

    size: int
    checksum: str


def read_index(url: str, policy: Policy, reporter: FetchReporter) -> dict[str, IndexEntry]:
    """Return the files of a record by name; entries without size or checksum are left out.

    Raises GivenUp, saying why, where the index cannot be reached or read.
    """
    patience = Patience(policy)
    while True:
        try:
            return _entries(_content(url, policy.timeout))
        except Failure as failure:
            patience.wait(failure, 0, reporter.note)


def _content(url: str, timeout: float) -> bytes:
    content = b""
    with requested(url, {"Accept": "application/json"}, timeout) as response:
        for chunk in chunks(response):
            content += chunk
            if len(content) > LONGEST_INDEX:
                raise Failure("the answer is too long for a list of files", permanent=True)
    return content


def _entries(content: bytes) -> dict[str, IndexEntry]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Failure(f"the answer is no JSON ({error})") from error
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(files, list):
        raise Failure("the answer has no list 'files'", permanent=True)
    return dict(filter(None, map(_entry, files)))


def _entry(file: Any) -> tuple[str, IndexEntry] | None:
    match file:
        case {"key": str(name), "size": int(size), "checksum": str(checksum)}:
            if size >= 0 and is_checksum(checksum.lower()):
                return name, IndexEntry(size, checksum.lower())
    return None
