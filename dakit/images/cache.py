"""Decoded images kept on disk: one folder for each list of files and each way of reading them.

``<cache>/images-<key>/inputs.npy`` holds the images, ``about.json`` which rows are missing and why.
A folder is written under another name and renamed into place, so that several processes may decode
the same images at once: the first to finish wins, and the others take its result.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dakit.files.writing import doing, make_folder
from dakit.images.entries import ImageEntry
from dakit.images.settings import ImageReading

VARIABLE = "DAKIT_CACHE"
ARRAY, ABOUT = "inputs.npy", "about.json"
FORMAT = 2
"""Changes whenever the same files and settings would give other pixels."""


def default_folder() -> Path:
    """Return the folder named by DAKIT_CACHE, or ``dakit`` in the platform's cache folder."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser() if named else _platform_folder() / "dakit"


def folder_of(
    entries: Sequence[ImageEntry],
    reading: ImageReading,
    shape: tuple[int, ...] | None,
    cache: Path | None,
) -> Path:
    """Return where these files, as they are now, are kept once they have been read this way."""
    files = [[list(entry.names), *map(_state, entry.paths)] for entry in entries]
    what = [FORMAT, reading.model_dump(mode="json"), shape, files]
    key = hashlib.sha256(json.dumps(what).encode("utf-8", "surrogateescape")).hexdigest()[:24]
    return (default_folder() if cache is None else cache) / f"images-{key}"


def load(folder: Path) -> tuple[NDArray[np.float32], dict[str, Any]] | None:
    """Return the mapped images and what is known of them; None where they are not (whole) there."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        mode: Literal["r"] | None = (
            "r" if about["images"] else None
        )  # not every numpy maps an array without rows
        inputs = np.load(folder / ARRAY, mmap_mode=mode, allow_pickle=False)
        return (inputs, about) if len(inputs) == about["images"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Make a temporary folder that becomes ``folder`` when the block ends without an error.

    Where another process was faster its folder stays, if it can be read. Raises InputError or
    RunError where nothing can be written there.
    """
    make_folder(folder.parent)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    with doing("write", temporary):
        temporary.mkdir()
    try:
        yield temporary
        with doing("write", folder):
            _rename(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _rename(temporary: Path, folder: Path) -> None:
    try:
        temporary.rename(folder)
    except OSError:
        if load(folder) is None:  # damaged, not another's fresh one
            shutil.rmtree(folder, ignore_errors=True)
            temporary.rename(folder)


def _state(path: Path) -> list[Any]:
    # the name stays, for its suffix says what the file is, whatever it is a link to
    place = os.path.join(os.path.realpath(path.parent), path.name)
    with suppress(OSError, ValueError):
        status = path.stat()
        # no program can set the change time back, unlike the modification time
        return [place, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    return [place]


def _platform_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
