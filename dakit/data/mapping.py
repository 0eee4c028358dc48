"""Memory-mapped inputs: read in pieces, resident in no more than pieces."""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.errors import RunError

CHUNK_BYTES = 16 << 20
"""About so much of an array is looked at in one go."""
WAY_OUT = "Put the file back as it was and go on with --resume, or start a new run."


def memory_map(array: NDArray[Any]) -> mmap.mmap | None:
    """Return the map that ``array`` is a view of, or None where it lies in memory."""
    return next((base for base in _bases(array) if isinstance(base, mmap.mmap)), None)


def check_whole(array: NDArray[Any]) -> None:
    """Raise RunError where the file that ``array`` is a map of has become shorter than the map.

    Reading beyond its end would end the process without a word (SIGBUS).
    """
    mapped = memory_map(array)
    whole = next((base for base in _bases(array) if isinstance(base, np.memmap)), None)
    if mapped is None or whole is None:
        return
    start = whole.offset - whole.offset % mmap.ALLOCATIONGRANULARITY
    if mapped.size() < start + len(mapped):
        raise RunError(
            f"{whole.filename} has become shorter while it was being read: {mapped.size():,} bytes "
            f"of {start + len(mapped):,} are left. {WAY_OUT}"
        )


@final
@dataclass(frozen=True)
class MappedFiles:
    """The files that arrays are maps of, as they were when this was made."""

    states: tuple[tuple[Path, tuple[int, ...]], ...]

    @classmethod
    def of(cls, *arrays: NDArray[Any]) -> MappedFiles:
        """Look at the files of ``arrays``; those that lie in memory have none."""
        bases = (base for array in arrays for base in _bases(array))
        named = [base.filename for base in bases if isinstance(base, np.memmap)]
        paths = dict.fromkeys(Path(name) for name in named if name)
        return cls(tuple((path, state) for path in paths if (state := _state(path))))

    def check(self) -> None:
        """Raise RunError, naming the file, where one has another size or time than it had.

        One that was removed or replaced as a whole is still mapped as it was.
        """
        for path, before in self.states:
            now = _state(path)
            if now and now[:2] == before[:2] and now != before:
                raise RunError(
                    f"{path} has changed since the run began ({before[2]:,} bytes then, "
                    f"{now[2]:,} now). {WAY_OUT}"
                )


def _bases(array: NDArray[Any]) -> Iterator[Any]:
    base: Any = array
    while base is not None:
        yield base
        base = getattr(base, "base", None)


def _state(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


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
        check_whole(inputs)
        consecutive = last - first == len(piece) - 1 and bool((np.diff(piece) == 1).all())
        yield piece, inputs[first : last + 1] if consecutive else inputs[piece]
        release_pages(inputs)
