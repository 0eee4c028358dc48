"""The images of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from dakit.errors import InputError
from dakit.images import list_folder
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


@pytest.mark.parametrize("name", ["g.1.png", "g.1.fits.gz", "g.1.FITS", "g.1.fits.fz"])
def test_the_id_of_a_file_is_its_stem(name: str) -> None:
    assert file_entry(Path("folder") / name).id == "g.1"
