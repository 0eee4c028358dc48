"""Catalogues of every kind say the same, and what is wrong with one is told with its rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import MaskedColumn, Table

from dakit.errors import InputError
from dakit.images import CatalogueColumns, ImageEntry, find_images, read_catalogue

CSV = "path,id,label,group,domain\na.png,g1,merger,o1,sim\nsub/b.png,g2,,,real\n"


def write(folder: Path, text: str, name: str = "c.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def said(entries: list[ImageEntry]) -> list[tuple[str, ...]]:
    return [(e.id, e.label, e.group, e.domain, e.paths[0].as_posix()) for e in entries]


def table(folder: Path) -> Table:
    columns = {
        "path": ["a.png", "sub/b.png"],
        "id": ["g1", "g2"],
        "label": MaskedColumn(["merger", "x"], mask=[False, True]),
        "group": MaskedColumn(["o1", "x"], mask=[False, True]),
        "domain": ["sim", "real"],
    }
    return Table(columns)


KINDS: dict[str, Callable[[Path], Any]] = {
    "c.csv": lambda path: path.write_text("\ufeff" + CSV, encoding="utf-8"),
    "c.tsv": lambda path: path.write_text(CSV.replace(",", "\t")),
    "semicolons.csv": lambda path: path.write_text(CSV.replace(",", ";")),
    "c.ecsv": lambda path: table(path).write(path),
    "c.fits": lambda path: table(path).write(path),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_catalogue_says_the_same(tmp_path: Path, name: str) -> None:
    KINDS[name](tmp_path / name)
    root = tmp_path.as_posix()
    assert said(read_catalogue(tmp_path / name)) == [
        ("g1", "merger", "o1", "sim", f"{root}/a.png"),
        ("g2", "", "", "real", f"{root}/sub/b.png"),
    ]


def test_numbers_of_a_fits_table_are_written_as_in_a_csv(tmp_path: Path) -> None:
    columns = {"path": ["a.png"], "id": [12345678901], "label": [1.0], "group": [np.nan]}
    Table(columns).write(tmp_path / "c.fits")
    (entry,) = read_catalogue(tmp_path / "c.fits")
    assert (entry.id, entry.label, entry.group) == ("12345678901", "1", "")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("cased", [str.upper, str.title])
def test_no_column_is_passed_over_for_its_case(
    tmp_path: Path, name: str, cased: Callable[[str], str]
) -> None:
    if name.endswith(("ecsv", "fits")):
        renamed = table(tmp_path)
        renamed.rename_columns(renamed.colnames, list(map(cased, renamed.colnames)))
        renamed.write(tmp_path / name)
    else:
        KINDS[name](tmp_path / name)
        header, rest = (tmp_path / name).read_text().split("\n", 1)
        (tmp_path / name).write_text(f"{cased(header)}\n{rest}")
    root = tmp_path.as_posix()
    assert said(read_catalogue(tmp_path / name)) == [
        ("g1", "merger", "o1", "sim", f"{root}/a.png"),
        ("g2", "", "", "real", f"{root}/sub/b.png"),
    ]
    assert [entry.id for entry in read_catalogue(tmp_path / name, domain="real")] == ["g2"]


def test_a_column_that_is_named_may_differ_in_case_and_the_exact_one_is_preferred(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "File,OBJID,objid,kind\na.png,7,8,merger\n")
    (entry,) = read_catalogue(path, CatalogueColumns(path="file", id="objid", label="KIND"))
    assert (entry.id, entry.label, entry.paths[0].name) == ("8", "merger", "a.png")
    (new,) = read_catalogue(path, CatalogueColumns(path="file", group="OBJID"), new=True)
    assert new.group == "7"
    with pytest.raises(InputError, match="'OBJID', 'objid' differ in case alone"):
        read_catalogue(path, CatalogueColumns(path="file", id="ObjId"))
    with pytest.raises(InputError, match=r"'OBJID', 'objid' differ in case alone"):
        read_catalogue(path, CatalogueColumns(path="file", group="objID"), new=True)


def test_files_of_bands_are_found_in_any_case_and_keep_their_names(tmp_path: Path) -> None:
    path = write(tmp_path, "PATH_R,Path_r\na,b\n")
    (entry,) = read_catalogue(path)
    assert entry.names == ("PATH_R", "Path_r"), "R and r are two bands"


def test_columns_have_the_names_that_are_given(tmp_path: Path) -> None:
    path = write(tmp_path, "file,objid,kind,id\na.png,7,merger,x\n")
    columns = CatalogueColumns(path="file", id="objid", label="kind")
    (entry,) = read_catalogue(path, columns, root=tmp_path / "images")
    assert (entry.id, entry.label) == ("7", "merger")
    assert entry.paths == (tmp_path / "images" / "a.png",)
    assert entry.place == f"{path}:2"


@pytest.mark.parametrize("columns", [None, CatalogueColumns(path=("path_g", "path_r"))])
def test_a_file_for_each_band(tmp_path: Path, columns: CatalogueColumns | None) -> None:
    path = write(tmp_path, "path_g,path_r\na_g.fits,a_r.fits\n")
    (entry,) = read_catalogue(path, columns)
    assert entry.paths == (tmp_path / "a_g.fits", tmp_path / "a_r.fits")
    assert entry.names == ("path_g", "path_r")
    assert entry.id == "a_g", "the stem of the first file"


def test_the_rows_of_one_domain(tmp_path: Path) -> None:
    path = write(tmp_path, CSV)
    assert [entry.id for entry in read_catalogue(path, domain="real")] == ["g2"]
    with pytest.raises(InputError, match=r"no row has 'reel' \(there are: real, sim\)"):
        read_catalogue(path, domain="reel")
    with pytest.raises(InputError, match="has no column 'domain'"):
        read_catalogue(write(tmp_path, "path\na.png\n"), domain="real")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no header"),
        ("path,id\n", "has no rows"),
        ("pth,id\na,b\n", r"no column 'path'; did you mean 'pth'\? \(it has: pth, id\)"),
        ("path,id,ID\na,b,c\n", r"'id', 'ID' differ in case alone; say in 'columns' which"),
        ("path,Domain,domain\na,b,c\n", "'Domain', 'domain' differ in case alone"),
        ("path,id\na.png,1\n,2\n,3\n", r"2 row\(s\) without a file:\n  .*:3\n  .*:4"),
        ("path,id\na.png\n", r"1 row\(s\) have not 2 cells:\n  .*:2"),
        ("path,id\na.png,1\nb.png,1\n", r"more than once:\n  1: .*:2\n  1: .*:3"),
        ("path,path\na,b\n", "columns of the same name: 'path'"),
    ],
)
def test_a_wrong_catalogue_is_told_with_its_rows(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_catalogue(write(tmp_path, text))


@pytest.mark.parametrize("name", ["c.fits", "c.ecsv"])
def test_a_damaged_catalogue_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"c\..* cannot be read as a catalogue"):
        read_catalogue(write(tmp_path, "text", name))
    with pytest.raises(InputError, match="no such file"):
        read_catalogue(tmp_path / "nowhere.csv")


def test_files_folders_and_catalogues_are_found_in_their_order(tmp_path: Path) -> None:
    KINDS["c.fits"](tmp_path / "c.fits")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x.png").touch()
    fits.writeto(tmp_path / "image.fits", np.zeros((3, 3)))
    paths = [tmp_path / name for name in ("image.fits", "folder", "c.fits", "no.fits")]
    assert [entry.id for entry in find_images(paths)] == ["image", "x", "g1", "g2", "no"]
    with pytest.raises(InputError, match="more than once"):
        find_images([tmp_path / "folder", tmp_path / "x.png"])
