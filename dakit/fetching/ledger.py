"""What is known of the files in a folder, kept beside them in ``.dakit-fetch.json``.

So gigabytes are not hashed again to see that they are right, a broken download goes on only with
the file it began with, and checksums are at hand when the record cannot be reached.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

from dakit.fetching.index import IndexEntry
from dakit.remote_files import is_checksum
from dakit.runs.writing import write_json

LEDGER_NAME = ".dakit-fetch.json"


@final
@dataclass(frozen=True)
class PartOrigin:
    """What the server said of the file whose beginning lies in a part file."""

    url: str
    etag: str | None
    size: int


@final
class Ledger:
    """The sidecar file of one folder. Only one process may hold it: the fetch locks the folder.

    A file that is missing or not readable counts as empty: it is a memory, not a source.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / LEDGER_NAME
        content = _read(self._path)
        self._verified = _objects(content, "verified")
        self._parts = _objects(content, "parts")
        self._index = _objects(content, "index")

    def verified_checksum(self, name: str) -> str | None:
        """Return the checksum that ``name`` was found to have, if it is unchanged since."""
        known = self._verified.get(name, {})
        checksum = known.get("checksum")
        try:
            unchanged = known.items() >= _stamp(self._folder / name).items()
        except OSError:
            return None
        return checksum if unchanged and isinstance(checksum, str) else None

    def remember_verified(self, name: str, checksum: str) -> None:
        """Note that the file ``name``, as it is now, has ``checksum``. Raises RunError."""
        self._verified[name] = {"checksum": checksum, **_stamp(self._folder / name)}
        self._write()

    def part_origin(self, name: str) -> PartOrigin | None:
        """Return where the part file of ``name`` comes from, if that is known."""
        match self._parts.get(name):
            case {"url": str(url), "etag": str() | None as etag, "size": int(size)}:
                return PartOrigin(url, etag, size)
        return None

    def remember_part(self, name: str, origin: PartOrigin) -> None:
        """Note where the part file of ``name`` comes from. Raises RunError."""
        self._parts[name] = asdict(origin)
        self._write()

    def forget_part(self, name: str) -> None:
        """Note that ``name`` has no part file any more. Raises RunError."""
        if self._parts.pop(name, None) is not None:
            self._write()

    def index(self, url: str) -> dict[str, IndexEntry]:
        """Return what the index at ``url`` said when it was last read."""
        found = {}
        for name, entry in _objects(self._index, url).items():
            match entry:
                case {"size": int(size), "checksum": str(checksum)} if is_checksum(checksum):
                    found[name] = IndexEntry(size, checksum)
        return found

    def remember_index(self, url: str, entries: dict[str, IndexEntry]) -> None:
        """Keep what the index at ``url`` says. Raises RunError."""
        self._index[url] = {name: asdict(entry) for name, entry in entries.items()}
        self._write()

    def _write(self) -> None:
        content = {"verified": self._verified, "parts": self._parts, "index": self._index}
        write_json(self._path, {"version": 1, **content})


def _stamp(path: Path) -> dict[str, int]:
    status = path.stat()
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns}


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _objects(content: dict[str, Any], key: str) -> dict[str, dict[str, Any]]:
    found = content.get(key)
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, dict)}
