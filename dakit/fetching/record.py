"""What each file must be: its size and checksum, declared by the dataset or by its record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from dakit.fetching.http import Failure, requested
from dakit.fetching.patience import GivenUp, Patience, Policy
from dakit.fetching.reporter import ConsoleReporter
from dakit.files.remote_files import RemoteFile, RemoteFiles, is_checksum
from dakit.files.writing import write_text

FILE_NAME = ".dakit-fetch.json"
"""What each record said of its files when it was last read, kept beside them."""
ATTEMPTS, TIMEOUT, LONGEST = 3, 20.0, 16 << 20


def known_files(remote: RemoteFiles, folder: Path) -> list[RemoteFile]:
    """Return the files with what their record said in an earlier fetch into ``folder``.

    A checksum that the dataset declares stands.
    """
    told = _told(_kept(folder).get(str(remote.index)))
    return [replace(f, **told.get(f.name, {})) if f.checksum is None else f for f in remote.files]


def expected_files(
    remote: RemoteFiles, folder: Path, policy: Policy, reporter: ConsoleReporter
) -> list[RemoteFile]:
    """Return the files with what their record says now, or said before where it cannot be read."""
    if remote.index is not None and not all(file.checksum for file in remote.files):
        try:
            kept = {**_kept(folder), remote.index: _read(remote.index, policy, reporter)}
            write_text(folder / FILE_NAME, json.dumps(kept, indent=1))
        except GivenUp as end:
            reporter.note(f"the record {remote.index} cannot be read: {end}")
    files = known_files(remote, folder)
    for file, declared in zip(files, remote.files, strict=True):
        if file.checksum is None:
            reporter.note(f"{file.name}: its checksum is not known and will not be verified")
        if declared.size not in (None, file.size):
            reporter.note(f"{file.name}: the record says {file.size} bytes, not {declared.size}")
    return files


def _kept(folder: Path) -> dict[str, Any]:
    try:
        kept = json.loads((folder / FILE_NAME).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _told(entries: Any) -> dict[str, dict[str, Any]]:
    """Return size and checksum of each file; what is no sound entry tells nothing."""
    told = {}
    for entry in entries if isinstance(entries, list) else ():
        match entry:
            case {"key": str(name), "size": int(size), "checksum": str(checksum)}:
                if size >= 0 and is_checksum(checksum.lower()):
                    told[name] = {"size": size, "checksum": checksum.lower()}
    return told


def _read(url: str, policy: Policy, reporter: ConsoleReporter) -> list[Any]:
    patience = Patience(replace(policy, attempts=ATTEMPTS))
    while True:
        try:
            return _entries(url)
        except Failure as failure:
            patience.wait(failure, 0, reporter.note)


def _entries(url: str) -> list[Any]:
    content = b""
    with requested(url, {"Accept": "application/json"}, TIMEOUT) as response:
        for chunk in response.chunks():
            content += chunk
            if len(content) > LONGEST:
                raise Failure("the answer is too long for a list of files", permanent=True)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Failure(f"the answer is no JSON ({error})") from error
    match document:
        case {"files": list(entries)}:
            return entries
    raise Failure("the answer has no list 'files'", permanent=True)
