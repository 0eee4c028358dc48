"""Standard output and error that no command dies of: what is printed is never worth a run."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EPIPE
from typing import Any, TextIO, final


@final
class _Surviving(io.RawIOBase):
    """Writes to a file descriptor until that fails, and then nowhere."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.fault: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any) -> int:
        if self.fault is None:
            try:
                return os.write(self._descriptor, data)
            except OSError as error:
                self.fault = error
        return len(data)


@contextmanager
def surviving_streams() -> Iterator[list[str]]:
    """Let ``sys.stdout`` and ``sys.stderr`` outlive their files; yield what could not be written.

    What comes after a failed write is lost without an exception, and the list that is yielded
    says at the end of the block why. A character that the encoding lacks is spelt ``\\u2265``.
    A reader that has gone away (``dakit runs | head``) is no fault, nor is a closed descriptor.
    """
    before, faults = (sys.stdout, sys.stderr), list[str]()
    raws = [_Surviving(fd) if (fd := _descriptor(s)) is not None else None for s in before]
    sys.stdout, sys.stderr = map(_text, before, raws)
    try:
        yield faults
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = before
        for name, raw in zip(("standard output", "standard error"), raws, strict=True):
            if raw and raw.fault and raw.fault.errno != EPIPE:
                faults.append(f"{name} was lost: {raw.fault.strerror}")


def _descriptor(stream: TextIO | None) -> int | None:
    try:
        return stream.fileno() if stream is not None else None
    except (OSError, ValueError):  # it is no file but, say, a notebook's cell
        return None


def _text(stream: TextIO | None, raw: _Surviving | None) -> TextIO:
    if stream is None:  # closed before Python began
        return open(os.devnull, "w")
    if raw is None:
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=raw.isatty() or stream is sys.__stderr__,
    )
