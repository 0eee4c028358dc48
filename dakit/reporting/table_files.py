"""A long table of predictions, whole or not at all: CSV, parquet or FITS by its suffix."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dakit.errors import InputError, install_extra
from dakit.evaluation.averaging import Averaged, Averaging
from dakit.files.writing import check_writable, writing
from dakit.runs.spreadsheet import csv_lines

EXTRAS = {".csv": None, ".parquet": ("pyarrow", "parquet"), ".fits": ("astropy", "fits")}
"""The suffixes, and for each the module it needs and the extra that brings it."""
ROWS_AT_ONCE = 16_384
"""So many rows are held before they are written: a row group of a parquet file."""
BLOCK = 2880
"""FITS files come in blocks of so many bytes (FITS standard 4.0, section 3.1)."""

Columns = Mapping[str, Any]
"""By name, sequences or arrays of one length."""
Writer = Generator[Callable[[Columns], object]]
"""Gives a function that appends rows; what must stand at the end is written where it ends."""


@final
@dataclass(frozen=True)
class TableShape:
    """What must be known of a table before its first row."""

    columns: Mapping[str, int]
    """Names in their order; the widest text in UTF-8 bytes, or 0 for float32 numbers."""
    rows: int
    about: Mapping[str, str]
    """What the table is, kept in the file where the format has a place for it."""


@final
class Table:
    """Collects rows until they are worth writing."""

    def __init__(self, append: Callable[[Columns], object]) -> None:
        self._append = append
        self._waiting: list[Columns] = []
        self._rows = 0

    def write(self, rows: Columns) -> None:
        """Append rows, given column by column."""
        self._waiting.append(rows)
        self._rows += len(next(iter(rows.values())))
        if self._rows >= ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write the rows that wait, where there are any."""
        waiting, self._waiting, self._rows = self._waiting, [], 0
        if waiting:
            self._append(
                {n: np.concatenate([np.asarray(w[n]) for w in waiting]) for n in waiting[0]}
            )


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
    formats = {".csv": _csv, ".parquet": _parquet, ".fits": _fits}
    with writing(path) as file, formats[path.suffix.lower()](file, shape) as append:
        table = Table(append)
        yield table
        table.flush()


@contextmanager
def _csv(file: IO[bytes], shape: TableShape) -> Writer:
    """Write UTF-8, commas, a header; a float32 as the shortest text that reads back as the same.

    A text that a spreadsheet would take for a formula has ``'`` before it.
    """
    names = list(shape.columns)
    file.writelines(line.encode() for line in csv_lines([names]))

    def append(rows: Columns) -> None:
        cells = zip(*(rows[name] for name in names), strict=True)
        file.write("".join(csv_lines(cells)).encode())

    yield append


@contextmanager
def _parquet(file: IO[bytes], shape: TableShape) -> Writer:
    """Write texts as strings, numbers as float32; what the table is stands in the schema."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    types = [(n, pyarrow.string() if w else pyarrow.float32()) for n, w in shape.columns.items()]
    schema = pyarrow.schema(types, metadata=dict(shape.about))
    with ParquetWriter(file, schema) as writer:
        yield lambda rows: writer.write_table(pyarrow.table(dict(rows), schema=schema))


@contextmanager
def _fits(file: IO[bytes], shape: TableShape) -> Writer:
    """Write one binary table extension; texts as ASCII strings, numbers as 32-bit floats.

    astropy writes the headers; the rows follow as bytes in the order of the standard, since
    astropy itself writes only tables that it holds whole. Raises InputError where a text is not
    ASCII, which FITS cannot hold.
    """
    from astropy.io import fits

    columns = shape.columns
    for name in (*columns, *shape.about.values()):
        _ascii([name], "name")
    empty = [fits.Column(name=n, format=f"{w}A" if w else "E") for n, w in columns.items()]
    header = fits.BinTableHDU.from_columns(empty, nrows=0).header
    header["NAXIS2"] = shape.rows
    header["EXTNAME"] = "PREDICTIONS"
    for key, value in shape.about.items():
        header[f"HIERARCH DAKIT {key.upper()}"] = value
    file.write(fits.PrimaryHDU().header.tostring().encode("ascii"))
    file.write(header.tostring().encode("ascii"))
    row = np.dtype([(n, f"S{w}" if w else ">f4") for n, w in columns.items()])

    def append(rows: Columns) -> None:
        table = np.zeros(len(next(iter(rows.values()))), row)
        for name, width in columns.items():
            table[name] = _ascii(rows[name], name) if width else rows[name]
        file.write(table.tobytes())

    yield append
    file.write(b"\0" * (-file.tell() % BLOCK))


def _ascii(texts: Sequence[str], column: str) -> list[bytes]:
    beyond = [text for text in texts if not str(text).isascii()]
    if beyond:
        raise InputError(
            f"FITS tables hold ASCII only, not the {column} {beyond[0]!r}; write .csv or .parquet"
        )
    return [str(text).encode("ascii") for text in texts]


def prediction_columns(
    class_names: Sequence[str], longest_id: int, how: Averaging, *, with_distance: bool
) -> dict[str, int]:
    """Return the columns in their order and how wide their texts are, 0 for numbers."""
    longest_name = max(len(name.encode()) for name in class_names)
    numbers = [*(f"p_{name}" for name in class_names), "entropy"]
    if how.symmetries:
        numbers += [f"symmetry_sd_{name}" for name in class_names]
    if how.dropout_samples:
        numbers += [*(f"dropout_sd_{name}" for name in class_names), "mutual_information"]
    if with_distance:
        numbers.append("distance")
    return {"id": max(1, longest_id), "predicted": longest_name, **dict.fromkeys(numbers, 0)}


def prediction_rows(
    ids: Sequence[str],
    averaged: Averaged,
    class_names: Sequence[str],
    distance: NDArray[np.float64] | None,
) -> dict[str, Any]:
    """Return a batch column by column, numbers as float32."""
    chosen = averaged.probabilities.argmax(dim=1).tolist()
    rows: dict[str, Any] = {"id": ids, "predicted": [class_names[c] for c in chosen]}
    rows |= _by_class("p", averaged.probabilities, class_names)
    rows["entropy"] = averaged.entropy.float().numpy()
    rows |= _by_class("symmetry_sd", averaged.symmetry_sd, class_names)
    rows |= _by_class("dropout_sd", averaged.dropout_sd, class_names)
    if averaged.mutual_information is not None:
        rows["mutual_information"] = averaged.mutual_information.float().numpy()
    if distance is not None:
        rows["distance"] = distance.astype(np.float32)
    return rows


def _by_class(
    name: str, values: Tensor | None, class_names: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    if values is None:
        return {}
    columns = values.float().numpy().T
    return {f"{name}_{c}": column for c, column in zip(class_names, columns, strict=True)}
