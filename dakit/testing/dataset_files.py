"""What a dataset promises of the files it names: those to fetch, and published numbers."""

from __future__ import annotations

from collections.abc import Iterable

from dakit.components import DatasetSpec
from dakit.files.remote_files import RemoteFiles
from dakit.plugins.checks import component_name
from dakit.spec.annotations import fields
from dakit.spec.reference_table import ReferenceTable, read_reference_table
from dakit.testing.check import Skipped, checks_of, require
from dakit.testing.subject import Subject


def names_its_remote_files_soundly(subject: Subject) -> None:
    """Its remote files have unique names, http or https URLs, sizes and checksums that can be."""
    spec = subject.spec()
    assert isinstance(spec, DatasetSpec)
    remote = spec.remote_files()
    if remote is None:
        raise Skipped("it has no files to fetch")
    require(isinstance(remote, RemoteFiles), f"remote_files returned {remote!r}")
    require(bool(remote.files), "remote_files names no file; return None where there are none")
    names = [file.name.casefold() for file in remote.files]
    twice = {file.name for file in remote.files if names.count(file.name.casefold()) > 1}
    require(not twice, f"several remote files are called {', '.join(sorted(twice))}")
    for file in remote.files:
        require(file.size is None or file.size > 0, f"{file.name}: a size of {file.size} bytes")


def publishes_tables_that_load(subject: Subject) -> None:
    """Its published tables can be read, have names of their own and belong to settings it has."""
    assert issubclass(subject.spec_class, DatasetSpec)
    paths = subject.spec_class.published_tables()
    if not paths:
        raise Skipped("it has no published tables")
    tables = [read_reference_table(path) for path in paths]
    names = [table.name for table in tables]
    require(len(set(names)) == len(names), f"tables share a name: {', '.join(sorted(names))}")
    keys = {key for key, _ in fields(subject.spec_class)}
    _check_data(tables, component_name(subject.spec_class), keys)


def _check_data(tables: Iterable[ReferenceTable], name: str, keys: set[str]) -> None:
    for table in tables:
        named = table.data.get("name")
        require(named == name, f"{table.name}: its data are of the dataset {named!r}")
        unknown = sorted(set(table.data) - keys)
        require(not unknown, f"{table.name}: its data name {', '.join(unknown)}, no field")


WITHOUT_INSTANCE = checks_of(publishes_tables_that_load)
CHECKS = (*checks_of(names_its_remote_files_soundly), *WITHOUT_INSTANCE)
