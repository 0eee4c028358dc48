"""Where the published files may lie, and where they are put."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER_VARIABLE = "DAKIT_DATA"


def candidate_folders(folder: Path, base_dir: Path) -> list[Path]:
    """Return where to look: the spec's folder, the one named by DAKIT_DATA, then ``./data``."""
    folders = [base_dir / folder, *_named(), Path.cwd() / "data"]
    return list(dict.fromkeys(folders))


def folder_to_fill(folder: Path, *, given: bool) -> Path:
    """Return where files are put: ``folder`` if the user gave it, else DAKIT_DATA, else it."""
    named = _named()
    return named[0] if named and not given else folder


def _named() -> list[Path]:
    named = os.environ.get(FOLDER_VARIABLE)
    return [Path(named).expanduser()] if named else []
