"""Memory-mapped inputs: read in pieces, resident in no more than pieces."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray


def memory_map(array: NDArray[Any]) -> mmap.mmap | None:
    """Return the map that ``array`` is a view of, or None where it lies in memory."""
    base: Any = array
    while base is not None:
        if isinstance(base, mmap.mmap):
            return base
        base = getattr(base, "base", None)
    return None


def release_pages(array: NDArray[Any]) -> None:
    """Give the pages of a mapped file back to the system; they are read again when needed.

    Without this a scan of a file larger than the memory counts every page it has touched.
    """
    mapped = memory_map(array)
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED") and _read_only(array):
        mapped.madvise(mmap.MADV_DONTNEED)


def _read_only(array: NDArray[Any]) -> bool:
    # a private writable map would lose what was written to it
    return not np.asarray(array).flags.writeable
