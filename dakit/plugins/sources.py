"""Where plugins come from: installed distributions and local files. Nothing is imported here."""

from __future__ import annotations

import importlib.util
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from pathlib import Path
from typing import cast, final

from dakit.errors import InputError

GROUP = "dakit"
_LOCAL = "dakit_local_"


@final
@dataclass(frozen=True)
class Candidate:
    """A plugin that was found and not yet imported."""

    name: str
    version: str
    distribution: str
    requires: Sequence[str]
    """The requirements of its distribution, as in its metadata."""
    load: Callable[[], object]
    """Import it and return the module (or the object) that holds its hooks."""


def installed() -> list[Candidate]:
    """Return every installed plugin, dakit's own first, the others by name.

    One distribution with unreadable metadata makes the standard library's search fail as a
    whole; then the distributions are asked one by one.
    """
    try:
        found = [_candidate(point, point.dist) for point in entry_points(group=GROUP)]
    except Exception:
        found = list(_installed_one_by_one())
    return sorted(found, key=lambda c: (c.distribution != GROUP, c.name, c.distribution))


def local(files: Iterable[Path]) -> list[Candidate]:
    """Return a plugin for each Python file.

    Raises:
        InputError: a file is not there.
    """
    paths = dict.fromkeys(file.resolve() for file in files)
    for path in paths:
        if not path.is_file():
            raise InputError(f"--plugin-module: no such file: {path}")
    return [
        Candidate(path.stem, _version(path), str(path), (), lambda path=path: _load_file(path))  # type: ignore[misc]
        for path in paths
    ]


def _version(file: Path) -> str:
    """Return what tells a file from one that was edited since: it has no version of its own."""
    return f"local {zlib.crc32(file.read_bytes()):08x}"


def is_local(module: str) -> bool:
    """Return whether ``module`` is a file that was loaded under a name nobody can import."""
    return module.startswith(_LOCAL)


def _candidate(point: EntryPoint, distribution: Distribution | None) -> Candidate:
    if distribution is None:
        return Candidate(point.name, "unknown", "unknown", (), point.load)
    metadata = _metadata(distribution)
    return Candidate(
        point.name,
        metadata["Version"],
        metadata["Name"] or "unknown",
        metadata.get_all("Requires-Dist") or distribution.requires or (),
        point.load,
    )


def _metadata(distribution: Distribution) -> Message:
    """Return the fields of the metadata; what is below them, the readme, is not parsed."""
    text = distribution.read_text("METADATA")
    fields = HeaderParser().parsestr(text.partition("\n\n")[0]) if text else Message()
    return fields if fields["Version"] else cast(Message, distribution.metadata)


def _installed_one_by_one() -> Iterator[Candidate]:
    seen = set()
    for distribution in distributions():
        name = distribution.name
        if name in seen:
            continue  # shadowed by an earlier one on the path
        seen.add(name)
        try:
            yield from [
                _candidate(point, distribution)
                for point in distribution.entry_points
                if point.group == GROUP
            ]
        except Exception as error:
            if f"[{GROUP}]" in (distribution.read_text("entry_points.txt") or ""):
                yield Candidate(name, distribution.version, name, (), _raiser(error))


def _raiser(error: Exception) -> Callable[[], object]:
    def load() -> object:
        raise error

    return load


def _load_file(path: Path) -> object:
    name = f"{_LOCAL}{path.stem}_{zlib.crc32(bytes(path)):08x}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # pydantic resolves the annotations of its classes through it
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # so that the file can import its neighbours
    spec.loader.exec_module(module)
    return module
