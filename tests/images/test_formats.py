"""What is written to a file of any format is what is read from it."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from dakit.images.decode import file_planes
from dakit.images.planes import Planes, select
from dakit.images.settings import ImageReading

RNG = np.random.default_rng(0)


def read(path: Path, **reading: object) -> Planes:
    return file_planes(path.read_bytes(), path.name, ImageReading.model_validate(reading))


@pytest.mark.parametrize(
    ("shape", "dtype", "names"),
    [
        ((4, 5), np.uint8, ("grey",)),
        ((4, 5), np.uint16, ("grey",)),
        ((4, 5, 2), np.uint8, ("grey", "alpha")),
        ((4, 5, 3), np.uint8, ("R", "G", "B")),
        ((4, 5, 4), np.uint8, ("R", "G", "B", "alpha")),
    ],
)
def test_a_png_comes_back(
    tmp_path: Path, shape: tuple[int, ...], dtype: type, names: tuple[str, ...]
) -> None:
    values = RNG.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    Image.fromarray(values).save(tmp_path / "a.PNG")
    planes = read(tmp_path / "a.PNG")
    assert planes.names == names
    expected = values.reshape(4, 5, -1).transpose(2, 0, 1)
    np.testing.assert_array_equal(planes.values, expected)
    colours = len(names) - ("alpha" in names)
    np.testing.assert_array_equal(select(planes, None), expected[:colours])


def test_a_picture_with_a_palette_becomes_colours(tmp_path: Path) -> None:
    colours = np.zeros((4, 4, 3), np.uint8)
    colours[:2] = (255, 10, 0)
    Image.fromarray(colours).convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "a.png")
    planes = read(tmp_path / "a.png")
    assert planes.names == ("R", "G", "B")
    np.testing.assert_array_equal(planes.values, colours.transpose(2, 0, 1))


def test_a_jpeg_comes_back_about(tmp_path: Path) -> None:
    y, x = np.mgrid[:32, :32]
    values = np.stack([4 * x, 4 * y, 2 * (x + y)], axis=2).astype(np.uint8)
    Image.fromarray(values).save(tmp_path / "a.jpeg", quality=95)
    np.testing.assert_allclose(read(tmp_path / "a.jpeg").values, values.transpose(2, 0, 1), atol=8)


AS_SEEN = {
    1: lambda stored: stored,
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: lambda stored: np.swapaxes(stored, 0, 1),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(np.swapaxes(stored, 0, 1), 2),
    8: np.rot90,
}
"""What the EXIF standard says of each orientation: where row 0 and column 0 of the file are."""


@pytest.mark.parametrize("orientation", AS_SEEN)
@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3)])
@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_picture_is_turned_as_every_viewer_turns_it(
    tmp_path: Path, orientation: int, shape: tuple[int, ...], name: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(RNG.integers(0, 256, shape, np.uint8)).save(tmp_path / name, exif=exif)
    with Image.open(tmp_path / name) as stored:
        seen = AS_SEEN[orientation](np.asarray(stored))
    planes = read(tmp_path / name)
    expected = seen.reshape(*seen.shape[:2], -1).transpose(2, 0, 1)
    np.testing.assert_array_equal(planes.values, expected)
    assert planes.turned == (orientation != 1)


@pytest.mark.parametrize("damaged", [b"Exif\0\0nothing", b"Exif\0\0II*\0\xff\xff\xff\x7f", b""])
def test_a_picture_with_damaged_exif_is_read_as_it_is_stored(
    tmp_path: Path, damaged: bytes
) -> None:
    values = RNG.integers(0, 256, (4, 5), np.uint8)
    Image.fromarray(values).save(tmp_path / "a.png", exif=damaged)
    np.testing.assert_array_equal(read(tmp_path / "a.png").values[0], values)


def test_a_png_of_16_bits_per_colour_is_refused_since_half_would_be_lost(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    pixel = zlib.compress(b"\0" + bytes(6))
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixel)
    (tmp_path / "a.png").write_bytes(content + chunk(b"IEND", b""))
    with pytest.raises(ValueError, match="16 bits per colour"):
        read(tmp_path / "a.png")


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("name", ["a.fits", "a.fits.gz"])
def test_fits_comes_back(tmp_path: Path, dtype: type, name: str) -> None:
    values = (100 * RNG.random((2, 4, 5))).astype(dtype)
    fits.writeto(tmp_path / name, values)
    np.testing.assert_array_equal(read(tmp_path / name).values, values)


def test_scaled_and_compressed_fits_come_back(tmp_path: Path) -> None:
    values = np.arange(60000, 60020, dtype=np.uint16).reshape(4, 5)  # BZERO 32768
    fits.writeto(tmp_path / "a.fits", values)
    np.testing.assert_array_equal(read(tmp_path / "a.fits").values[0], values)
    fits.CompImageHDU(values.astype(np.int32)).writeto(tmp_path / "a.fits.fz")
    np.testing.assert_array_equal(read(tmp_path / "a.fits.fz").values[0], values)


def test_blank_pixels_of_integer_fits_are_nan(tmp_path: Path) -> None:
    hdu = fits.PrimaryHDU(np.array([[1, -9], [3, 4]], np.int16))
    hdu.header["BLANK"] = -9
    hdu.writeto(tmp_path / "a.fits")
    np.testing.assert_array_equal(read(tmp_path / "a.fits").values[0], [[1, np.nan], [3, 4]])


def test_hdus_are_chosen_by_number_and_name_and_joined(tmp_path: Path) -> None:
    g, r = np.full((4, 5), 1.0), np.full((4, 5), 2.0)
    table = fits.BinTableHDU.from_columns([fits.Column("x", "J", array=[1])])
    images = [fits.ImageHDU(g, name="G"), fits.ImageHDU(r, name="R")]
    fits.HDUList([fits.PrimaryHDU(), table, *images]).writeto(tmp_path / "a.fits")
    path = tmp_path / "a.fits"
    np.testing.assert_array_equal(read(path).values, [g])  # the first image
    np.testing.assert_array_equal(read(path, hdu="r").values, [r])
    both = read(path, hdu=[3, "G"])
    assert both.names == ("R", "G")
    np.testing.assert_array_equal(select(both, ("G", 0)), [g, r])
    with pytest.raises(ValueError, match=r"no HDU 'I' \(it has: 0 PRIMARY, 1, 2 G, 3 R\)"):
        read(path, hdu="I")
    with pytest.raises(ValueError, match="HDU 1 holds no image"):
        read(path, hdu=1)


def test_planes_of_a_cube_are_chosen_by_index(tmp_path: Path) -> None:
    cube = RNG.random((1, 3, 4, 5))
    fits.writeto(tmp_path / "a.fits", cube)
    chosen = select(read(tmp_path / "a.fits"), (2, 0))
    np.testing.assert_array_equal(chosen, cube[0, [2, 0]])
    with pytest.raises(ValueError, match=r"no band 3 \(it has 3"):
        select(read(tmp_path / "a.fits"), (3,))
    with pytest.raises(ValueError, match="no band 'g'"):
        select(read(tmp_path / "a.fits"), ("g",))


@pytest.mark.parametrize("shape", [(4, 5), (3, 4, 5)])
def test_npy_comes_back(tmp_path: Path, shape: tuple[int, ...]) -> None:
    values = RNG.random(shape)
    np.save(tmp_path / "a.npy", values)
    np.testing.assert_array_equal(read(tmp_path / "a.npy").values, values.reshape(-1, 4, 5))


def test_npy_with_the_channels_last(tmp_path: Path) -> None:
    values = RNG.random((4, 5, 3))
    np.save(tmp_path / "a.npy", values)
    planes = read(tmp_path / "a.npy", channels_last=True)
    np.testing.assert_array_equal(planes.values, values.transpose(2, 0, 1))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", b"", "no PNG or JPEG"),
        ("a.png", b"GIF89a", "no PNG or JPEG"),
        ("a.npy", b"PK\x03\x04", "not an .npy array"),
        ("a.npy", b"\x93NUMPY\x01\x00", "EOF"),
        ("a.txt", b"text", "not of a type that dakit reads"),
        ("a.fits", b"text", "SIMPLE"),
        ("a.fits.gz", gzip.compress(b"text", mtime=0), "SIMPLE"),
    ],
)
def test_what_is_no_image_is_refused(name: str, content: bytes, said: str) -> None:
    with pytest.raises((ValueError, OSError), match=said):
        file_planes(content, name, ImageReading())


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros(5), "two axes"),
        (np.zeros((0, 5)), "two axes"),
        (np.zeros((4, 5), complex), "complex128"),
        (np.full((2, 2), None), "Python objects"),
    ],
)
def test_arrays_that_are_no_images_are_refused(
    tmp_path: Path, array: np.ndarray, said: str
) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ValueError, match=said):
        read(tmp_path / "a.npy")
