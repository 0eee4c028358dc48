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
from dakit.runs.writing import make_folder, read_json, write_bytes, write_json

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
    where none is left and training starts over.
    """
    found = _checkpoints(folder)
    for path in found:
        data = path.read_bytes()
        if _is_whole(path, data):
            state: dict[str, Any] = torch.load(
                io.BytesIO(data), weights_only=True, map_location="cpu"
            )
            return state
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
    """Newest first."""
    return sorted(folder.glob("epoch-*.pt"), key=lambda path: int(path.stem[6:]), reverse=True)


def _path(folder: Path, epoch: int) -> Path:
    return folder / f"epoch-{epoch:04d}.pt"


def _digest(data: bytes) -> dict[str, Any]:
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _is_whole(path: Path, data: bytes) -> bool:
    try:
        return bool(read_json(path.with_suffix(".json")) == _digest(data))
    except InputError:  # killed between the two files, or the digest itself is damaged
        return False


def _remove(path: Path) -> None:
    path.with_suffix(".json").unlink(missing_ok=True)
    path.unlink()
