"""What is known of an image before it is read, and the images of a folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from dakit.errors import InputError, not_text

PICTURES = (".png", ".jpg", ".jpeg")
FITS = (".fits", ".fit", ".fts", ".fits.gz", ".fits.fz")
ARRAYS = (".npy",)
SUFFIXES = (*PICTURES, *FITS, *ARRAYS)
PARTS = ("train", "training", "test", "testing", "val", "valid", "validation", "dev")
"""Folders of these names, with others in them, are the parts of a split and no classes."""
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


def list_folder(path: Path, *, classes: bool = True) -> list[ImageEntry]:
    """Return the images below a folder, sorted; the names of its sub-folders are their labels.

    Links are followed; one that leads nowhere is listed as if its file were there, and is then
    missing. Images that lie in the folder itself have no labels. The id is the path below the
    folder without its suffix. Hidden files and those of other types are passed over. With
    ``classes`` false the sub-folders need not be classes.

    Raises InputError where there is no folder or no image in it, where images lie in it and in
    sub-folders, where the sub-folders are the parts of a split and not classes, where a link leads
    in a circle, where a folder cannot be read, and where a name is no UTF-8.
    """
    if not path.is_dir():
        raise InputError(f"no such folder: {path}")
    entries = [_entry(file, path) for file in _files(path, ())]
    if not entries:
        raise InputError(f"{path} holds no images ({', '.join(SUFFIXES)})")
    loose = [entry for entry in entries if not entry.label]
    if loose and len(loose) < len(entries):
        raise InputError(
            f"{path} holds {len(loose)} image(s) beside its sub-folders ({loose[0].paths[0].name}"
            "): put all into sub-folders named by their class, or none"
        )
    if classes:
        _check_no_parts(entries, path)
    check_ids(entries, str(path))
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


def check_ids(entries: Sequence[ImageEntry], where: str) -> None:
    """Raise InputError, with the places, where two entries have one id, or one is no UTF-8."""
    strange = not_text(entry.id for entry in entries)
    if strange:
        raise InputError(
            f"{where}: {len(strange)} name(s) of files are no UTF-8 and cannot be ids; rename them:"
            f"{listed(strange)}"
        )
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


def _files(folder: Path, above: tuple[Path, ...]) -> Iterator[Path]:
    here = folder.resolve()
    if here in above:
        raise InputError(
            f"{folder} leads to {here}, which it lies in: links in a circle; remove one"
        )
    try:
        with os.scandir(folder) as found:
            inside = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(f"{folder} cannot be read: {error.strerror}") from error
    for entry in inside:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        # a link to itself is an error to DirEntry and nothing to Path
        if path.is_dir() if entry.is_symlink() else entry.is_dir():
            yield from _files(path, (*above, here))
        elif is_image(path):
            if entry.is_symlink() or entry.is_file():
                yield path
        elif entry.is_symlink() and not path.suffix and not path.exists():
            raise InputError(
                f"{path} is a link that leads nowhere; fetch what it is of, or remove it"
            )


def _check_no_parts(entries: Sequence[ImageEntry], path: Path) -> None:
    parts = [e.label for e in entries if e.label.casefold() in PARTS and e.id.count("/") > 1]
    if parts:
        names = ", ".join(sorted(set(parts)))
        raise InputError(
            f"{path}: the sub-folders are the parts of a split ({names}), not classes. Give one of "
            f"them ({path / parts[0]}), put the class folders of all side by side (dakit draws a "
            "split of its own), or give a catalogue with a column 'label'"
        )
