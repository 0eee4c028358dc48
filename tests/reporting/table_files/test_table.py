"""Tables in every format: what was written in pieces is read back equal, or nothing is there."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from pyarrow import parquet

from dakit.errors import InputError, RunError
from dakit.reporting import table_files
from dakit.reporting.table_files import TableShape, check_table_file, writing_table

COLUMNS = {"id": 8, "predicted": 6, "p_merger": 0, "entropy": 0}
ABOUT = {"run": "61b7278cdd", "origin": "mock"}
FORMATS = ["csv", "parquet", "fits"]


def rows(count: int) -> dict[str, Any]:
    numbers = np.random.default_rng(0).random((2, count), dtype=np.float32)
    numbers[0, 0] = 1e-42
    return {
        "id": [f"x {i}" for i in range(count)],
        "predicted": ["merger" if p > 0.5 else "none" for p in numbers[0]],
        "p_merger": numbers[0],
        "entropy": numbers[1],
    }


def write(path: Path, whole: dict[str, Any], pieces: list[int]) -> None:
    ends = np.cumsum(pieces)
    with writing_table(path, TableShape(COLUMNS, int(ends[-1]), ABOUT)) as table:
        for end, size in zip(ends, pieces, strict=True):
            table.write({name: values[end - size : end] for name, values in whole.items()})


def read(path: Path) -> dict[str, list[Any]]:
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            lines = list(csv.DictReader(file))
        found: dict[str, list[Any]] = {name: [line[name] for line in lines] for name in lines[0]}
        return found | {n: [np.float32(x) for x in found[n]] for n in ("p_merger", "entropy")}
    if path.suffix == ".parquet":
        columns: dict[str, list[Any]] = parquet.read_table(path).to_pydict()
        return columns
    table = Table.read(path)
    return {name: [str(x) if table[name].dtype.kind == "S" else x for x in table[name]]
            for name in table.colnames}  # fmt: skip


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("pieces", [[7], [3, 1, 3], [5, 5, 5, 5]])
def test_it_comes_back_equal(
    tmp_path: Path, suffix: str, pieces: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "ROWS_AT_ONCE", 6)
    whole = rows(sum(pieces))
    path = tmp_path / f"table.{suffix}"
    write(path, whole, pieces)
    found = read(path)
    assert list(found) == list(COLUMNS)
    for name, values in whole.items():
        assert list(found[name]) == list(values), name
    assert {entry.name for entry in tmp_path.iterdir()} == {path.name}


def test_parquet_is_written_in_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_files, "ROWS_AT_ONCE", 6)
    write(tmp_path / "t.parquet", rows(20), [4, 4, 4, 4, 4])
    file = parquet.ParquetFile(tmp_path / "t.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [8, 8, 4]
    assert file.schema_arrow.metadata[b"origin"] == b"mock"
    assert file.schema_arrow.field("p_merger").type == "float"


def test_fits_follows_the_standard(tmp_path: Path) -> None:
    write(tmp_path / "t.fits", rows(9), [9])
    assert (tmp_path / "t.fits").stat().st_size % 2880 == 0
    with fits.open(tmp_path / "t.fits") as file:
        file.verify("exception")
        header = file[1].header
        assert (header["NAXIS2"], header["EXTNAME"]) == (9, "PREDICTIONS")
        assert header["DAKIT RUN"] == "61b7278cdd"
        assert file[1].columns["entropy"].format == "E"


def test_fits_cannot_hold_what_is_not_ascii(tmp_path: Path) -> None:
    whole = rows(2) | {"id": ["a", "é"]}
    with pytest.raises(InputError, match="ASCII"):
        write(tmp_path / "t.fits", whole, [2])
    assert list(tmp_path.iterdir()) == []
    write(tmp_path / "t.csv", whole, [2])
    assert read(tmp_path / "t.csv")["id"] == ["a", "é"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_error_on_the_way_leaves_nothing_and_the_old_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t.{suffix}"
    path.write_text("old")
    with pytest.raises(KeyError, match="entropy"):
        write(path, {name: x for name, x in rows(4).items() if name != "entropy"}, [2, 2])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_folder_that_is_gone(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(RunError, match="cannot write"):
        write(tmp_path / "gone" / f"t.{suffix}", rows(3), [3])


def test_what_is_checked_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"'\.xlsx'.*\.csv, \.parquet, \.fits"):
        check_table_file(tmp_path / "t.xlsx", overwrite=False)
    with pytest.raises(InputError, match="no folder"):
        check_table_file(tmp_path / "gone" / "t.csv", overwrite=False)
    (tmp_path / "t.csv").touch()
    with pytest.raises(InputError, match="--overwrite"):
        check_table_file(tmp_path / "t.csv", overwrite=False)
    check_table_file(tmp_path / "t.csv", overwrite=True)
    monkeypatch.setattr(table_files, "find_spec", lambda name: None)
    for suffix in ("fits", "parquet"):
        with pytest.raises(InputError, match=rf'pip install -e "\.\[{suffix}\]"'):
            check_table_file(tmp_path / f"t.{suffix}", overwrite=False)
    check_table_file(tmp_path / "other.CSV", overwrite=False)
