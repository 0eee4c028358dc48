"""What is known of the files in a folder, kept beside them in ``.dakit-fetch.json``.

So gigabytes are not hashed again to see that they are right, and their checksums are at hand when
the record cannot be reached. A file that is missing or not readable counts as empty.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, final

from pydantic import BaseModel

from dakit.runs.writing import write_text

FILE_NAME = ".dakit-fetch.json"


@final
class Memory(BaseModel):
    """The content of that file. One process at a time has it: a fetch locks the folder."""

    verified: dict[str, tuple[str, int, int]] = {}
    """Of each file that was found right: its checksum, size and time of writing in ns."""
    records: dict[str, list[Any]] = {}
    """What each index said of its files when it was last read."""

    @classmethod
    def of(cls, folder: Path) -> Memory:
        """Return what is known of the files in ``folder``."""
        try:
            return cls.model_validate_json((folder / FILE_NAME).read_bytes())
        except (OSError, ValueError):
            return cls()

    def keep(self, folder: Path) -> None:
        """Write it into ``folder``. Raises RunError."""
        write_text(folder / FILE_NAME, json.dumps(self.model_dump(), indent=1))

    def knows(self, path: Path, checksum: str | None) -> bool:
        """Say whether the file at ``path`` was found to have ``checksum``, unchanged since."""
        return path.is_file() and self.verified.get(path.name) == _stamp(path, checksum)

    def remember(self, path: Path, checksum: str | None) -> None:
        """Note that the file at ``path``, as it is now, has ``checksum``. Raises RunError."""
        if checksum is not None:
            self.verified[path.name] = _stamp(path, checksum)
            self.keep(path.parent)


def _stamp(path: Path, checksum: str | None) -> tuple[str, int, int]:
    status = path.stat()
    return str(checksum), status.st_size, status.st_mtime_ns
