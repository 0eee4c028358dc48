"""One object: from its files to the pixels that are trained on."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.errors import DakitError, InputError, install_extra
from dakit.images.entries import ARRAYS, FITS, PICTURES, is_picture
from dakit.images.fits import fits_planes
from dakit.images.npy import FAULTS, npy_of, reason
from dakit.images.planes import (
    ALPHA,
    Conserve,
    Planes,
    checked_planes,
    cut_middle,
    extent,
    joined,
    resize,
    select,
)
from dakit.images.settings import ImageReading


@final
@dataclass(frozen=True)
class Decoded:
    """An image ``(B, H, W)`` of float32, the SHA-256 of its files, and its replaced pixels."""

    image: NDArray[np.float32]
    sha256: str
    blank: int


def decode(paths: tuple[Path, ...], names: tuple[str, ...], reading: ImageReading) -> Decoded:
    """Read the files of one object; each is read once. Raises ValueError
    that names the file where one is missing or damaged."""
    parts, digests = zip(*(_file(path, reading) for path in paths), strict=True)
    planes = select(joined(parts, names), reading.bands)
    if reading.cut is not None:
        planes = cut_middle(planes, extent(reading.cut))
    planes, blank = _without_blanks(planes, reading)
    if reading.size is not None:
        planes = resize(planes, extent(reading.size), _conserved(paths, reading))
    return Decoded(_float32(planes), hashlib.sha256(b"".join(digests)).hexdigest(), blank)


def _file(path: Path, reading: ImageReading) -> tuple[Planes, bytes]:
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise ValueError(f"{reason}: {path}") from error
    try:
        planes = file_planes(content, path.name, reading)
        # a picture that is turned has another checksum than before there was any turning
        turned = b"upright" if planes.turned else b""
        return planes, hashlib.sha256(content + turned).digest()
    except DakitError:
        raise
    except Exception as error:  # a damaged file breaks its reader in any way
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path}: {reason}") from error


def _conserved(paths: tuple[Path, ...], reading: ImageReading) -> Conserve:
    if reading.conserve != "flux_or_picture_brightness":
        return reading.conserve
    pictures = {is_picture(path) for path in paths}
    if len(pictures) > 1:
        raise ValueError("a picture beside other files: say in 'conserve' what resizing keeps")
    return "surface_brightness" if pictures.pop() else "flux"


def _without_blanks(planes: NDArray[Any], reading: ImageReading) -> tuple[NDArray[Any], int]:
    if planes.dtype.kind != "f":
        return planes, 0
    fine = np.isfinite(planes)
    blank = int(fine.size - np.count_nonzero(fine))
    if blank == 0:
        return planes, 0
    if reading.blank == "bad":
        raise ValueError(f"{blank} of {fine.size} pixels are blank (NaN or infinite)")
    if not fine.any(axis=(1, 2)).all():
        raise ValueError("all pixels of a band are blank (NaN or infinite)")
    replaced = planes.astype(np.float64)
    for band, good in zip(replaced, fine, strict=True):
        band[~good] = np.median(band[good]) if reading.blank == "median" else 0.0
    return replaced, blank


def _float32(planes: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        image = np.ascontiguousarray(planes, dtype=np.float32)
    if not np.isfinite(image).all():
        raise ValueError("it holds values too large for float32")
    return image


PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
NAMES = {
    "L": ("grey",),
    "I": ("grey",),
    "I;16": ("grey",),
    "LA": ("grey", ALPHA),
    "RGB": ("R", "G", "B"),
    "RGBA": ("R", "G", "B", ALPHA),
}
"""The planes of pillow's modes; all others are turned into RGB or RGBA."""


def file_planes(content: bytes, name: str, reading: ImageReading) -> Planes:
    """Return the planes of a file called ``name``; its suffix says what it is.

    Raises ValueError or OSError where the content is not an image of that format.
    """
    name = name.lower()
    if name.endswith(PICTURES):
        return _picture(content)
    if name.endswith(FITS):
        return fits_planes(content, reading.hdu)
    if name.endswith(ARRAYS):
        return checked_planes(_npy(content, reading.channels_last))
    raise ValueError(f"not of a type that dakit reads ({', '.join((*PICTURES, *FITS, *ARRAYS))})")


def _picture(content: bytes) -> Planes:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise InputError(f"reading PNG and JPEG needs pillow: {install_extra('images')}") from error

    if _is_deep_colour_png(content):
        raise ValueError(
            "a PNG with 16 bits per colour, of which pillow reads 8; save the bands as 16-bit grey "
            "PNGs, FITS or npy"
        )
    try:
        opened = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
    except UnidentifiedImageError as error:  # its text names a place in memory
        raise ValueError("it is no PNG or JPEG, or damaged") from error
    with opened as stored:
        picture = _upright(stored)
        mode = picture.mode
        if mode not in NAMES:
            mode = _plain_mode(picture)
            values = np.asarray(picture.convert(mode))
        else:
            values = np.asarray(picture)
    planes = values[None] if values.ndim == 2 else values.transpose(2, 0, 1)
    return Planes(planes, NAMES[mode], turned=picture is not stored)


def _upright(picture: Any) -> Any:
    """Return the picture turned and mirrored as its EXIF says, itself where that says nothing."""
    from PIL import ExifTags, ImageOps

    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # damaged EXIF says nothing; viewers show the pixels all the same
        return picture
    return ImageOps.exif_transpose(picture) if orientation in range(2, 9) else picture


def _plain_mode(picture: Any) -> str:
    if picture.mode == "1":
        return "L"
    return "RGBA" if picture.mode == "PA" or "transparency" in picture.info else "RGB"


def _is_deep_colour_png(content: bytes) -> bool:
    depth, colour = content[24:25], content[25:26]  # of the IHDR chunk, which comes first
    return content.startswith(PNG_SIGNATURE) and depth == b"\x10" and colour != b"\x00"


def _npy(content: bytes, channels_last: bool) -> NDArray[Any]:
    if not content.startswith(b"\x93NUMPY"):
        raise ValueError("not an .npy array")
    try:
        array = npy_of(content)
    except FAULTS as error:
        raise ValueError(reason(error)) from error
    return array.transpose(2, 0, 1) if channels_last and array.ndim == 3 else array
