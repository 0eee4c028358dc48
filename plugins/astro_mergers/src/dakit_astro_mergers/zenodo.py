"""The published arrays of DeepMerge II: eight files, mapped and checked, never read whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit import InputError, first_few
from dakit.images.npy import FAULTS, map_npy
from dakit_astro_mergers.record import DOI, IMAGE_SHAPE


def open_images(path: Path, rows: int) -> NDArray[np.floating[Any]]:
    """Map the images ``(rows, 3, 75, 75)``, float32 or float64; raise InputError otherwise."""
    array = _open(path)
    _check_shape(path, array, (rows, *IMAGE_SHAPE))
    if array.dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise InputError(f"{path}: expected float64 or float32 images, found {array.dtype}")
    return array


def open_labels(path: Path, rows: int) -> NDArray[np.int64]:
    """Read the labels ``(rows,)``: 0 or 1, stored as floats or integers, returned as int64."""
    array = _open(path)
    _check_shape(path, array, (rows,))
    unexpected = np.setdiff1d(array, [0, 1])
    if len(unexpected):
        raise InputError(
            f"{path}: expected labels 0 (non-merger) and 1 (merger), found {first_few(unexpected)}"
        )
    return np.asarray(array, dtype=np.int64)


def _open(path: Path) -> NDArray[Any]:
    try:
        return map_npy(path)
    except FAULTS as error:
        raise InputError(
            f"{path}: not a readable .npy array ({error}). If the download broke off, "
            "`dakit fetch galaxy_mergers` brings it again."
        ) from error


def _check_shape(path: Path, array: NDArray[Any], expected: tuple[int, ...]) -> None:
    if array.shape != expected:
        raise InputError(
            f"{path}: expected an array of shape {expected}, found {array.shape}. "
            f"The published files are at doi {DOI}."
        )
