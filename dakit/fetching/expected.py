"""What each file must be: its size and checksum, declared by the dataset or told by the index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dakit.fetching.index import IndexEntry, read_index
from dakit.fetching.ledger import Ledger
from dakit.fetching.patience import GivenUp, Policy
from dakit.fetching.reporter import FetchReporter
from dakit.remote_files import RemoteFile, RemoteFiles

INDEX_ATTEMPTS = 3
INDEX_TIMEOUT = 20.0


def expected_files(
    remote: RemoteFiles, ledger: Ledger, policy: Policy, reporter: FetchReporter
) -> list[RemoteFile]:
    """Return the files with the sizes and checksums that the index knows.

    A checksum that the dataset declares stands. The index is asked only where a file is not
    known to be there and right; one that cannot be read is told, and what it said in an earlier
    fetch into this folder is used.
    """
    if remote.index is None:
        return list(remote.files)
    entries = ledger.index(remote.index)
    if not all(_is_settled(file, entries, ledger) for file in remote.files):
        entries = _index(remote.index, ledger, policy, reporter)
    return [_merged(file, entries.get(file.name), reporter) for file in remote.files]


def _is_settled(file: RemoteFile, entries: Mapping[str, IndexEntry], ledger: Ledger) -> bool:
    if file.checksum is not None:
        return True
    entry = entries.get(file.name)
    return entry is not None and ledger.verified_checksum(file.name) == entry.checksum


def _index(
    url: str, ledger: Ledger, policy: Policy, reporter: FetchReporter
) -> dict[str, IndexEntry]:
    attempts = min(policy.attempts, INDEX_ATTEMPTS)
    brief = replace(policy, attempts=attempts, timeout=min(policy.timeout, INDEX_TIMEOUT))
    try:
        entries = read_index(url, brief, reporter)
    except GivenUp as end:
        reporter.note(f"the record {url} cannot be read: {end}")
        return ledger.index(url)
    ledger.remember_index(url, entries)
    return entries


def _merged(file: RemoteFile, entry: IndexEntry | None, reporter: FetchReporter) -> RemoteFile:
    if file.checksum is not None:
        return file
    if entry is None:
        reporter.note(f"{file.name}: its checksum is not known and will not be verified")
        return file
    if file.size not in (None, entry.size):
        reporter.note(f"{file.name}: the record says {entry.size} bytes, not {file.size}")
    return replace(file, size=entry.size, checksum=entry.checksum)
