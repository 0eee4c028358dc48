"""Catalogues: a table that says which files show which object, and what is known of it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from dakit.errors import InputError, did_you_mean
from dakit.images.entries import (
    FITS,
    ImageEntry,
    check_ids,
    file_entry,
    list_folder,
    listed,
    stem,
)
from dakit.images.settings import CatalogueColumns

TEXTS = (".csv", ".tsv")


def read_catalogue(
    path: Path,
    columns: CatalogueColumns | None = None,
    *,
    root: Path | None = None,
    domain: str | None = None,
    new: bool = False,
) -> list[ImageEntry]:
    """Return the objects of a catalogue: .csv or .tsv, or with astropy .ecsv or a FITS table.

    Names of columns ignore case, as in FITS; where two differ in case alone it must be said which.
    Paths in it start from ``root``, by default the catalogue's folder. With ``domain`` only the
    rows that have it in their column ``domain`` are taken. Of ``new`` images nothing need be known:
    the columns of labels, groups and domains may be missing. Raises InputError where the file or a
    column is missing, where a row names no file, or where ids are not unique.
    """
    table = _read(path)
    given = _there(columns or CatalogueColumns(), table) if new else columns or CatalogueColumns()
    named = _Named.of(given, table, needs_domain=domain is not None)
    rows = [_entry(table, named, row, root or path.parent) for row in range(len(table.places))]
    if domain is not None:
        rows = _of_domain(rows, domain, f"{path}, column '{named.domain}'")
    without = [entry.place for entry in rows if len(entry.paths) < len(named.path)]
    if without:
        raise InputError(f"{path}: {len(without)} row(s) without a file:{listed(without)}")
    if not rows:
        raise InputError(f"{path} has no rows")
    check_ids(rows, str(path))
    return rows


def find_images(
    paths: Sequence[Path], columns: CatalogueColumns | None = None, *, root: Path | None = None
) -> list[ImageEntry]:
    """Return the images of files, folders and catalogues, in their order.

    A FITS file is a catalogue where it holds a table and no image. Catalogues need the columns of
    files and ids alone: of new images nothing else may be known; their paths start from ``root``,
    by default the folder of each. Raises InputError where one is
    missing or not as it must be, or where ids are not unique.
    """
    entries = [entry for path in paths for entry in _at(path, columns, root)]
    check_ids(entries, "the images given")
    return entries


def _at(path: Path, columns: CatalogueColumns | None, root: Path | None) -> list[ImageEntry]:
    if path.is_dir():
        return list_folder(path, classes=False)
    if not _is_catalogue(path):
        return [file_entry(path)]
    return read_catalogue(path, columns, root=root, new=True)


def _is_catalogue(path: Path) -> bool:
    name = path.name.lower()
    if not name.endswith(FITS):
        return name.endswith((*TEXTS, ".ecsv"))
    from dakit.images.fits import holds_only_a_table

    return holds_only_a_table(path)


@final
@dataclass(frozen=True)
class _Table:
    path: Path
    columns: dict[str, list[str]]
    places: list[str]
    """Of each row, in words."""

    def find(self, name: str) -> str:
        """Return the column of this name in whatever case; empty where no column has it.

        Raises InputError where there are several.
        """
        alike = [column for column in self.columns if column.casefold() == name.casefold()]
        if len(alike) > 1:
            raise InputError(
                f"{self.path}: the columns {', '.join(map(repr, alike))} differ in case alone; say "
                "in 'columns' which is meant"
            )
        return alike[0] if alike else ""

    def check(self, name: str) -> str:
        """Return the column ``name``, first as it is written; InputError where it is missing."""
        found = name if name in self.columns else self.find(name)
        if not found:
            near = did_you_mean(name, self.columns)
            raise InputError(
                f"{self.path} has no column '{name}'{near} (it has: {', '.join(self.columns)})"
            )
        return found


@final
@dataclass(frozen=True)
class _Named:
    """The column of each thing, empty where it has no column."""

    path: tuple[str, ...]
    id: str
    label: str
    group: str
    domain: str

    @classmethod
    def of(cls, given: CatalogueColumns, table: _Table, *, needs_domain: bool) -> _Named:
        def found(name: str) -> str:
            asked = getattr(given, name)
            return table.find(name) if asked is None else table.check(asked)

        if needs_domain and not found("domain"):
            table.check("domain")
        paths = tuple(map(table.check, _path_columns(given, table)))
        return cls(paths, found("id"), found("label"), found("group"), found("domain"))


def _there(given: CatalogueColumns, table: _Table) -> CatalogueColumns:
    """Return ``given`` without the columns that new images need not have and that are not there."""
    asked = {name: getattr(given, name) for name in ("label", "group", "domain")}
    there = {name.casefold() for name in table.columns}
    absent = [name for name, column in asked.items() if column and column.casefold() not in there]
    return given.model_copy(update=dict.fromkeys(absent))


def _path_columns(given: CatalogueColumns, table: _Table) -> Sequence[str]:
    if given.path is not None:
        return [given.path] if isinstance(given.path, str) else given.path
    several = [name for name in table.columns if name.casefold().startswith("path_")]
    return ["path"] if table.find("path") or not several else several


def _entry(table: _Table, named: _Named, row: int, root: Path) -> ImageEntry:
    def cell(name: str) -> str:
        return table.columns[name][row] if name else ""

    paths = tuple(root / cell(name) for name in named.path if cell(name))
    identity = cell(named.id) or (stem(paths[0]) if paths else "")
    return ImageEntry(
        id=identity,
        paths=paths,
        place=table.places[row],
        label=cell(named.label),
        group=cell(named.group),
        domain=cell(named.domain),
        names=named.path if len(named.path) > 1 else (),
    )


def _of_domain(rows: list[ImageEntry], domain: str, where: str) -> list[ImageEntry]:
    found = [entry for entry in rows if entry.domain == domain]
    if not found:
        there = ", ".join(sorted({entry.domain for entry in rows}))
        raise InputError(f"{where}: no row has '{domain}' (there are: {there})")
    return found


def _read(path: Path) -> _Table:
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    try:
        return _text(path) if path.name.lower().endswith(TEXTS) else _astropy(path)
    except (OSError, ValueError, TypeError, KeyError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a catalogue: {error}") from error


def _text(path: Path) -> _Table:
    with path.open(newline="", encoding="utf-8-sig") as file:
        delimiter = max(",;\t", key=file.readline().count)
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        names = [name.strip() for name in next(reader, [])]
        rows = [(reader.line_num, row) for row in reader if any(row)]
    _check_names(path, names)
    ragged = [f"{path}:{line}" for line, row in rows if len(row) != len(names)]
    if ragged:
        raise InputError(
            f"{path}: {len(ragged)} row(s) have not {len(names)} cells:{listed(ragged)}"
        )
    cells = {name: [row[i].strip() for _, row in rows] for i, name in enumerate(names)}
    return _Table(path, cells, [f"{path}:{line}" for line, _ in rows])


def _astropy(path: Path) -> _Table:
    from dakit.images.fits import astropy_module

    kind = "ascii.ecsv" if path.suffix.lower() == ".ecsv" else "fits"
    table = astropy_module("astropy.table").Table.read(path, format=kind)
    _check_names(path, table.colnames)
    flat = [name for name in table.colnames if table[name].ndim == 1]
    cells = {name: list(map(_cell, table[name].tolist())) for name in flat}
    return _Table(path, cells, [f"{path}, row {row}" for row in range(1, len(table) + 1)])


def _cell(value: Any) -> str:
    if value is None:  # masked
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value != value else str(value).strip()


def _check_names(path: Path, names: Sequence[str]) -> None:
    if not any(names):
        raise InputError(f"{path} has no header with the names of its columns")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{path}: columns of the same name: {', '.join(map(repr, twice))}")
