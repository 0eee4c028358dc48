"""Which images a spec means and what they are called: all that is known without reading pixels."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dakit import InputError, did_you_mean
from dakit.contracts import SIDES
from dakit.images import (
    ImageEntry,
    check_ids,
    find_images,
    list_folder,
    listed,
    read_catalogue,
)

if TYPE_CHECKING:
    from dakit.builtin.datasets.images import ImageDomain, Images
    from dakit.contracts import Side

Labels = list[int] | None
Entries = Mapping["Side", Sequence[ImageEntry]]


def check_images(spec: Images, base: Path) -> None:
    """Raise InputError for labels that are no classes, and for files that are not there."""
    given = entries_of(spec, base)
    labels_of(spec, given, classes_of(spec, given))
    missing = [
        f"{role} {entry.id}: no such file: {path}"
        for role, entries in given.items()
        for entry in entries
        for path in entry.paths
        if not path.is_file()
    ]
    if missing and spec.bad_files == "stop":
        raise InputError(
            f"{len(missing)} file(s) are missing:{listed(missing)}\n"
            'Mend them, or leave them out with "bad_files": "skip".'
        )


def entries_of(spec: Images, base: Path) -> dict[Side, list[ImageEntry]]:
    """Return the images of source and target, read from folders and catalogues."""
    return {role: _entries(side, base) for role, side in spec.sides.items()}


def classes_of(spec: Images, entries: Entries) -> tuple[str, ...]:
    """Return the classes that are given, or those of the source: as numbers if all are numbers."""
    found = {entry.label for entry in entries.get("source", ())} - {""}
    numbers = all(name.isdecimal() for name in found)
    return spec.classes or tuple(sorted(found, key=int) if numbers else sorted(found))


def labels_of(spec: Images, entries: Entries, classes: tuple[str, ...]) -> dict[Side, Labels]:
    """Return the class indices of each domain, None where the target has no labels at all."""
    paths = [side.path for side in spec.sides.values()]
    labelled = {role: any(entry.label for entry in found) for role, found in entries.items()}
    if not labelled.get("source", True):
        raise InputError(
            f"the source {paths[0]} has no labels: give it a sub-folder for each class, or a "
            "catalogue with a column 'label'"
        )
    index = {name: number for number, name in enumerate(classes)}
    wrong = [
        _unknown(entry, classes)
        for role, found in entries.items()
        for entry in found
        if labelled[role] and entry.label not in index
    ]
    if wrong:
        raise InputError(
            f"{len(wrong)} image(s) of {' and '.join(map(str, paths))} have no label or an unknown "
            f"one; the classes are: {', '.join(classes)}.{listed(wrong)}\n"
            "Name the classes with 'classes'; where sub-folders or the column are no classes, set "
            "'labelled' of that domain to false."
        )
    return {
        role: [index[entry.label] for entry in found] if labelled[role] else None
        for role, found in entries.items()
    }


def new_entries(spec: Images, paths: Sequence[Path], role: Side, base: Path) -> list[ImageEntry]:
    """Return the images at ``paths``, found like those of the domain ``role``.

    The catalogue of the domain itself is read as it was for the training. Images in the folder of
    a domain have the ids that they have there.

    Raises:
        InputError: they cannot be read so; says where they could be read like the other domain's.
    """
    other = SIDES[1 - SIDES.index(role)]
    try:
        return _new(spec, paths, role, base)
    except InputError as error:
        try:
            _new(spec, paths, other, base)
        except InputError:
            raise error from None
        raise InputError(
            f"{error}\nIt is read here like the {role}'s catalogue; --as {other} "
            f"(domain='{other}') reads it, and normalises the images, like the {other}'s."
        ) from error


def _new(spec: Images, paths: Sequence[Path], role: Side, base: Path) -> list[ImageEntry]:
    sides = spec.sides
    side = sides.get(role, spec.target)
    catalogues = {(base / own.path).resolve(): own for own in (*sides.values(), side)}
    homes = [base / own.path for own in sides.values() if (base / own.path).is_dir()]
    known = [
        (whole, Path(whole(home)))
        for whole in (os.path.abspath, os.path.realpath)
        for home in homes
    ]
    entries: list[ImageEntry] = []
    for path in paths:
        own = None if path.is_dir() else catalogues.get(path.resolve())
        if own is not None:
            entries += read_catalogue(
                path, side.columns, root=_root(own, base), domain=own.domain, new=True
            )
        else:
            found = find_images([path], side.columns, root=_root(side, base))
            entries += [_as_below(entry, known) for entry in found]
    check_ids(entries, "the images given")
    return entries


def _root(side: ImageDomain, base: Path) -> Path | None:
    return None if side.root is None else base / side.root


def _as_below(entry: ImageEntry, homes: Sequence[tuple[Callable[[Path], str], Path]]) -> ImageEntry:
    """Return the entry with the id that a domain's folder gives it, where it lies in one."""
    if entry.place != str(entry.paths[0]):  # a row of a catalogue
        return entry
    for whole, home in homes:
        file = Path(whole(entry.paths[0]))
        if file.is_relative_to(home):
            return replace(
                entry, id=(file.relative_to(home).parent / Path(entry.id).name).as_posix()
            )
    return entry


def _entries(side: ImageDomain, base: Path) -> list[ImageEntry]:
    path = base / side.path
    if is_folder(path):
        _check_no_columns(side, path)
        entries = list_folder(path, classes=side.labelled)
    else:
        entries = read_catalogue(path, side.columns, root=_root(side, base), domain=side.domain)
    return entries if side.labelled else [replace(entry, label="") for entry in entries]


def is_folder(path: Path) -> bool:
    """Return whether ``path`` is, or must be, a folder and no catalogue."""
    return path.is_dir() or not path.suffix


def _check_no_columns(side: ImageDomain, path: Path) -> None:
    """Raise InputError where a setting of catalogues is given that new images do not need either.

    How a catalogue names files and ids, and where its paths start, ``dakit predict`` may need.
    """
    columns = ("label", "group", "domain")
    idle = [f"columns.{name}" for name in columns if getattr(side.columns, name) is not None]
    idle += ["domain"] if side.domain is not None else []
    if idle:
        raise InputError(
            f"{path} is a folder and has no column '{idle[0].removeprefix('columns.')}'; leave "
            f"{', '.join(map(repr, idle))} out"
        )


def _unknown(entry: ImageEntry, classes: tuple[str, ...]) -> str:
    if not entry.label:
        return f"{entry.place}: no label"
    return f"{entry.place}: '{entry.label}'{did_you_mean(entry.label, classes)}"
