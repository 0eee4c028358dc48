"""A dataset whose named files cannot be right is caught."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from dakit import DatasetSpec
from dakit.files.remote_files import RemoteFile, RemoteFiles
from dakit.plugins import catalog
from dakit.testing import Skipped

GOOD = RemoteFile("a.npy", "https://example.org/a.npy", 10, "md5:" + "0" * 32)
TABLE: dict[str, Any] = {
    "name": "somebody2021",
    "label": "Somebody",
    "title": "Points",
    "citation": "Somebody 2021",
    "data": {"name": "files"},
    "backbone": "mlp",
    "selection": "by lot",
    "used_target_labels": False,
    "methods": [{"method": "MMD"}],
}

RunCheck = Callable[..., None]


def dataset(*files: Callable[[], RemoteFile], index: str | None = None) -> Any:
    class Files(DatasetSpec):
        """Files."""

        name: Literal["files"] = "files"

        def build(self, context: Any) -> Any: ...

        def remote_files(self) -> RemoteFiles:
            return RemoteFiles(tuple(file() for file in files), Path(), index)

    return Files


def test_sound_files_pass(run_check: RunCheck) -> None:
    run_check(dataset(lambda: GOOD), "names_its_remote_files_soundly")
    mergers = catalog.current().find("dataset", "galaxy_mergers")
    run_check(mergers, "names_its_remote_files_soundly")
    run_check(mergers, "publishes_tables_that_load")
    digits = catalog.current().find("dataset", "digits_shift")
    for check in ("names_its_remote_files_soundly", "publishes_tables_that_load"):
        with pytest.raises(Skipped, match="it has no "):
            run_check(digits, check)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (dataset(), "names no file"),
        (dataset(lambda: GOOD, lambda: RemoteFile("A.npy", GOOD.url)), "called A.npy, a.npy"),
        (dataset(lambda: RemoteFile("a", "ftp://example.org/a")), "a: 'ftp.*no http or https"),
        (dataset(lambda: RemoteFile("a", "file:///a")), "no http or https"),
        (dataset(lambda: GOOD, index="example.org"), "the index: .*no http or https"),
        (dataset(lambda: RemoteFile("a", GOOD.url, 0)), "a: a size of 0 bytes"),
        (dataset(lambda: RemoteFile("a", GOOD.url, 1, "crc:0")), "a: 'crc:0' is no checksum"),
        (dataset(lambda: RemoteFile("../a", GOOD.url)), "no plain file name"),
    ],
)
def test_files_that_could_never_be_fetched_are_caught(
    spec: Any, message: str, assert_caught: RunCheck
) -> None:
    assert_caught(spec, "names_its_remote_files_soundly", message)


def with_tables(folder: Path, *tables: dict[str, Any]) -> Any:
    paths = [folder / f"{number}.json" for number in range(len(tables))]
    for path, table in zip(paths, tables, strict=True):
        path.write_text(json.dumps(table))

    class Files(DatasetSpec):
        """Files."""

        name: Literal["files"] = "files"
        needed: Path

        def build(self, context: Any) -> Any: ...

        @classmethod
        def published_tables(cls) -> Sequence[Path]:
            return paths

    return Files


def test_tables_that_load_pass_without_values_for_fields(
    tmp_path: Path, run_check: RunCheck
) -> None:
    data = {"name": "files", "balance": True}
    spec = with_tables(tmp_path, TABLE, {**TABLE, "name": "other", "data": data})
    run_check(spec, "publishes_tables_that_load")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ([{**TABLE, "metods": 1}], "metods: unknown key; did you mean 'methods'"),
        ([TABLE, TABLE], "tables share a name"),
        ([{**TABLE, "data": {"name": "flies"}}], "are of the dataset 'flies'"),
        ([{**TABLE, "data": {"name": "files", "protcol": "clean"}}], "name protcol, no field"),
    ],
)
def test_tables_that_could_never_be_shown_are_caught(
    tables: list[dict[str, Any]], message: str, tmp_path: Path, assert_caught: RunCheck
) -> None:
    assert_caught(with_tables(tmp_path, *tables), "publishes_tables_that_load", message)


def test_a_table_that_is_not_there_is_caught(tmp_path: Path, assert_caught: RunCheck) -> None:
    spec = with_tables(tmp_path, TABLE)
    (tmp_path / "0.json").unlink()
    assert_caught(spec, "publishes_tables_that_load", "cannot read the table")
