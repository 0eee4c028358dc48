"""A parquet file, a row group at a time. Needs pyarrow, the extra ``parquet``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, final


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
