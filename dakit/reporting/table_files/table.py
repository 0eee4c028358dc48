"""A long table written in pieces, whole or not at all: CSV, parquet or FITS by its suffix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Protocol, final

import numpy as np

from dakit.errors import InputError, install_extra
from dakit.files.writing import check_writable, writing
from dakit.reporting.table_files.csv_table import CsvTable
from dakit.reporting.table_files.fits_table import FitsTable
from dakit.reporting.table_files.parquet_table import ParquetTable

EXTRAS = {".csv": None, ".parquet": ("pyarrow", "parquet"), ".fits": ("astropy", "fits")}
"""The suffixes, and for each the module it needs and the extra that brings it."""
ROWS_AT_ONCE = 16_384
"""So many rows are held before they are written: a row group of a parquet file."""

Columns = Mapping[str, Any]
"""By name, sequences or arrays of one length."""


@final
@dataclass(frozen=True)
class TableShape:
    """What must be known of a table before its first row."""

    columns: Mapping[str, int]
    """Names in their order; the widest text in UTF-8 bytes, or 0 for float32 numbers."""
    rows: int
    about: Mapping[str, str]
    """What the table is, kept in the file where the format has a place for it."""


class Table(Protocol):
    """A file of one format, being written."""

    def write(self, rows: Columns) -> None:
        """Append rows, given column by column."""

    def close(self) -> None:
        """Write what must stand at the end."""


@final
class _Collected:
    """Collects rows for a table until they are worth writing."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._waiting: list[Columns] = []
        self._rows = 0

    def write(self, rows: Columns) -> None:
        """Append rows, given column by column."""
        self._waiting.append(rows)
        self._rows += len(next(iter(rows.values())))
        if self._rows >= ROWS_AT_ONCE:
            self._flush()

    def close(self) -> None:
        """Write what is left and close the table."""
        if self._rows:
            self._flush()
        self._table.close()

    def _flush(self) -> None:
        joined = {
            name: np.concatenate([np.asarray(rows[name]) for rows in self._waiting])
            for name in self._waiting[0]
        }
        self._table.write(joined)
        self._waiting, self._rows = [], 0


def check_table_file(path: Path, *, overwrite: bool) -> None:
    """Raise InputError where no table can be written to ``path``: before any work is done."""
    suffix = path.suffix.lower()
    if suffix not in EXTRAS:
        known = ", ".join(EXTRAS)
        raise InputError(f"{path}: unknown kind of table '{path.suffix}'; possible are {known}")
    needed = EXTRAS[suffix]
    if needed is not None and find_spec(needed[0]) is None:
        raise InputError(
            f"{suffix} tables need {needed[0]}: {install_extra(needed[1])}, or write .csv"
        )
    check_writable(path)
    if path.exists() and not overwrite:
        raise InputError(f"{path} is already there; give another name or --overwrite")


@contextmanager
def writing_table(path: Path, shape: TableShape) -> Iterator[Table]:
    """Open a table that becomes ``path`` when the block ends without an error.

    Rows are held only until a few thousand have come together. Raises RunError where the disk is
    full or not writable, and InputError where the format cannot hold a text.
    """
    with ExitStack() as stack:
        file = stack.enter_context(writing(path))
        table = _Collected(_open(path.suffix.lower(), file, shape))
        yield table
        table.close()


def _open(suffix: str, file: IO[bytes], shape: TableShape) -> Table:
    if suffix == ".parquet":
        return ParquetTable(file, shape.columns, shape.about)
    if suffix == ".fits":
        return FitsTable(file, shape.columns, shape.rows, shape.about)
    return CsvTable(file, shape.columns)
