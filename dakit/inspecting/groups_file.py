"""The file of groups: one array per domain, aligned to its rows, that the datasets accept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.errors import InputError
from dakit.files.writing import writing


def check_groups_name(path: Path) -> None:
    """Raise InputError where groups cannot be written under this name."""
    if path.suffix != ".npz":
        raise InputError(f"groups are written as .npz (arrays 'source' and 'target'), not {path}")


def write_groups(path: Path, source: NDArray[Any], target: NDArray[Any]) -> None:
    """Write the group of each row of both domains, ``(N,)`` and ``(M,)``. Raises RunError."""
    with writing(path) as file:
        np.savez(file, source=source, target=target)
