"""Python processes that start at once: forked from one that has imported torch, and did no more.

What is forked goes on as ``python`` would: arguments, environment, folder and streams are its own,
it ends as the interpreter ends, and its exit code and signals are real. A line is ``-m MODULE ...``
or ``-c CODE ...``. For what is no question of starting: to import torch takes seconds.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

IMPORTED = (
    "torch._dynamo",  # of every optimizer
    "scipy.ndimage",
    "sklearn.datasets",
    "dakit.cli.app",
    "dakit.workflows.train",
)


class WarmPython:
    """The process that is forked; it carries out one line at a time."""

    def __init__(self) -> None:
        self._socket, other = socket.socketpair()
        with other:
            environ = {k: v for k, v in os.environ.items() if not k.startswith("DAKIT_")}
            line = [sys.executable, __file__, str(other.fileno())]
            self._process = subprocess.Popen(line, pass_fds=[other.fileno()], env=environ)

    def close(self) -> None:
        """End the process."""
        self._socket.close()
        self._process.wait()

    def start(
        self,
        line: Sequence[str | Path],
        streams: Sequence[int | None],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        terminal: bool = False,
        prepare: str = "",
    ) -> Started:
        """Start a line with three ``streams``, of which None is one that is closed.

        With ``terminal`` the first is its controlling terminal. ``prepare`` is code that it carries
        out before all else.
        """
        request = {
            "line": [*map(str, line)],
            "cwd": str(cwd),
            "env": dict(os.environ if env is None else env),
            "closed": [number for number, stream in enumerate(streams) if stream is None],
            "terminal": terminal,
            "prepare": prepare,
        }
        text = json.dumps(request).encode("utf-8", "surrogateescape")
        with open(os.devnull, "r+b", buffering=0) as null:
            given = [null.fileno() if stream is None else stream for stream in streams]
            socket.send_fds(self._socket, [len(text).to_bytes(8, "big")], given)
        self._socket.sendall(text)
        return Started(int(_line(self._socket)), self._socket)

    def run(
        self, line: Sequence[str | Path], *, cwd: Path, closed: Sequence[int] = (), **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Carry out a line with nothing to read; return what it wrote and its exit code."""
        with open(os.devnull, "rb") as null, _file() as out, _file() as err:
            streams = [null.fileno(), out.fileno(), err.fileno()]
            left = [None if number in closed else each for number, each in enumerate(streams)]
            code = self.start(line, left, cwd=cwd, **options).wait()
            written = [_read(file) for file in (out, err)]
        return subprocess.CompletedProcess([*map(str, line)], code, *written)


class Started:
    """A process that runs; it has to be waited for before another one is started."""

    def __init__(self, pid: int, answers: socket.socket) -> None:
        self.pid = pid
        self._answers = answers
        self._code: int | None = None

    def wait(self) -> int:
        """Return its exit code; that of one that a signal ended is the signal's, negative."""
        if self._code is None:
            self._code = int(_line(self._answers))
        return self._code

    def wait_for(self, pattern: str, folder: Path, seconds: float = 120) -> None:
        """Wait until there is such a file below ``folder``, which it must not end without."""
        end = time.monotonic() + seconds
        while not list(folder.rglob(pattern)):
            os.kill(self.pid, 0)  # or it has ended
            assert time.monotonic() < end
            time.sleep(0.02)

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)


def _file() -> BinaryIO:
    return tempfile.TemporaryFile()  # type: ignore[return-value]


def _read(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode()


def _line(answers: socket.socket) -> str:
    found = b""
    while not found.endswith(b"\n"):
        some = answers.recv(1)
        assert some, "the process that is forked has ended"
        found += some
    return found.decode()


def _served(requests: socket.socket) -> dict[str, Any]:
    """Fork for every request; return it in the child alone."""
    while True:
        head, streams, _, _ = socket.recv_fds(requests, 8, 3)
        if len(head) < 8:
            os._exit(0)
        text = b""
        while len(text) < int.from_bytes(head, "big"):
            text += requests.recv(1 << 16)
        child = os.fork()
        if not child:
            requests.close()
            return {**json.loads(text.decode("utf-8", "surrogateescape")), "streams": streams}
        for stream in streams:
            os.close(stream)
        requests.sendall(f"{child}\n".encode())
        requests.sendall(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n".encode())


def _become(request: dict[str, Any]) -> None:
    """Make this process what ``python`` would find itself in."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(request["streams"]):
        os.dup2(stream, number)
        os.close(stream)
    if request["terminal"]:
        import fcntl
        import termios

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        text = None if number in request["closed"] else _stream(number)
        setattr(sys, name, text)
        setattr(sys, f"__{name}__", text)
    for number in request["closed"]:
        os.close(number)
    paths = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:] = dict.fromkeys([*paths, *sys.path])
    exec(request["prepare"], {})


def _stream(number: int) -> Any:
    errors = "backslashreplace" if number == 2 else "strict"
    mode = "w" if number else "r"
    whole = os.isatty(number) or number == 2
    return open(number, mode, 1 if whole else -1, "utf-8", errors, closefd=False)


if __name__ == "__main__":
    import gc
    import importlib
    import runpy

    sys.path.pop(0)  # the folder of this file
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests
    request = _served(socket.socket(fileno=int(sys.argv[1])))
    _become(request)
    option, what, *arguments = request["line"]
    sys.path.insert(0, "" if option == "-c" else os.getcwd())
    sys.argv = [option, *arguments]
    if option == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
