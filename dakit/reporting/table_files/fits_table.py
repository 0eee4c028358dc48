"""A FITS binary table, written as it comes. Needs astropy, the extra ``fits``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any, final

import numpy as np

from dakit.errors import InputError

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
