"""Checkpoints at epoch ends: written whole, verified by checksum, the last two kept.

``epoch-0007.pt`` holds tensors, numbers and lists only; ``epoch-0007.json`` its size and SHA-256.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from dakit.errors import InputError
from dakit.files.writing import make_folder, read_json, remove, write_bytes, write_json

KEPT = 2


def save_checkpoint(folder: Path, epoch: int, state: dict[str, Any]) -> None:
    """Write ``state`` as the checkpoint of ``epoch`` and remove all but the last two.

    Raises RunError where the disk is full or not writable; older checkpoints stay.
    """
    make_folder(folder)
    buffer = io.BytesIO()
    torch.save(state, buffer)
    data = buffer.getvalue()
    path = _path(folder, epoch)
    write_bytes(path, data)
    write_json(path.with_suffix(".json"), _digest(data))
    for old in _checkpoints(folder)[KEPT:]:
        _remove(old)


def latest_checkpoint(folder: Path, warn: Callable[[str], None]) -> dict[str, Any] | None:
    """Return the newest state in ``folder`` that is whole; None where there is none.

    A truncated or altered checkpoint is passed over, with a sentence to ``warn``; so it is told
    where none is left and training starts over. Raises InputError where a file that is whole
    holds anything but tensors, numbers, texts and lists: loading it might run code.
    """
    found = _checkpoints(folder)
    for path in found:
        data = _whole(path)
        if data is not None:
            return _loaded(path, data)
        older = "; trying the one before" if path != found[-1] else ""
        warn(f"the checkpoint {path} is damaged or incomplete{older}")
    if found:
        warn("no checkpoint can be read: starting over at epoch 1")
    return None


def clear_checkpoints(folder: Path) -> None:
    """Remove all checkpoints in ``folder``."""
    for path in _checkpoints(folder):
        _remove(path)


def _checkpoints(folder: Path) -> list[Path]:
    """Newest first; what bears no number of an epoch, or is no file, is somebody else's."""
    found = [path for path in folder.glob("epoch-*.pt") if path.stem[6:].isdecimal()]
    files = [path for path in found if path.is_file()]
    return sorted(files, key=lambda path: int(path.stem[6:]), reverse=True)


def _path(folder: Path, epoch: int) -> Path:
    return folder / f"epoch-{epoch:04d}.pt"


def _digest(data: bytes) -> dict[str, Any]:
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _whole(path: Path) -> bytes | None:
    """Return the content of a checkpoint that is as it was written, else None."""
    try:
        data = path.read_bytes()
        return data if read_json(path.with_suffix(".json")) == _digest(data) else None
    except (OSError, InputError):  # killed between the two files, or the digest is damaged
        return None


def _loaded(path: Path, data: bytes) -> dict[str, Any]:
    try:
        state = torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")
    except Exception:  # its message advises to load the file unsafely: it is not passed on
        state = None
    if not isinstance(state, dict):
        raise InputError(
            f"{path} is no checkpoint that dakit wrote and is not loaded, since it might run code; "
            "remove it to go on from the one before"
        ) from None
    return state


def _remove(path: Path) -> None:
    for file in (path.with_suffix(".json"), path):
        remove(file)
