"""The published files of DeepMerge II: their names and sizes, and where they are. Light."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

from dakit import RemoteFile

RECORD = "4507941"
DOI = f"10.5281/zenodo.{RECORD}"
INDEX = f"https://zenodo.org/api/records/{RECORD}"
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
HEADER_BYTES = 128
FLOAT64_BYTES = 8


def file_names(experiment: Experiment) -> tuple[str, ...]:
    """Return the names of the experiment's four files."""
    return tuple(name for files in FILES[experiment] for name in (files.images, files.labels))


def missing_files(experiment: Experiment, folder: Path) -> list[str]:
    """Return the names of the experiment's files that are not in ``folder``."""
    return [name for name in file_names(experiment) if not (folder / name).is_file()]


def remote_files(experiments: Iterable[Experiment]) -> tuple[RemoteFile, ...]:
    """Return the files of the experiments as they are at Zenodo.

    The sizes follow from the shapes: a header of 128 bytes, then float64 values. The checksums
    are in the record.
    """
    return tuple(file for e in experiments for files in FILES[e] for file in _remote(files))


def _remote(files: DomainFiles) -> tuple[RemoteFile, RemoteFile]:
    label_bytes = files.rows * FLOAT64_BYTES
    return (
        _remote_file(files.images, label_bytes * math.prod(IMAGE_SHAPE)),
        _remote_file(files.labels, label_bytes),
    )


def _remote_file(name: str, data_bytes: int) -> RemoteFile:
    # this address continues downloads; the API's own (files[].links.self) does not
    url = f"https://zenodo.org/records/{RECORD}/files/{name}?download=1"
    return RemoteFile(name, url, HEADER_BYTES + data_bytes)
