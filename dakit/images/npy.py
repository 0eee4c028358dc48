"""Arrays of numpy's files, whose headers are held against the files' sizes first.

A header may claim whatever it likes, and numpy allocates that much before it reads.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from pathlib import Path
from threading import RLock
from tokenize import TokenError
from typing import IO, Any, Literal, final

import numpy as np
from numpy.typing import NDArray

FAULTS = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, MemoryError)
"""What reading a damaged .npy or .npz may raise."""
DEFLATED = 1032
"""A deflated file is at most so many times as large as it looks."""

_ONE_AT_A_TIME = RLock()
"""numpy reads a header as Python code, which in CPython 3.11 fails now and then where two threads
do so at once (SystemError: AST constructor recursion depth mismatch)."""


def map_npy(path: Path) -> NDArray[Any]:
    """Return the array of an .npy file as a read-only map (in memory where it has no values).

    Raises ValueError where it holds fewer values than its header claims, or Python objects.
    """
    with _ONE_AT_A_TIME:
        with path.open("rb") as file:
            shape, _ = _checked_header(file, path.stat().st_size)
        # nothing of size 0 can be mapped
        mode: Literal["r"] | None = None if 0 in shape else "r"
        array: NDArray[Any] = np.load(path, mmap_mode=mode, allow_pickle=False)
    return array


def npy_of(content: bytes) -> NDArray[Any]:
    """Return the array of the bytes of an .npy file; see :func:`map_npy`."""
    file = io.BytesIO(content)
    with _ONE_AT_A_TIME:
        _checked_header(file, len(content))
        file.seek(0)
        array: NDArray[Any] = np.load(file, allow_pickle=False)
    return array


@final
class NpzArrays:
    """The arrays of an .npz file, by name, each read when it is asked for; to be used in ``with``.

    Raises what :data:`FAULTS` says where the file or an array is damaged, and KeyError where there
    is no such array.
    """

    def __init__(self, path: Path) -> None:
        self._size = path.stat().st_size
        self._zip = zipfile.ZipFile(path)
        self._names = {name.removesuffix(".npy"): name for name in self._zip.namelist()}

    def __enter__(self) -> NpzArrays:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the arrays."""
        return tuple(self._names)

    def __getitem__(self, key: str) -> NDArray[Any]:
        self.unread(key)
        with self._zip.open(self._names[key]) as file:
            array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
        return array

    def unread(self, key: str) -> NDArray[Any]:
        """Return an array of the shape and type of one that is not read, without its values."""
        info = self._zip.getinfo(self._names[key])
        possible = DEFLATED * min(info.compress_size, self._size)
        with self._zip.open(info) as file:
            shape, dtype = _checked_header(file, min(info.file_size, possible))
        return np.broadcast_to(np.zeros((), dtype), shape)


def reason(error: BaseException) -> str:
    """Return why a file could not be read, without numpy's advice to load what may run code."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if "pickle" in str(error) or "Python objects" in str(error):
        return "it is damaged, or holds Python objects; save numbers or strings"
    return str(error)


def _checked_header(file: IO[bytes], size: int) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and type of the .npy of ``size`` bytes that ``file`` begins with."""
    version = np.lib.format.read_magic(file)
    read = {(1, 0): np.lib.format.read_array_header_1_0}
    try:
        shape, _, dtype = read.get(version, np.lib.format.read_array_header_2_0)(file)
    except (SyntaxError, TokenError, RecursionError) as error:
        raise ValueError("it is damaged: its header cannot be read") from error
    claimed, there = math.prod(shape) * dtype.itemsize, size - file.tell()
    if any(length < 0 for length in shape):
        raise ValueError(f"it is damaged: its header claims the shape {shape}")
    if claimed > there and not dtype.hasobject:
        raise ValueError(
            f"it is cut off, or damaged: its header claims {shape} of {dtype}, {claimed:,} bytes, "
            f"and {max(0, there):,} are there"
        )
    return shape, dtype
