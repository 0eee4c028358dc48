"""The content of one file as planes, whatever its format; nothing in it is ever executed."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.errors import InputError, install_extra
from dakit.images.entries import ARRAYS, FITS, PICTURES
from dakit.images.fits import fits_planes
from dakit.images.npy import FAULTS, npy_of, reason
from dakit.images.planes import ALPHA, Planes, checked_planes
from dakit.images.settings import ImageReading

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
