"""The checksum of a file, read in pieces, with its progress told."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dakit.errors import RunError
from dakit.fetching.reporter import FetchReporter
from dakit.runs.writing import TEMPORARY_SUFFIX

CHUNK = 1 << 20


def digest(path: Path, algorithm: str, reporter: FetchReporter) -> str:
    """Return ``algorithm:hex`` of the file at ``path``. Raises RunError where it is unreadable."""
    state = hashlib.new(algorithm, usedforsecurity=False)
    try:
        with path.open("rb") as file:
            reporter.begin(
                f"checking {path.name.removesuffix(TEMPORARY_SUFFIX)}", path.stat().st_size, 0
            )
            while chunk := file.read(CHUNK):
                state.update(chunk)
                reporter.at(file.tell())
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror or error}") from error
    return f"{algorithm}:{state.hexdigest()}"
