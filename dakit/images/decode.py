"""One object: from its files to the pixels that are trained on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.errors import DakitError
from dakit.images.entries import is_picture
from dakit.images.formats import file_planes
from dakit.images.planes import Planes, joined, select
from dakit.images.resample import Conserve, cut_middle, extent, resize
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
