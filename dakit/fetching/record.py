"""What each file must be: its size and checksum, declared by the dataset or told by the record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from dakit.fetching.http import Failure, requested
from dakit.fetching.memory import Memory
from dakit.fetching.patience import GivenUp, Patience, Policy
from dakit.fetching.reporter import FetchReporter
from dakit.remote_files import RemoteFile, RemoteFiles, is_checksum

ATTEMPTS, TIMEOUT, LONGEST = 3, 20.0, 16 << 20


def expected_files(
    remote: RemoteFiles, folder: Path, memory: Memory, policy: Policy, reporter: FetchReporter
) -> list[RemoteFile]:
    """Return the files with the sizes and checksums that their record knows.

    A checksum that the dataset declares stands. The index is asked only where a file is not
    known to be there and right; one that cannot be read is told, and what it said in an earlier
    fetch into this folder is used.
    """
    if remote.index is None or all(file.checksum for file in remote.files):
        return list(remote.files)
    files = [_told(file, memory.records.get(remote.index, [])) for file in remote.files]
    if all(memory.knows(folder / file.name, file.checksum) for file in files):
        return files
    try:
        memory.records[remote.index] = _read(remote.index, policy, reporter)
        memory.keep(folder)
    except GivenUp as end:
        reporter.note(f"the record {remote.index} cannot be read: {end}")
    files = [_told(file, memory.records.get(remote.index, [])) for file in remote.files]
    for file, declared in zip(files, remote.files, strict=True):
        if file.checksum is None:
            reporter.note(f"{file.name}: its checksum is not known and will not be verified")
        if declared.size not in (None, file.size):
            reporter.note(f"{file.name}: the record says {file.size} bytes, not {declared.size}")
    return files


def _told(file: RemoteFile, listed: list[Any]) -> RemoteFile:
    for entry in () if file.checksum else listed:
        match entry:
            case {"key": file.name, "size": int(size), "checksum": str(checksum)}:
                if size >= 0 and is_checksum(checksum.lower()):
                    return replace(file, size=size, checksum=checksum.lower())
    return file


def _read(url: str, policy: Policy, reporter: FetchReporter) -> list[Any]:
    patience = Patience(replace(policy, attempts=ATTEMPTS))
    while True:
        try:
            return _listed(_content(url))
        except Failure as failure:
            patience.wait(failure, 0, reporter.note)


def _content(url: str) -> bytes:
    content = b""
    with requested(url, {"Accept": "application/json"}, TIMEOUT) as response:
        for chunk in response.chunks():
            content += chunk
            if len(content) > LONGEST:
                raise Failure("the answer is too long for a list of files", permanent=True)
    return content


def _listed(content: bytes) -> list[Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Failure(f"the answer is no JSON ({error})") from error
    match document:
        case {"files": list(files)}:
            return files
    raise Failure("the answer has no list 'files'", permanent=True)
