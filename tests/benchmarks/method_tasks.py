"""Small tasks on which every method is tried: a run takes seconds on one core.

A task is a function from a folder, where it may write arrays, to what is its own in a run
spec. All but ``digits_shift`` read the real data sets of ``shared_data``.
Rows are drawn once, with a fixed generator: seeds of runs differ in split and weights alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_matrix, vstack
from shared_data import shared_file
from torch.nn.functional import interpolate

Task = Callable[[Path], dict[str, Any]]
Rows = tuple[NDArray[Any], NDArray[Any]]

DIGITS_ROWS, DIGITS_SIZE = 1000, 16
WORDS = 1000
SMALL = {"backbone": {"name": "small_cnn", "channels": [8, 16]}}
GALAXIES, GALAXY_SIZE = 180, 25


def digits_shift(folder: Path) -> dict[str, Any]:
    """Return the digits of scikit-learn, half of them turned and noisy."""
    return {
        "data": {"name": "digits_shift"},
        "model": SMALL,
        "optimizer": {"lr": 3e-3},
        "training": {"epochs": 15, "batch_size": 64},
    }


def digits(source: str, target: str, folder: Path) -> dict[str, Any]:
    """Return one direction of MNIST and USPS, 1,000 digits a domain at 16 pixels."""
    with np.load(shared_file("digits_mnist_usps.npz"), allow_pickle=False) as archive:
        return {
            "data": arrays(folder, digits_of(archive, source), digits_of(archive, target)),
            "model": SMALL,
            "optimizer": {"lr": 3e-3},
            "training": {"epochs": 8, "batch_size": 32},
        }


def digits_of(archive: Any, name: str, rows: int = DIGITS_ROWS) -> Rows:
    """Return ``rows`` images of 16 pixels, drawn by lot, and their labels."""
    part, scale = {"mnist": ("mnist_sub", 255), "usps": ("usps_train", 2000)}[name]
    images, labels = archive[f"{part}_X"], archive[f"{part}_y"]
    drawn = np.random.default_rng(0).permutation(len(images))[:rows]
    grey = torch.from_numpy(images[drawn].astype(np.float32) / scale)[:, None]
    small = interpolate(grey, size=(DIGITS_SIZE,) * 2, mode="area")
    return small.numpy(), labels[drawn].astype(np.int64)


def amazon(source: str, target: str, folder: Path) -> dict[str, Any]:
    """Return two kinds of reviews: the 1,000 words that both use most, good against bad."""
    with np.load(shared_file("amazon_reviews_dann5000.npz"), allow_pickle=False) as archive:
        counts = [reviews(archive, name, "train") for name in (source, target)]
    used = np.asarray(vstack([rows for rows, _ in counts]).sum(axis=0)).ravel()
    words = np.sort(np.argsort(-used, kind="stable")[:WORDS])
    both = [(np.log1p(rows[:, words].toarray()).astype(np.float32), y) for rows, y in counts]
    return {
        "data": arrays(folder, *both),
        "model": {"backbone": {"name": "mlp", "hidden": [50]}},
        "training": {"epochs": 8, "batch_size": 64},
    }


def reviews(archive: Any, domain: str, part: str) -> tuple[csr_matrix, NDArray[Any]]:
    """Return counts ``(N, 5000)`` and labels of the train or test part of a kind of reviews."""
    pieces = {of: archive[f"{domain}_{part}_{of}"] for of in ("data", "indices", "indptr", "shape")}
    counts = csr_matrix(
        (pieces["data"].astype(np.float32), pieces["indices"].astype(np.int32), pieces["indptr"]),
        shape=tuple(pieces["shape"]),
    )
    return counts, archive[f"{domain}_{part}_y"].astype(np.int64)


def office(source: str, target: str, epochs: int, folder: Path) -> dict[str, Any]:
    """Return two of Office-Caltech's cameras: bags of visual words, ten kinds of things."""
    with np.load(shared_file("office_caltech10_surf.npz"), allow_pickle=False) as archive:
        both = [
            (
                (x / x.sum(axis=1, keepdims=True)).astype(np.float32),
                archive[f"{name}_y"].astype(np.int64),
            )
            for name in (source, target)
            for x in (archive[f"{name}_X"].astype(np.float64),)
        ]
    return {
        "data": arrays(folder, *both),
        "model": {"backbone": {"name": "mlp", "hidden": [128, 64], "dropout": 0.5}},
        "training": {"epochs": epochs, "batch_size": 64},
    }


def sdss(folder: Path) -> dict[str, Any]:
    """Return galaxies of SDSS, clean against blurred, dimmer and noisy, three shapes."""
    with np.load(shared_file("sdss_galaxy_zoo1.npz"), allow_pickle=False) as archive:
        labels = np.array([0, 1, 1, 2, -1, -1])[archive["labels"]]
        rng = np.random.default_rng(0)
        chosen = [rng.permutation(np.flatnonzero(labels == c))[: 2 * GALAXIES] for c in range(3)]
        images = archive["images"]
        source, target = (
            np.concatenate([rows[half * GALAXIES : (half + 1) * GALAXIES] for rows in chosen])
            for half in (0, 1)
        )
        clean, degraded = (_galaxies(images[rows]) for rows in (source, target))
    degraded = 0.6 * gaussian_filter(degraded, sigma=(0, 0, 1, 1))
    degraded += rng.normal(0, 0.12, degraded.shape).astype(np.float32)
    data = arrays(folder, (clean, labels[source]), (degraded, labels[target]))
    return {
        "data": {**data, "augment": {"flips": True, "quarter_turns": True}},
        "model": SMALL,
        "optimizer": {"lr": 3e-3},
        "training": {"epochs": 15, "batch_size": 32},
    }


def _galaxies(images: NDArray[Any]) -> NDArray[np.float32]:
    pixels = torch.from_numpy(images.astype(np.float32) / 255)
    small: NDArray[np.float32] = interpolate(pixels, size=(GALAXY_SIZE,) * 2, mode="area").numpy()
    return small


def arrays(folder: Path, source: Rows, target: Rows) -> dict[str, Any]:
    """Write both domains and return ``data`` of them."""
    spec: dict[str, Any] = {"name": "arrays"}
    for name, (inputs, labels) in (("source", source), ("target", target)):
        paths = {part: str(folder / f"{name}_{part}.npy") for part in ("inputs", "labels")}
        np.save(paths["inputs"], inputs)
        np.save(paths["labels"], labels)
        spec[name] = paths
    return spec


TASKS: dict[str, Task] = {
    "digits_shift": digits_shift,
    "mnist_usps": partial(digits, "mnist", "usps"),
    "usps_mnist": partial(digits, "usps", "mnist"),
    "books_kitchen": partial(amazon, "books", "kitchen"),
    "electronics_dvd": partial(amazon, "electronics", "dvd"),
    "caltech_amazon": partial(office, "caltech", "amazon", 15),
    "webcam_caltech": partial(office, "webcam", "caltech", 30),
    "sdss": sdss,
}
