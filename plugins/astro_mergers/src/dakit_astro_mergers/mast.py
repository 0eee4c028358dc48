"""The two FITS files of the DeepMerge HLSP at MAST: mapped and checked, never read whole.

HDU 0 holds the images ``(N, 3, 75, 75)``, HDU 1 the labels ``(N,)``. A reader found N = 10,798,
which is int(0.7 x 15,426): probably the training part of the arrays at Zenodo. Nothing in the files
says which galaxy an image shows, and the order of the rows is not that of the arrays.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit import InputError
from dakit.checksums import file_sha256
from dakit.contracts import Domain, DomainPair, Provenance
from dakit.images import map_fits_image
from dakit_astro_mergers.record import IMAGE_SHAPE

DOI = "10.17909/t9-vqk6-pc80"
_STEM = "hlsp_deepmerge_hst-jwst_acs-wfc3-nircam_illustris-z2_f814w-f160w-f356w_v1_sim-{}.fits"
FILES = (_STEM.format("pristine"), _STEM.format("noisy"))
"""Source and target."""
TRAINING_ROWS = 10798

NO_GROUPS = (
    "The files at MAST name no galaxies. Each galaxy was seen by several cameras, mergers also "
    "turned and flipped, and pristine and noisy images show the same galaxies: copies of one may "
    "fall on both sides of any split, so the numbers are optimistic by an unknown amount."
)
TRAINING_PART = (
    f"{TRAINING_ROWS:,} images are int(0.7 x 15,426): probably the training part of the arrays of "
    "doi 10.5281/zenodo.4507941, not all of them."
)


def missing_files(folder: Path) -> list[str]:
    """Return the names of the two files that are not in ``folder``."""
    return [name for name in FILES if not (folder / name).is_file()]


def mast_pair(folder: Path, class_names: tuple[str, ...]) -> DomainPair:
    """Map the two files.

    Raises:
        InputError: one is not as it must be.
    """
    source, target = (
        _domain(name, folder / file) for name, file in zip(("source", "target"), FILES, strict=True)
    )
    part = [TRAINING_PART] if TRAINING_ROWS in (len(source), len(target)) else []
    provenance = Provenance(
        origin="mast",
        description=(
            "Illustris-1 galaxies at z = 2, pristine (source) and with sky noise (target); "
            f"DeepMerge HLSP, doi {DOI}."
        ),
        checksums={file: file_sha256(folder / file) for file in FILES},
        notes=(NO_GROUPS, *part),
    )
    return DomainPair(source, target, class_names, provenance)


def open_images(path: Path) -> NDArray[Any]:
    """Map the images ``(N, 3, 75, 75)``, in FITS big-endian; raise InputError otherwise."""
    images = map_fits_image(path)
    if images.shape[1:] != IMAGE_SHAPE or images.dtype.kind != "f":
        raise InputError(
            f"{path}: expected images (N, 3, 75, 75) of floats in HDU 0, found {images.shape} of "
            f"{images.dtype}"
        )
    return images


def open_labels(path: Path, rows: int) -> NDArray[np.int64]:
    """Read the labels ``(rows,)``, 0 or 1, as int64; raise InputError otherwise."""
    labels = map_fits_image(path, 1)
    if labels.shape != (rows,):
        raise InputError(f"{path}: expected labels ({rows},) in HDU 1, found {labels.shape}")
    unexpected = np.setdiff1d(labels, [0, 1])
    if len(unexpected):
        raise InputError(
            f"{path}: expected labels 0 (non-merger) and 1 (merger), found {unexpected[0]}"
        )
    return labels.astype(np.int64)


def _domain(name: str, path: Path) -> Domain:
    images = open_images(path)
    return Domain(name, images, open_labels(path, len(images)), np.arange(len(images)))
