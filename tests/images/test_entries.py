"""The images of a folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dakit.errors import InputError
from dakit.images import ImageReading, decode_images, list_folder
from dakit.images.entries import file_entry


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_sub_folders_are_the_classes_at_any_depth(tmp_path: Path) -> None:
    touch(tmp_path, "merger/b.fits.gz", "merger/deep/a.png", "other/a.JPG", "other/notes.txt")
    touch(tmp_path, "other/.hidden.png", ".thumbs/a.png", "readme.md")
    found = [(entry.id, entry.label) for entry in list_folder(tmp_path)]
    assert found == [("merger/b", "merger"), ("merger/deep/a", "merger"), ("other/a", "other")]


def test_a_flat_folder_has_no_labels(tmp_path: Path) -> None:
    touch(tmp_path, "b.npy", "a.fit")
    entries = list_folder(tmp_path)
    assert [(entry.id, entry.label, entry.group) for entry in entries] == [
        ("a", "", ""),
        ("b", "", ""),
    ]
    assert entries[0].paths == (tmp_path / "a.fit",)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "holds no images"),
        (["notes.txt"], "holds no images"),
        (["x.png", "merger/a.png"], r"1 image\(s\) beside its sub-folders \(x\.png\)"),
        (["a.png", "a.fits"], "used more than once"),
    ],
)
def test_what_is_no_folder_of_images_is_refused(
    tmp_path: Path, names: list[str], said: str
) -> None:
    touch(tmp_path, *names)
    with pytest.raises(InputError, match=said):
        list_folder(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        list_folder(tmp_path / "nowhere")


def test_class_folders_and_files_that_are_links_are_followed(tmp_path: Path) -> None:
    touch(tmp_path, "store/x/b.png", "store/object", "in/merger/a.png")
    folder = tmp_path / "in"
    (folder / "other").symlink_to(tmp_path / "store" / "x")
    (folder / "merger" / "c.png").symlink_to(tmp_path / "store" / "object")
    (folder / "merger" / "more").symlink_to(tmp_path / "store" / "x")
    (folder / "merger" / "notes.txt").symlink_to(tmp_path / "nowhere")
    found = [(entry.id, entry.label) for entry in list_folder(folder)]
    assert found == [
        ("merger/a", "merger"),
        ("merger/c", "merger"),
        ("merger/more/b", "merger"),
        ("other/b", "other"),
    ]


@pytest.mark.parametrize("leads_to", ["in", "in/merger", "."])
def test_links_in_a_circle_are_noticed(tmp_path: Path, leads_to: str) -> None:
    touch(tmp_path, "in/merger/a.png", "in/other/b.png")
    (tmp_path / "in" / "merger" / "again").symlink_to(tmp_path / leads_to)
    with pytest.raises(InputError, match=r"again.* leads to .*: links in a circle"):
        list_folder(tmp_path / "in")


def test_an_image_that_is_a_link_to_nowhere_is_listed_to_be_told_as_missing(
    tmp_path: Path,
) -> None:
    touch(tmp_path, "a.png")
    (tmp_path / "b.png").symlink_to(tmp_path / ".git" / "annex" / "object")
    (tmp_path / "c.png").symlink_to(tmp_path / "c.png")
    entries = list_folder(tmp_path)
    assert [entry.id for entry in entries] == ["a", "b", "c"]
    _, there, loop = decode_images(entries, ImageReading()).bad
    assert there.reason == f"no such file: {tmp_path / 'b.png'}"
    assert loop.id == "c"


def test_a_class_folder_that_is_a_link_to_nowhere_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "merger/a.png", "other/a.png")
    (tmp_path / "third").symlink_to(tmp_path / "not mounted")
    with pytest.raises(InputError, match="third is a link that leads nowhere"):
        list_folder(tmp_path)


@pytest.mark.parametrize("parts", [("train", "test"), ("Training", "VAL"), ("test",)])
def test_the_parts_of_a_split_are_not_taken_for_classes(
    tmp_path: Path, parts: tuple[str, ...]
) -> None:
    touch(tmp_path, *(f"{part}/{kind}/a.png" for part in parts for kind in ("merger", "other")))
    with pytest.raises(InputError, match=r"parts of a split .*, not classes\. Give one of them"):
        list_folder(tmp_path)
    assert len(list_folder(tmp_path, classes=False)) == 2 * len(parts)
    assert {entry.label for entry in list_folder(tmp_path / parts[0])} == {"merger", "other"}


def test_a_class_may_have_the_name_of_a_part(tmp_path: Path) -> None:
    touch(tmp_path, "train/a.png", "bus/b.png")
    assert [entry.label for entry in list_folder(tmp_path)] == ["bus", "train"]


@given(st.binary(min_size=1, max_size=6).filter(lambda name: not set(name) & set(b"./\0")))
def test_a_name_in_another_encoding_is_refused_and_utf_8_is_taken(name: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / os.fsdecode(name + b".png")).touch()
        try:
            expected = name.decode()
        except UnicodeDecodeError:
            with pytest.raises(InputError, match=r"1 name\(s\) of files are no UTF-8") as caught:
                list_folder(Path(folder))
            str(caught.value).encode()
        else:
            assert [entry.id for entry in list_folder(Path(folder))] == [expected]


@pytest.mark.parametrize("name", ["g.1.png", "g.1.fits.gz", "g.1.FITS", "g.1.fits.fz"])
def test_the_id_of_a_file_is_its_stem(name: str) -> None:
    assert file_entry(Path("folder") / name).id == "g.1"
