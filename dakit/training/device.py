"""The device a run computes on."""

from __future__ import annotations

import torch

from dakit.errors import InputError


def resolve_device(name: str) -> torch.device:
    """Return the device called ``name``; ``auto`` is cuda, else mps, else cpu.

    Raises InputError where the device is unknown or this machine does not have it.
    """
    if name == "auto":
        return torch.device(_best())
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f"unknown device '{name}'; choose {_choices()}") from error
    if not _available(device):
        raise InputError(f"this machine has no device '{name}'; choose {_choices()}")
    return device


def _best() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _available(device: torch.device) -> bool:
    if device.type == "cuda":
        return (device.index or 0) < torch.cuda.device_count()
    if device.type == "mps":
        return torch.backends.mps.is_available()
    return device.type == "cpu"


def _choices() -> str:
    cuda = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return ", ".join(["auto", "cpu", *cuda, *mps])
