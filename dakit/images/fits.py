"""FITS by astropy, an extra imported when first needed: images read, and large ones mapped."""

from __future__ import annotations

import gzip
import io
import math
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.errors import InputError, install_extra
from dakit.images.planes import Planes, checked_planes, joined

GZIP = b"\x1f\x8b"
EXTRA = f"reading FITS needs astropy: {install_extra('fits')}"


def astropy_module(name: str) -> Any:
    """Return a module of astropy. Raises InputError, saying how to get it, where it is missing."""
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError(EXTRA) from error


def fits_planes(content: bytes, hdu: int | str | Sequence[int | str] | None) -> Planes:
    """Return the image planes of the HDUs asked for, by default of the first that has an image.

    A pixel that FITS calls blank is NaN. Raises ValueError where an HDU is not there or holds no
    image of two or three axes.
    """
    fits = astropy_module("astropy.io.fits")
    if content.startswith(GZIP):
        content = gzip.decompress(content)
    with fits.open(io.BytesIO(content), memmap=False) as hdus:
        if hdu is None:
            chosen = [_first_image(hdus)]
        else:
            asked = [hdu] if isinstance(hdu, int | str) else hdu
            chosen = [_found(hdus, key) for key in asked]
        return joined([_planes(image) for image in chosen])


def holds_only_a_table(path: Path) -> bool:
    """Return whether a FITS file holds a table and no image; False where it cannot be read."""
    fits = astropy_module("astropy.io.fits")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # whoever reads it will find it cut short
            with fits.open(path) as hdus:
                tables = any(isinstance(hdu, fits.BinTableHDU | fits.TableHDU) for hdu in hdus)
                return tables and not any(map(_is_image, hdus))
    except (OSError, ValueError, TypeError):
        return False


def _is_image(hdu: Any) -> bool:
    return bool(hdu.is_image) and len(hdu.shape) >= 2


def _first_image(hdus: Any) -> Any:
    for hdu in hdus:
        if _is_image(hdu):
            return hdu
    raise ValueError("there is no image in it")


def _found(hdus: Any, key: int | str) -> Any:
    try:
        hdu = hdus[key]
    except (KeyError, IndexError):
        names = ", ".join(f"{number} {hdu.name}".strip() for number, hdu in enumerate(hdus))
        raise ValueError(f"there is no HDU {key!r} (it has: {names})") from None
    if not _is_image(hdu):
        raise ValueError(f"HDU {key!r} holds no image")
    return hdu


def _planes(hdu: Any) -> Planes:
    data = np.asarray(hdu.data)
    while data.ndim > 3 and data.shape[0] == 1:  # an axis of one frequency or one Stokes parameter
        data = data[0]
    return checked_planes(data, hdu.name or "")


TYPES = {-64: ">f8", -32: ">f4", 8: "u1", 16: ">i2", 32: ">i4", 64: ">i8"}
"""The types of FITS by BITPIX; all are big-endian."""
SCALED = ("BSCALE", "BZERO", "BLANK")


def map_fits_image(path: Path, hdu: int = 0) -> NDArray[Any]:
    """Return a read-only map of the image of an HDU, in the big-endian type of the file.

    Raises InputError where the file or the HDU is not there, holds no plain image, or is cut short.
    A compressed or scaled image cannot be mapped.
    """
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    kind, offset, shape = _layout(path, hdu)
    if path.stat().st_size < offset + np.dtype(kind).itemsize * math.prod(shape):
        raise InputError(f"{path} is cut short: HDU {hdu} should hold an array {shape}")
    return np.memmap(path, kind, "r", offset, shape)


def _layout(path: Path, number: int) -> tuple[str, int, tuple[int, ...]]:
    fits = astropy_module("astropy.io.fits")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # map_fits_image says so where a file was cut short
            with fits.open(path, do_not_scale_image_data=True) as hdus:
                hdu = hdus[number]
                if not isinstance(hdu, fits.PrimaryHDU | fits.ImageHDU) or not hdu.shape:
                    raise InputError(f"{path}: HDU {number} holds no plain image")
                scaled = [key for key in SCALED if key in hdu.header]
                if scaled:
                    raise InputError(f"{path}: HDU {number} is scaled ({scaled[0]}), not plain")
                return TYPES[hdu.header["BITPIX"]], hdu.fileinfo()["datLoc"], hdu.shape
    except IndexError as error:
        raise InputError(f"{path} has no HDU {number}") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path} cannot be read as FITS: {error}") from error
