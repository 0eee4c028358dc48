"""Reading arrays from files: .npy mapped, .npz members loaded, mistakes with their file."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from dakit import InputError, did_you_mean
from dakit.images.npy import FAULTS, NpzArrays, map_npy, reason


def read_array(path: Path, key: str | None, *, values: bool = True) -> NDArray[Any]:
    """Return the array in ``path``: a read-only map of an .npy, or a member of an .npz in memory.

    Without ``values`` the member is not read: what is returned has its shape and type alone.
    Nothing in the file is ever executed.

    Raises:
        InputError: the file or the key is missing, or the file holds anything but numbers and
            strings.
    """
    if not path.is_file():
        raise InputError(f"no such file: {path}{did_you_mean(path.name, _neighbours(path))}")
    try:
        if zipfile.is_zipfile(path):
            return _member(path, key, values)
        array = map_npy(path)
    except FAULTS as error:
        raise InputError(f"{path} cannot be read as .npy or .npz: {reason(error)}") from error
    if key is not None:
        raise InputError(f"{path} is an .npy file and has no keys; leave '{key}' out")
    return array


def _member(path: Path, key: str | None, values: bool) -> NDArray[Any]:
    with NpzArrays(path) as archive:
        keys = list(archive.keys)
        if key is None and len(keys) == 1:
            key = keys[0]
        if key is None or key not in keys:
            asked = "needs a key" if key is None else f"has no array '{key}'"
            near = did_you_mean(key or "", keys)
            raise InputError(f"{path} {asked}{near} (it holds: {', '.join(keys)})")
        return archive[key] if values else archive.unread(key)


def _neighbours(path: Path) -> list[str]:
    try:
        return [other.name for other in path.parent.iterdir() if other.is_file()]
    except OSError:
        return []
