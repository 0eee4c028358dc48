"""Weights from a local file, without executing anything in it."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from dakit import InputError, first_few
from dakit.contracts import BuildContext
from dakit_vision.library_model import LibraryModel

SHOWN = 3


def load_weights(
    model: nn.Module,
    spec: LibraryModel,
    context: BuildContext,
    *,
    classifier: str,
) -> bool:
    """Load the weights of ``spec`` into ``model``, which lacks the layer ``classifier``.

    Returns whether there are any. Raises InputError where the file cannot be read, has another
    checksum than the spec says, or holds the weights of another model.
    """
    if spec.weights is None:
        return False
    path = context.base_dir / spec.weights
    _check(path, spec.weights_sha256)
    state = {k: v for k, v in _read(path).items() if not k.startswith(f"{classifier}.")}
    try:
        result = model.load_state_dict(state, strict=False)
    except RuntimeError as error:
        line = str(error).strip().splitlines()[-1].strip()
        raise InputError(f"the weights in {path} are of another model: {line}") from error
    odd = [*result.missing_keys, *result.unexpected_keys]
    if odd:
        raise InputError(
            f"the weights in {path} are of another model: {len(result.missing_keys)} are missing, "
            f"{len(result.unexpected_keys)} have no place ({first_few(odd, most=SHOWN)})"
        )
    return True


def _check(path: Path, expected: str | None) -> None:
    if not path.exists():
        raise InputError(f"there is no file of weights {path}")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if expected is None:
        raise InputError(f"weights needs weights_sha256 beside it; that of {path} is {found}")
    if found != expected:
        raise InputError(f"{path} is not the file that weights_sha256 names: its own is {found}")


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        line = str(error).strip().partition("\n")[0]
        raise InputError(f"{path} is no file of weights: {line}") from error
    inner = state.get("state_dict", state) if isinstance(state, dict) else state
    if not isinstance(inner, dict) or not all(isinstance(v, Tensor) for v in inner.values()):
        raise InputError(f"{path} holds no state dict")
    return inner
