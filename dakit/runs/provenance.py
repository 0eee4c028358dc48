"""What a run ran on and with: ``environment.json``. Names no host and no user."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from dakit.contracts import Provenance
from dakit.plugins import catalog

_PACKAGES = ("dakit", "torch", "numpy", "pydantic", "pluggy", "safetensors", "scikit-learn")


def environment(provenance: Provenance, device: torch.device) -> dict[str, Any]:
    """Return versions, machine, plugins, git state, data and time, as plain JSON values."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version.split()[0],
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": {name: package_version(name) for name in _PACKAGES},
        "torch_build": _torch_build(),
        "device": {"type": device.type, "name": _device_name(device)},
        "cpu": {"name": _cpu_name(), "count": os.cpu_count(), "threads": torch.get_num_threads()},
        "plugins": [plugin.to_dict() for plugin in catalog.current().plugins],
        "git": git_state(Path.cwd()),
        "data": {
            "origin": provenance.origin,
            "description": provenance.description,
            "checksums": dict(provenance.checksums),
            "notes": list(provenance.notes),
        },
    }


def package_version(distribution: str) -> str | None:
    """Return the installed version of ``distribution``, None where it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def git_state(folder: Path) -> dict[str, Any] | None:
    """Return commit and whether tracked files differ from it; None outside a git checkout."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return None
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "dirty": None if changes is None else bool(changes)}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "--no-optional-locks", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=2,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _torch_build() -> list[str]:
    lines = (line.strip(" -") for line in torch.__config__.show().splitlines()[1:])
    return [line for line in lines if line and not line.startswith("Build settings")]


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return _cpu_name() if device.type == "cpu" else device.type


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
