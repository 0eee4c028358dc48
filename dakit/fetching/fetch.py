"""The story of one fetch. Read :func:`fetch` first, top to bottom."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final
from urllib.parse import quote

from dakit.components import ComponentSpec, DatasetSpec
from dakit.errors import InputError, RunError, did_you_mean
from dakit.fetching.download import Download, fault_of, is_there
from dakit.fetching.patience import Policy
from dakit.fetching.record import expected_files, known_files
from dakit.fetching.reporter import ConsoleReporter, size_text
from dakit.files.lock import locked
from dakit.files.remote_files import RemoteFile, RemoteFiles, is_url
from dakit.files.writing import make_folder
from dakit.plugins import catalog
from dakit.plugins.faults import returned
from dakit.spec.overrides import apply_overrides
from dakit.spec.positions import Mark, Node
from dakit.spec.problems import Problem, SpecError
from dakit.spec.validation import validate_as

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
    reporter: ConsoleReporter | None = None,
) -> Fetched:
    """Bring the files of ``remote`` into ``to``, by default where their dataset looks for them.

    ``mirror`` is the URL of a folder with copies, ``names`` the only files wanted. A file that is
    there with the right size and checksum is left alone, a download that broke off goes on where
    it ended, and what is not right never lies under a file's name.

    Raises InputError for names and URLs that cannot be meant or a folder that cannot be written
    to, and RunError where a file cannot be fetched or the disk is too full.
    """
    policy, reporter = policy or Policy(), reporter or ConsoleReporter()
    folder = (to or remote.folder).expanduser().absolute()
    chosen = replace(remote, files=tuple(_chosen(remote.files, names, mirror)))
    make_folder(folder)

    def waiting(who: str) -> None:
        reporter.note(f"another dakit fetch ({who}) writes into {folder}; waiting for it")

    try:
        with locked(folder / LOCK_NAME, waiting, reporter.note, policy.sleep):
            return _fetch(chosen, folder, policy, reporter)
    except KeyboardInterrupt:
        unknown = any(file.checksum is None for file in chosen.files)
        reporter.note(
            "interrupted; the same command goes on where it ended"
            + " (files without a known checksum start over)" * unknown
        )
        raise
    finally:
        reporter.close()


def _fetch(remote: RemoteFiles, folder: Path, policy: Policy, reporter: ConsoleReporter) -> Fetched:
    files = known_files(remote, folder)
    right = [f for f in files if f.checksum and not fault_of(folder / f.name, f, reporter)]
    if len(right) < len(files):
        files = expected_files(remote, folder, policy, reporter)
    missing = [f for f in files if f not in right and not is_there(f, folder, reporter)]
    downloads = [Download(file, folder, policy, reporter) for file in missing]
    _check_disk(folder, sum(max(0, (d.file.size or 0) - d.have) for d in downloads))
    for number, download in enumerate(downloads, start=1):
        download.run(f"{download.file.name} ({number} of {len(missing)})")
    return Fetched(
        folder,
        brought=tuple(file.name for file in missing),
        there_already=tuple(file.name for file in files if file not in missing),
        unverified=tuple(file.name for file in files if file.checksum is None),
    )


def _chosen(
    files: Sequence[RemoteFile], names: Sequence[str], mirror: str | None
) -> list[RemoteFile]:
    known = [file.name for file in files]
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or "."
            raise InputError(f"there is no file {name!r}{hint} There are: {', '.join(known)}")
    chosen = [file for file in files if not names or file.name in names]
    if mirror is None:
        return chosen
    if not is_url(mirror):
        raise InputError(f"{mirror!r} is no http or https URL")
    return [replace(file, url=f"{mirror.rstrip('/')}/{quote(file.name)}") for file in chosen]


def _check_disk(folder: Path, to_come: int) -> None:
    free = shutil.disk_usage(folder).free
    if to_come > free:
        raise RunError(
            f"{size_text(to_come)} are still to come, {size_text(free)} are free in {folder}; "
            "make room, or take another folder with --to"
        )


def remote_files(name: str, settings: Sequence[str] = ()) -> RemoteFiles:
    """Return the files of the dataset ``name`` under ``settings`` such as ``experiment=sim_sim``.

    Raises InputError for a dataset that does not exist or has no files to fetch, and for settings
    that it does not take.
    """
    spec_class = catalog.current().find("dataset", name)
    given = _spec(spec_class, name, settings).remote_files() if _declares(spec_class) else None
    if given is None or not returned(given, RemoteFiles, spec_class, "remote_files").files:
        datasets = catalog.current().components("dataset")
        names = ", ".join(c.name for c in datasets if _declares(c.spec_class))
        offer = f"dakit can fetch: {names}" if names else "No dataset has any"
        raise InputError(f"the dataset {name!r} has no files to fetch. {offer}.")
    return given


def _declares(spec_class: type[ComponentSpec]) -> bool:
    return getattr(spec_class, "remote_files", None) is not DatasetSpec.remote_files


def _spec(spec_class: type[ComponentSpec], name: str, settings: Sequence[str]) -> DatasetSpec:
    problems: list[Problem] = []
    node = Node({"data": Node({"name": Node(name, Mark())}, Mark())}, Mark())
    changes = [f"data.{setting.removeprefix('data.')}" for setting in settings]
    data = apply_overrides(node, changes, problems).value["data"]
    spec, found = validate_as(spec_class, data)
    if spec is None or problems:
        raise SpecError([*problems, *found], "settings")
    assert isinstance(spec, DatasetSpec)
    return spec
