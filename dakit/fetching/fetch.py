"""The story of one fetch. Read :func:`fetch` first, top to bottom."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import count
from pathlib import Path
from typing import final
from urllib.parse import quote

from dakit.errors import InputError, RunError
from dakit.fetching.digest import digest
from dakit.fetching.download import Download
from dakit.fetching.expected import expected_files
from dakit.fetching.http import check_url
from dakit.fetching.ledger import Ledger
from dakit.fetching.part_file import PartFile
from dakit.fetching.patience import Policy
from dakit.fetching.reporter import FetchReporter, default_fetch_reporter, size_text
from dakit.remote_files import RemoteFile, RemoteFiles
from dakit.runs.lock import locked
from dakit.runs.writing import make_folder

LOCK_NAME = ".dakit-fetch.lock"


@final
@dataclass(frozen=True)
class Fetched:
    """What a fetch has done: names of files, and the folder they lie in."""

    folder: Path
    brought: tuple[str, ...]
    there_already: tuple[str, ...]
    unverified: tuple[str, ...]
    """Those of both whose checksum nobody could tell: their size alone was checked."""

    def lines(self) -> list[str]:
        """Return what was done, for people."""
        counts = f"{len(self.brought)} fetched, {len(self.there_already)} there already"
        if not self.unverified:
            return [f"{self.folder}: {counts}; all checksums are right"]
        names = ", ".join(self.unverified)
        return [f"{self.folder}: {counts}", f"Checksum not verified, size only: {names}"]


def fetch(
    remote: RemoteFiles,
    *,
    to: Path | None = None,
    mirror: str | None = None,
    names: Sequence[str] = (),
    policy: Policy | None = None,
    reporter: FetchReporter | None = None,
) -> Fetched:
    """Bring the files of ``remote`` into ``to``, by default where their dataset looks for them.

    ``mirror`` is the URL of a folder with copies, ``names`` the only files wanted. A file that is
    there with the right size and checksum is left alone, a download that broke off goes on where
    it ended, and what is not right never lies under a file's name.

    Raises InputError for names and URLs that cannot be meant or a folder that cannot be written
    to, and RunError where a file cannot be fetched or the disk is too full.
    """
    policy, reporter = policy or Policy(), reporter or default_fetch_reporter()
    folder = (to or remote.folder).expanduser().absolute()
    chosen = _located(_chosen(remote.files, names), mirror)
    make_folder(folder)

    def waiting(process: int | None) -> None:
        who = f"another dakit fetch (process {process or 'unknown'})"
        reporter.note(f"{who} writes into {folder}; waiting for it")

    try:
        with locked(folder / LOCK_NAME, waiting, reporter.note, policy.sleep):
            return _fetch(replace(remote, files=chosen), folder, policy, reporter)
    except KeyboardInterrupt:
        reporter.note("interrupted; the same command goes on where it ended")
        raise
    finally:
        reporter.close()


def _fetch(remote: RemoteFiles, folder: Path, policy: Policy, reporter: FetchReporter) -> Fetched:
    ledger = Ledger(folder)
    files = expected_files(remote, ledger, policy, reporter)
    missing = [file for file in files if not _is_there(file, folder, ledger, reporter)]
    _check_disk(missing, folder, ledger)
    for number, file in enumerate(missing, start=1):
        title = f"{file.name} ({number} of {len(missing)})"
        Download(file, folder, ledger, policy=policy, reporter=reporter).run(title)
    brought = tuple(file.name for file in missing)
    return Fetched(
        folder,
        brought,
        there_already=tuple(file.name for file in files if file.name not in brought),
        unverified=tuple(file.name for file in files if file.checksum is None),
    )


def _chosen(files: Sequence[RemoteFile], names: Sequence[str]) -> tuple[RemoteFile, ...]:
    known = [file.name for file in files]
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else "."
            raise InputError(f"there is no file {name!r}{hint} There are: {', '.join(known)}")
    return tuple(file for file in files if not names or file.name in names)


def _located(files: Sequence[RemoteFile], mirror: str | None) -> tuple[RemoteFile, ...]:
    if mirror is not None:
        check_url(mirror)
        base = mirror.rstrip("/")
        files = [replace(file, url=f"{base}/{quote(file.name)}") for file in files]
    return tuple(files)


def _is_there(file: RemoteFile, folder: Path, ledger: Ledger, reporter: FetchReporter) -> bool:
    """Say whether the file is there and right; another one under its name is set aside."""
    path = folder / file.name
    if not path.exists():
        return False
    if not path.is_file():
        raise InputError(f"{path} is not a file; move it away")
    size = path.stat().st_size
    if file.size not in (None, size):
        _set_aside(path, f"it has {size} bytes, not {file.size}", reporter)
        return False
    if file.checksum in (None, ledger.verified_checksum(file.name)):
        return True
    found = digest(path, (file.checksum or "").partition(":")[0], reporter)
    if found != file.checksum:
        _set_aside(path, f"its checksum is {found}, not {file.checksum}", reporter)
        return False
    ledger.remember_verified(file.name, found)
    return True


def _set_aside(path: Path, reason: str, reporter: FetchReporter) -> None:
    """Rename a file that is not the published one: it may be somebody's work."""
    others = (path.with_name(f"{path.name}.other{number or ''}") for number in count())
    other = next(name for name in others if not name.exists())
    try:
        path.rename(other)
    except OSError as error:
        raise RunError(f"cannot rename {path}: {error.strerror or error}") from error
    reporter.note(f"{path.name} is not the published file ({reason}): it is now {other.name}")


def _check_disk(missing: Sequence[RemoteFile], folder: Path, ledger: Ledger) -> None:
    """Raise RunError where what is still to come has no room on the disk."""
    to_come = sum(
        max(0, (file.size or 0) - PartFile(folder, file, ledger).size) for file in missing
    )
    free = shutil.disk_usage(folder).free
    if to_come > free:
        raise RunError(
            f"{size_text(to_come)} are still to come, {size_text(free)} are free in {folder}; "
            "make room, or take another folder with --to"
        )
