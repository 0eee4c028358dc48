"""The published arrays of DeepMerge II: eight files, mapped and checked, never read whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from dakit import InputError

DOI = "10.5281/zenodo.4507941"
Experiment = Literal["sim_sim", "sim_real"]


@final
@dataclass(frozen=True)
class DomainFiles:
    """The two files of one domain and the number of their rows."""

    images: str
    labels: str
    rows: int


FILES: dict[Experiment, tuple[DomainFiles, DomainFiles]] = {
    "sim_sim": (
        DomainFiles(
            "SimSim_SOURCE_X_Illustris2_pristine.npy",
            "SimSim_SOURCE_y_Illustris2_pristine.npy",
            15426,
        ),
        DomainFiles(
            "SimSim_TARGET_X_Illustris2_noisy.npy", "SimSim_TARGET_y_Illustris2_noisy.npy", 15426
        ),
    ),
    "sim_real": (
        DomainFiles("SimReal_SOURCE_X_Illustris0.npy", "SimReal_SOURCE_y_Illustris0.npy", 6000),
        DomainFiles(
            "SimReal_TARGET_X_postmergers_SDSS.npy", "SimReal_TARGET_y_postmergers_SDSS.npy", 6000
        ),
    ),
}
IMAGE_SHAPE = (3, 75, 75)


def file_names(experiment: Experiment) -> tuple[str, ...]:
    """Return the names of the experiment's four files."""
    return tuple(name for files in FILES[experiment] for name in (files.images, files.labels))


def missing_files(experiment: Experiment, folder: Path) -> list[str]:
    """Return the names of the experiment's files that are not in ``folder``."""
    return [name for name in file_names(experiment) if not (folder / name).is_file()]


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
        found = ", ".join(str(value) for value in unexpected[:5])
        raise InputError(f"{path}: expected labels 0 (non-merger) and 1 (merger), found {found}")
    return np.asarray(array, dtype=np.int64)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read in small pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open(path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise InputError(
            f"{path}: not a readable .npy array ({error}). If the download broke off, fetch it "
            f"again from doi {DOI}."
        ) from error
    return array


def _check_shape(path: Path, array: NDArray[Any], expected: tuple[int, ...]) -> None:
    if array.shape != expected:
        raise InputError(
            f"{path}: expected an array of shape {expected}, found {array.shape}. "
            f"The published files are at doi {DOI}."
        )
