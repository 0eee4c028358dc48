"""Standard output and error that no command dies of, and that obey nobody's text.

What is printed is never worth a run, and names, paths and messages that others wrote are words:
whatever a terminal would take for an order is spelt out here, once for all commands.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from errno import EPIPE
from typing import Any, TextIO, cast, final

from dakit.errors import printable


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


@final
class _Spelling:
    """A stream to which everything is written as :func:`dakit.errors.printable` has it."""

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream
        """Where rich writes, whose colours are its own; texts come to it printable."""

    def write(self, text: str) -> int:
        self.rich_proxied_file.write("\t".join(map(printable, text.split("\t"))))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


@contextmanager
def surviving_streams() -> Iterator[list[str]]:
    """Let ``sys.stdout`` and ``sys.stderr`` outlive their files; yield what could not be written.

    What comes after a failed write is lost without an exception, and the list that is yielded
    says at the end of the block why. A character that the encoding lacks is spelt ``\\u2265``,
    and one that a terminal would obey ``\\x1b``.
    A reader that has gone away (``dakit runs | head``) is no fault, nor is a closed descriptor.
    """
    before, faults = (sys.stdout, sys.stderr), list[str]()
    raws = [_Surviving(fd) if (fd := _descriptor(s)) is not None else None for s in before]
    sys.stdout, sys.stderr = (_spelling(_text(s, raw)) for s, raw in zip(before, raws, strict=True))
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


def _spelling(stream: TextIO) -> TextIO:
    return cast(TextIO, _Spelling(stream))


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
