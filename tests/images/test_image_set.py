"""Many images: decoded once, mapped ever after, and the bad ones told all at once."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dakit.errors import InputError
from dakit.images import ImageEntry, ImageReading, image_set, read_images
from dakit.images.decode import decode

Write = Callable[[Path, np.ndarray], Path]
N = 70  # more than one window


@pytest.fixture
def entries(tmp_path: Path, write_image: Write) -> list[ImageEntry]:
    rng = np.random.default_rng(0)
    paths = [tmp_path / "in" / f"g{i:02}.npy" for i in range(N)]
    for path in paths:
        write_image(path, rng.exponential(size=(2, 6, 6)))
    return [ImageEntry(path.stem, (path,), str(path)) for path in paths]


def test_images_are_read_as_the_settings_say(tmp_path: Path, write_image: Write) -> None:
    g, r = np.arange(36.0).reshape(6, 6), np.ones((6, 6))
    entry = ImageEntry(
        "a",
        (write_image(tmp_path / "g.fits", g), write_image(tmp_path / "r.fits", r)),
        "",
        names=("path_g", "path_r"),
    )
    reading = ImageReading(bands=("path_r", 0), cut=4, size=2)
    images = read_images([entry], reading)
    corners = g[1:5, 1:5].reshape(2, 2, 2, 2).sum((1, 3))
    np.testing.assert_array_equal(images.inputs, [[np.full((2, 2), 4.0), corners]])
    assert images.inputs.dtype == np.float32


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.fits", "a.npy"])
@pytest.mark.parametrize("side", [4, 8, 16])
def test_pictures_keep_their_brightness_and_the_others_their_flux(
    tmp_path: Path, write_image: Write, name: str, side: int
) -> None:
    path = write_image(tmp_path / name, np.full((side, side), 100, np.uint8))
    entry = ImageEntry("a", (path,), "")
    expected = 100 if name.endswith(("png", "jpg")) else 100 * (side / 8) ** 2
    np.testing.assert_allclose(read_images([entry], ImageReading(size=8)).inputs, expected)
    asked = {"flux": 100 * (side / 8) ** 2, "surface_brightness": 100}
    for conserve, value in asked.items():
        reading = ImageReading.model_validate({"size": 8, "conserve": conserve})
        np.testing.assert_allclose(read_images([entry], reading).inputs, value)


def test_what_an_image_of_both_kinds_keeps_must_be_said(tmp_path: Path, write_image: Write) -> None:
    paths = [write_image(tmp_path / n, np.ones((4, 4), np.uint8)) for n in ("g.png", "r.npy")]
    entry = ImageEntry("a", tuple(paths), "", names=("g", "r"))
    assert read_images([entry], ImageReading()).inputs.shape == (1, 2, 4, 4)
    with pytest.raises(InputError, match="a: a picture beside other files: say in 'conserve'"):
        read_images([entry], ImageReading(size=2))
    assert read_images([entry], ImageReading(size=2, conserve="flux")).inputs.min() == 4


def test_a_picture_that_is_turned_has_a_checksum_of_its_own(
    tmp_path: Path, write_image: Write
) -> None:
    plain = write_image(tmp_path / "a.png", np.eye(3, dtype=np.uint8))
    turned = tmp_path / "b.png"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.eye(3, dtype=np.uint8)).save(turned, exif=exif)
    digests = [decode((path,), (), ImageReading()).sha256 for path in (plain, turned)]
    contents = [hashlib.sha256(path.read_bytes()).digest() for path in (plain, turned)]
    of_contents = [hashlib.sha256(content).hexdigest() for content in contents]
    assert digests[0] == of_contents[0], "the numbers of earlier runs stay theirs"
    assert digests[1] != of_contents[1], "earlier versions did not turn it: another run"


def test_one_cache_serves_a_folder_and_links_to_it(
    tmp_path: Path, write_image: Write, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_image(tmp_path / "in" / "a.npy", np.ones((4, 4)))
    (tmp_path / "link").symlink_to(tmp_path / "in")
    monkeypatch.chdir(tmp_path)
    for same in (path, tmp_path / "link" / "a.npy", Path("in/a.npy"), Path("link/../in/a.npy")):
        read_images([ImageEntry("a", (same,), "")], ImageReading())
    assert len(list(own_cache.iterdir())) == 1


def test_a_link_is_read_as_its_own_name_says(tmp_path: Path, write_image: Write) -> None:
    stored = write_image(tmp_path / "in" / "a.npy", np.ones((4, 4))).rename(tmp_path / "object")
    for name in ("a.fits", "a.npy"):
        (tmp_path / name).symlink_to(stored)
    with pytest.raises(InputError, match=r"a\.fits"):
        read_images([ImageEntry("a", (tmp_path / "a.fits",), "")], ImageReading())
    assert len(read_images([ImageEntry("a", (tmp_path / "a.npy",), "")], ImageReading()).kept) == 1


def test_the_second_time_nothing_is_read(
    entries: list[ImageEntry], own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read_images(entries, ImageReading())
    assert isinstance(first.inputs, np.memmap)
    assert not first.inputs.flags.writeable
    assert Path(first.inputs.filename).is_relative_to(own_cache)
    expected = np.stack([np.load(entry.paths[0]) for entry in entries]).astype(np.float32)
    np.testing.assert_array_equal(first.inputs, expected)
    contents = [hashlib.sha256(entry.paths[0].read_bytes()).digest() for entry in entries]
    each = "".join(hashlib.sha256(content).hexdigest() for content in contents)
    assert first.sha256 == hashlib.sha256(each.encode()).hexdigest()

    monkeypatch.setattr(image_set, "decode", None)
    again = read_images(entries, ImageReading())
    np.testing.assert_array_equal(again.inputs, expected)
    assert again.sha256 == first.sha256
    assert {path.name for path in own_cache.rglob("*")} == {
        Path(first.inputs.filename).parent.name,
        "inputs.npy",
        "about.json",
    }


def test_a_changed_file_or_setting_is_read_anew(entries: list[ImageEntry]) -> None:
    before = read_images(entries, ImageReading())
    times = entries[3].paths[0].stat()
    assert read_images(entries, ImageReading(size=3)).inputs.shape == (N, 2, 3, 3)
    np.save(entries[3].paths[0], np.zeros((2, 6, 6)))
    os.utime(entries[3].paths[0], ns=(times.st_atime_ns, times.st_mtime_ns))
    after = read_images(entries, ImageReading())
    assert after.inputs[3].max() == 0
    assert before.inputs[3].max() > 0
    assert after.sha256 != before.sha256


def test_a_given_folder_is_the_cache(entries: list[ImageEntry], tmp_path: Path) -> None:
    images = read_images(entries, ImageReading(), cache=tmp_path / "mine")
    assert isinstance(images.inputs, np.memmap)
    assert Path(images.inputs.filename).is_relative_to(tmp_path / "mine")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write to the folder"):
        read_images(entries, ImageReading(), cache=tmp_path / "file")


@pytest.mark.parametrize("damage", ["about.json", "inputs.npy"])
def test_a_damaged_cache_is_made_anew(
    entries: list[ImageEntry], own_cache: Path, damage: str
) -> None:
    whole = read_images(entries, ImageReading())
    expected = np.array(whole.inputs)
    (file,) = own_cache.rglob(damage)
    file.write_bytes(file.read_bytes()[:50])
    np.testing.assert_array_equal(read_images(entries, ImageReading()).inputs, expected)
    np.testing.assert_array_equal(np.load(next(own_cache.rglob("inputs.npy"))), expected)


def break_some(entries: list[ImageEntry]) -> dict[str, str]:
    """Break four images in different ways; return what is said of each."""
    missing, torn, empty, other = (entries[row] for row in (0, 5, 6, 69))
    missing.paths[0].unlink()
    torn.paths[0].write_bytes(torn.paths[0].read_bytes()[:200])
    empty.paths[0].write_bytes(b"")
    np.save(other.paths[0], np.zeros((2, 6, 7)))
    return {
        "g00": "no such file",
        "g05": "cut off",
        "g06": "not an .npy array",
        "g69": "2 x 6 x 7 (bands, height, width) instead of 2 x 6 x 6",
    }


def test_all_bad_images_are_told_at_once(entries: list[ImageEntry]) -> None:
    reasons = break_some(entries)
    with pytest.raises(InputError) as caught:
        read_images(entries, ImageReading())
    head, *lines = str(caught.value).splitlines()
    assert head == "4 of 70 images cannot be used:"
    for line, (name, reason) in zip(lines, reasons.items(), strict=True):
        assert line.strip().startswith(f"{name}: ")
        assert reason in line


def test_bad_images_are_left_out_where_that_is_asked(entries: list[ImageEntry]) -> None:
    reasons = break_some(entries)
    images = read_images(entries, ImageReading(), on_bad="skip")
    kept = [row for row in range(N) if entries[row].id not in reasons]
    assert images.kept.tolist() == kept
    assert [bad.id for bad in images.bad] == list(reasons)
    for i, row in enumerate(kept):
        np.testing.assert_array_equal(
            images.inputs[i], np.load(entries[row].paths[0]).astype(np.float32)
        )


def test_a_long_list_is_cut_and_counted(entries: list[ImageEntry]) -> None:
    for entry in entries[:30]:
        entry.paths[0].unlink()
    with pytest.raises(InputError, match=r"30 of 70 [\s\S]*g19: .*\n  \.\.\. and 10 more$"):
        read_images(entries, ImageReading())
    for entry in entries[30:]:
        entry.paths[0].unlink()
    with pytest.raises(InputError, match="70 of 70"):
        read_images(entries, ImageReading(), on_bad="skip")


def test_the_shape_may_be_demanded(entries: list[ImageEntry]) -> None:
    with pytest.raises(InputError, match=r"70 of 70 .*[\s\S]*2 x 6 x 6 .* instead of 3 x 6 x 6"):
        read_images(entries, ImageReading(), shape=(3, 6, 6))


@pytest.mark.parametrize(("blank", "value"), [("zero", 0.0), ("median", 5.0)])
def test_blank_pixels_are_replaced_and_counted(
    tmp_path: Path, write_image: Write, blank: str, value: float
) -> None:
    image = np.array([[1.0, 5.0, 9.0], [np.nan, np.inf, 5.0]])
    fine = np.ones((2, 3))
    files = [write_image(tmp_path / f"{i}.fits", v) for i, v in enumerate((image, fine))]
    entries = [ImageEntry(path.stem, (path,), "") for path in files]
    images = read_images(entries, ImageReading.model_validate({"blank": blank}))
    np.testing.assert_array_equal(images.inputs[0, 0], [[1, 5, 9], [value, value, 5]])
    assert (images.blank_pixels, images.blank_images) == (2, 1)
    with pytest.raises(InputError, match="0: 2 of 6 pixels are blank"):
        read_images(entries, ImageReading())


def test_blank_pixels_outside_the_cut_do_not_matter(tmp_path: Path, write_image: Write) -> None:
    image = np.ones((5, 5))
    image[0] = np.nan
    path = write_image(tmp_path / "a.npy", image)
    assert decode((path,), (), ImageReading(cut=3)).blank == 0


@pytest.mark.parametrize(
    ("value", "said"), [(np.nan, "all pixels of a band are blank"), (1e300, "too large")]
)
def test_what_cannot_be_mended_is_bad(
    tmp_path: Path, write_image: Write, value: float, said: str
) -> None:
    path = write_image(tmp_path / "a.npy", np.full((3, 3), value))
    with pytest.raises(ValueError, match=said):
        decode((path,), (), ImageReading(blank="zero"))


def test_bands_of_different_size_are_bad(tmp_path: Path, write_image: Write) -> None:
    paths = (
        write_image(tmp_path / "a.npy", np.ones((3, 3))),
        write_image(tmp_path / "b.npy", np.ones((3, 4))),
    )
    with pytest.raises(ValueError, match="differ in size: 1 x 3 x 3, 1 x 3 x 4"):
        decode(paths, ("g", "r"), ImageReading())


READER = """
import sys
from pathlib import Path
from dakit.images import ImageReading, list_folder, read_images
images = read_images(list_folder(Path(sys.argv[1])), ImageReading(size=5))
print(images.sha256, float(images.inputs.sum()))
"""


def test_several_processes_and_threads_may_decode_at_once(
    entries: list[ImageEntry], own_cache: Path
) -> None:
    folder = entries[0].paths[0].parent
    command = [sys.executable, "-c", READER, str(folder)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = {process.communicate(timeout=120)[0] for process in started}
    assert [process.returncode for process in started] == [0, 0]
    assert len(said) == 1
    with ThreadPoolExecutor(4) as pool:
        sets = list(pool.map(lambda _: read_images(entries, ImageReading(size=4)), range(4)))
    for images in sets[1:]:
        np.testing.assert_array_equal(images.inputs, sets[0].inputs)
    assert len(list(own_cache.iterdir())) == 2, "one for each size, nothing left behind"


def test_the_sidecar_says_what_the_images_are(entries: list[ImageEntry], own_cache: Path) -> None:
    read_images(entries, ImageReading(size=5))
    (about,) = own_cache.rglob("about.json")
    told = json.loads(about.read_text())
    assert told["images"] == N
    assert told["first"] == str(entries[0].paths[0])
    assert told["reading"]["size"] == 5
