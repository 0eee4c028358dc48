"""Whether torchvision can be loaded beside this torch, found without importing either.

Importing them takes seconds, and a listing of plugins must not. What decides is written in their
``version.py``: torchvision's compiled operators link against the CUDA libraries of one build of
torch, and torchvision does not import without its operators.
"""

from __future__ import annotations

import re
from importlib.metadata import requires, version
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement


def require_torchvision() -> None:
    """Raise ImportError with the reason where torchvision cannot be loaded; timm needs it too."""
    folder = _package_folder("torchvision")
    if folder is None:
        raise ImportError(
            'torchvision is not installed: pip install -e "plugins/vision[torchvision]" in the '
            'clone of dakit, or "plugins/vision[timm]" for both'
        )
    torch_folder = _package_folder("torch")
    if torch_folder is None:
        raise ImportError("torch is not installed")
    reason = misfit((folder / "version.py").read_text(), (torch_folder / "version.py").read_text())
    if reason := reason or _other_torch():
        raise ImportError(reason)


def misfit(torchvision_version: str, torch_version: str) -> str:
    """Return why the two builds do not fit, from the text of each ``version.py``; "" if they do."""
    theirs, ours = _build(torchvision_version), _build(torch_version)
    if theirs.startswith("cu") and theirs != ours:
        return (
            f"torchvision {_version(torchvision_version)} is built for CUDA and cannot load its "
            f"operators beside torch {_version(torch_version)}; install the torchvision of the "
            "same build as torch (https://pytorch.org/get-started/locally)"
        )
    return ""


def _other_torch() -> str:
    """Return a reason where torchvision is pinned to another release of torch."""
    installed = version("torch").partition("+")[0]
    for line in requires("torchvision") or ():
        requirement = Requirement(line)
        if requirement.name == "torch" and not requirement.specifier.contains(installed):
            return (
                f"torchvision {version('torchvision')} needs torch{requirement.specifier}, "
                f"this is torch {installed}"
            )
    return ""


def _package_folder(name: str) -> Path | None:
    found = find_spec(name)
    return None if found is None or found.origin is None else Path(found.origin).parent


def _version(text: str) -> str:
    found = re.search(r"^__version__ = '([^']+)'", text, flags=re.MULTILINE)
    return "" if found is None else found.group(1)


def _build(text: str) -> str:
    """Return the part of the version that names the build: ``cu130``, ``cpu`` or nothing."""
    return _version(text).partition("+")[2]
