"""What is known of an image before it is read, and the images of a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from dakit.errors import InputError

PICTURES = (".png", ".jpg", ".jpeg")
FITS = (".fits", ".fit", ".fts", ".fits.gz", ".fits.fz")
ARRAYS = (".npy",)
SUFFIXES = (*PICTURES, *FITS, *ARRAYS)
SHOWN = 20
"""So many offenders are named."""


@final
@dataclass(frozen=True)
class ImageEntry:
    """One object: its id, the file of its image or one file for each band, and what is known."""

    id: str
    paths: tuple[Path, ...]
    place: str
    """Where the entry stands, in words: a file, or a row of a catalogue."""
    label: str = ""
    """The name of its class; empty where it is not known."""
    group: str = ""
    domain: str = ""
    names: tuple[str, ...] = ()
    """The name of each of several files, such as the column of a catalogue."""


def list_folder(path: Path) -> list[ImageEntry]:
    """Return the images below a folder, sorted; the names of its sub-folders are their labels.

    Images that lie in the folder itself have no labels. The id is the path below the folder
    without its suffix. Hidden files and those of other types are passed over. Raises InputError
    where there is no folder or no image in it, or where images lie in it and in sub-folders.
    """
    if not path.is_dir():
        raise InputError(f"no such folder: {path}")
    files = [file for file in sorted(path.rglob("*")) if is_image(file) and file.is_file()]
    entries = [_entry(file, path) for file in files if not _hidden(file, path)]
    if not entries:
        raise InputError(f"{path} holds no images ({', '.join(SUFFIXES)})")
    loose = [entry for entry in entries if not entry.label]
    if loose and len(loose) < len(entries):
        raise InputError(
            f"{path} holds {len(loose)} image(s) beside its sub-folders ({loose[0].paths[0].name}"
            "): put all into sub-folders named by their class, or none"
        )
    check_unique(entries, str(path))
    return entries


def file_entry(path: Path) -> ImageEntry:
    """Return the entry of a single file; its stem is its id."""
    return ImageEntry(stem(path), (path,), str(path))


def is_image(path: Path) -> bool:
    """Return whether the suffix is one that dakit reads."""
    return path.name.lower().endswith(SUFFIXES)


def is_picture(path: Path) -> bool:
    """Return whether it is a PNG or JPEG, whose pixels are brightnesses."""
    return path.name.lower().endswith(PICTURES)


def stem(path: Path) -> str:
    """Return the file's name without its suffix (both suffixes of .fits.gz)."""
    known = [suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)]
    return path.name[: -len(max(known, key=len))] if known else path.stem


def check_unique(entries: Sequence[ImageEntry], where: str) -> None:
    """Raise InputError, with the places, where two entries have one id."""
    times = Counter(entry.id for entry in entries)
    twice = [entry for entry in entries if times[entry.id] > 1]
    if twice:
        rows = listed([f"{entry.id}: {entry.place}" for entry in twice])
        raise InputError(f"{where}: ids must be unique; these are used more than once:{rows}")


def listed(lines: Sequence[str]) -> str:
    """Return up to 20 lines, indented, and how many more there are."""
    more = [f"... and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "".join(f"\n  {line}" for line in (*lines[:SHOWN], *more))


def _entry(file: Path, folder: Path) -> ImageEntry:
    below = file.relative_to(folder)
    label = below.parts[0] if len(below.parts) > 1 else ""
    return ImageEntry(below.with_name(stem(file)).as_posix(), (file,), str(file), label)


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)
