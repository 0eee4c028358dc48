"""Memory-mapped inputs: read in pieces, resident in no more than pieces."""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK_BYTES = 16 << 20
"""About so much of an array is looked at in one go."""


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

    Without this, whoever scans a file larger than the memory holds every page he has touched.
    """
    mapped = memory_map(array)
    # a private map that may be written to would lose what was written
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED") and not array.flags.writeable:
        mapped.madvise(mmap.MADV_DONTNEED)


def chunks(
    inputs: NDArray[Any], rows: NDArray[np.int64], *, chunk_bytes: int = CHUNK_BYTES
) -> Iterator[tuple[NDArray[np.int64], NDArray[Any]]]:
    """Yield ``rows`` in pieces, each with its inputs ``(n, ...)`` as they are stored.

    Consecutive rows are a view, others a copy. A piece is valid until the next one is asked for.
    """
    row_bytes = inputs.dtype.itemsize * math.prod(inputs.shape[1:])
    size = max(1, chunk_bytes // max(1, row_bytes))
    for begin in range(0, len(rows), size):
        piece = rows[begin : begin + size]
        first, last = int(piece[0]), int(piece[-1])
        consecutive = last - first == len(piece) - 1 and bool((np.diff(piece) == 1).all())
        yield piece, inputs[first : last + 1] if consecutive else inputs[piece]
        release_pages(inputs)
