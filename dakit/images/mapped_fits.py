"""A large array in a FITS file, mapped and not read."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.errors import InputError
from dakit.images.fits import astropy_module

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
            warnings.simplefilter("ignore")  # a file that was cut short is told above
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
