"""What a run keeps of its epochs: what validators saw after each, and its weights where asked.

``epochs/0007.npz`` holds the arrays of the view, compressed, and ``epochs/0007.safetensors`` the
network; each is written whole or not at all. Target labels are not among them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from dakit.contracts import ValidationView
from dakit.errors import InputError
from dakit.files.writing import make_folder, remove, write_bytes, writing
from dakit.images.npy import FAULTS, NpzArrays, reason
from dakit.runs.folder import RunFolder
from dakit.runs.model_folder import pack_weights
from dakit.runs.records import WAY_OUT

NOT_KEPT = frozenset({"source_inputs", "target_inputs", "target_labels"})
"""Inputs are those of the data, every epoch; target labels are nobody's."""
VIEW, WEIGHTS = ".npz", ".safetensors"


def keep_epoch(folder: RunFolder, view: ValidationView, network: nn.Module | None) -> None:
    """Write ``view``, and the weights of ``network`` where there is one.

    Raises:
        RunError: it cannot be written.
    """
    make_folder(folder.epochs)
    if network is not None:
        write_bytes(_path(folder, view.epoch, WEIGHTS), pack_weights(network))
    kept: dict[str, Any] = {n: each.cpu().numpy() for n, each in view.tensors().items()}
    with writing(_path(folder, view.epoch, VIEW)) as file:
        np.savez_compressed(file, **{n: kept[n] for n in kept if n not in NOT_KEPT})


def epochs_kept(folder: RunFolder) -> list[int]:
    """Return the epochs whose views are kept, in their order."""
    return _numbers(folder, VIEW)


def weights_kept(folder: RunFolder) -> list[int]:
    """Return the epochs whose weights are kept, in their order."""
    return _numbers(folder, WEIGHTS)


def forget_epochs(folder: RunFolder) -> None:
    """Remove what is kept of all epochs."""
    for suffix in (VIEW, WEIGHTS):
        for epoch in _numbers(folder, suffix):
            remove(_path(folder, epoch, suffix))


def read_epoch(folder: RunFolder, epoch: int) -> ValidationView:
    """Return what validators saw after ``epoch``, but for inputs and network.

    Raises:
        InputError: it is not kept, or damaged.
    """
    path = _path(folder, epoch, VIEW)
    try:
        with NpzArrays(path) as arrays:
            tensors = {key: torch.from_numpy(arrays[key].copy()) for key in arrays.keys}
        return ValidationView(**tensors, epoch=epoch)  # type: ignore[arg-type]  # checked below
    except (*FAULTS, TypeError) as error:
        raise InputError(f"{path} is no kept epoch: {reason(error)}. {WAY_OUT}") from error


def read_weights(folder: RunFolder, epoch: int) -> dict[str, Tensor]:
    """Return the weights of the network after ``epoch``.

    Raises:
        InputError: they are not kept, or damaged.
    """
    path = _path(folder, epoch, WEIGHTS)
    try:
        return load(path.read_bytes())
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path} holds no weights: {error}. {WAY_OUT}") from error


def _path(folder: RunFolder, epoch: int, suffix: str) -> Path:
    return folder.epochs / f"{epoch:04d}{suffix}"


def _numbers(folder: RunFolder, suffix: str) -> list[int]:
    found = [path.stem for path in folder.epochs.glob(f"*{suffix}") if path.is_file()]
    return sorted(int(stem) for stem in found if stem.isdecimal())
