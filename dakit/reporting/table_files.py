"""A long table written in pieces, whole or not at all: CSV, parquet or FITS by its suffix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Protocol, final

import numpy as np

from dakit.errors import InputError, install_extra
from dakit.files.writing import check_writable, writing
from dakit.runs.spreadsheet import csv_lines


@final
class ParquetTable:
    """Texts as strings, numbers as float32; what the table is stands in the schema's metadata."""

    def __init__(
        self, file: IO[bytes], columns: Mapping[str, int], about: Mapping[str, str]
    ) -> None:
        import pyarrow
        from pyarrow.parquet import ParquetWriter

        kinds = {name: pyarrow.string() if w else pyarrow.float32() for name, w in columns.items()}
        self._schema = pyarrow.schema(list(kinds.items()), metadata=dict(about))
        self._writer = ParquetWriter(file, self._schema)

    def write(self, rows: Mapping[str, Any]) -> None:
        """Append a row group, given column by column."""
        import pyarrow

        columns = [pyarrow.array(rows[field.name], type=field.type) for field in self._schema]
        self._writer.write_table(pyarrow.Table.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()


@final
class CsvTable:
    """UTF-8, commas, a header; a float32 as the shortest text that reads back as the same one.

    A text that a spreadsheet would take for a formula has ``'`` before it.
    """

    def __init__(self, file: IO[bytes], columns: Iterable[str]) -> None:
        self._names = list(columns)
        self._file = file
        self._write([self._names])

    def write(self, rows: Mapping[str, Any]) -> None:
        """Append rows, given column by column."""
        self._write(zip(*(rows[name] for name in self._names), strict=True))

    def close(self) -> None:
        """Nothing stands at the end."""

    def _write(self, rows: Iterable[Iterable[Any]]) -> None:
        self._file.write("".join(csv_lines(rows)).encode())


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


BLOCK = 2880
"""FITS files come in blocks of so many bytes (FITS standard 4.0, section 3.1)."""


@final
class FitsTable:
    """One binary table extension; texts as ASCII strings, numbers as 32-bit floats.

    astropy writes the headers; the rows follow as bytes in the order of the standard, since
    astropy itself writes only tables that it holds whole. Raises InputError where a text is not
    ASCII, which FITS cannot hold.
    """

    def __init__(
        self,
        file: IO[bytes],
        columns: Mapping[str, int],
        rows: int,
        about: Mapping[str, str],
    ) -> None:
        from astropy.io import fits

        self._file = file
        self._written = 0
        self._row = np.dtype([(n, f"S{w}" if w else ">f4") for n, w in columns.items()])
        for name in (*columns, *about.values()):
            _ascii([name], "name")
        empty = [
            fits.Column(name=name, format=f"{width}A" if width else "E")
            for name, width in columns.items()
        ]
        header = fits.BinTableHDU.from_columns(empty, nrows=0).header
        header["NAXIS2"] = rows
        header["EXTNAME"] = "PREDICTIONS"
        for key, value in about.items():
            header[f"HIERARCH DAKIT {key.upper()}"] = value
        self._write(fits.PrimaryHDU().header.tostring().encode("ascii"))
        self._write(header.tostring().encode("ascii"))

    def write(self, rows: Mapping[str, Any]) -> None:
        """Append rows, given column by column."""
        names = self._row.names or ()
        table = np.zeros(len(rows[names[0]]), self._row)
        for name in names:
            is_text = self._row[name].kind == "S"
            table[name] = _ascii(rows[name], name) if is_text else rows[name]
        self._write(table.tobytes())

    def close(self) -> None:
        """Fill the last block with zeros."""
        self._write(b"\0" * (-self._written % BLOCK))

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._written += len(data)


def _ascii(texts: Sequence[str], column: str) -> list[bytes]:
    beyond = [text for text in texts if not str(text).isascii()]
    if beyond:
        raise InputError(
            f"FITS tables hold ASCII only, not the {column} {beyond[0]!r}; write .csv or .parquet"
        )
    return [str(text).encode("ascii") for text in texts]
