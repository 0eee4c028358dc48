"""An HTTP server with one file and an index, which does to its clients what is in its script."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NAME = "images.npy"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one answer. ``kind`` is one of KINDS."""

    kind: str
    amount: int = 0
    """Bytes until it cuts or stalls, or the status it answers."""
    retry_after: str | None = None


KINDS = (
    "cut", "stall", "ignore range", "length too small", "length too large", "no length",
    "wrong total", "wrong start", "wrong bytes", "more bytes", "status", "other file", "redirect",
    "refuse range", "gibberish", "broken chunks", "encoded", "ignore If-Range", "endless length",
    "drip",
)  # fmt: skip
SILENT = ("stall", "drip")
"""What ends only where the client's patience does."""


class FaultyServer(ThreadingHTTPServer):
    """Answers each request for the file with the next fault of the script, then rightly."""

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = content
        self.etag: str | None = '"v1"'
        self.script: deque[Fault] = deque()
        self.always: Fault | None = None
        self.redirect_to = "/moved"
        self.reason: str | None = None
        self.index: Any = self.right_index()
        self.index_faults: deque[int] = deque()
        self.requests: list[dict[str, str]] = []
        self.index_requests = 0
        self.trickle: threading.Event | None = None
        self.closing = threading.Event()

    @property
    def address(self) -> str:
        """Where the files lie."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def ranges(self) -> list[str | None]:
        """The range that each request for the file asked for."""
        return [headers.get("range") for headers in self.requests]

    def right_index(self) -> dict[str, Any]:
        """Return the index as Zenodo's API writes it."""
        checksum = f"md5:{hashlib.md5(self.content).hexdigest()}"
        links = {"self": f"{self.address}/api/{NAME}/content"}
        entry = {"key": NAME, "size": len(self.content), "checksum": checksum, "links": links}
        return {"id": 1, "files": [entry]}

    def change_file(self, content: bytes, etag: str | None = '"v2"') -> None:
        """Put another file in the place of the first; the index stays as it was."""
        self.content, self.etag = content, etag

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that went away are the point."""


@contextmanager
def serving(content: bytes) -> Iterator[FaultyServer]:
    """Serve ``content`` in a thread of its own."""
    server = FaultyServer(content)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyServer

    def log_message(self, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.close_connection = True
        path = self.path.partition("?")[0]
        if path == "/index":
            self._answer_index()
        elif path in (f"/{NAME}", "/moved"):
            self._answer_file(moved=path == "/moved")
        else:
            self._send(404, b"no such file")

    def _answer_index(self) -> None:
        self.server.index_requests += 1
        status = self.server.index_faults.popleft() if self.server.index_faults else 200
        index = self.server.index
        body = index if isinstance(index, bytes) else json.dumps(index).encode()
        self._send(status, body if status == 200 else b"")

    def _answer_file(self, *, moved: bool) -> None:
        server = self.server
        if not moved:
            server.requests.append({k.lower(): v for k, v in self.headers.items()})
            script = server.script
            fault = script.popleft() if script else server.always or Fault("none")
        else:
            fault = Fault("none")
        if fault.kind == "status":
            headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
            self._send(fault.amount, b"go away", headers, server.reason)
        elif fault.kind == "redirect":
            self._send(302, b"", {"Location": server.redirect_to})
        elif fault.kind == "gibberish":
            self.wfile.write(b"this is not HTTP\r\n\r\n")
        else:
            self._send_file(fault)

    def _send(
        self,
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        reason: str | None = None,
    ) -> None:
        self.send_response(status, reason)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _start(self, fault: Fault) -> int:
        """Return the first byte to send, 0 where the whole file is sent."""
        asked = self.headers.get("Range", "")
        condition = self.headers.get("If-Range")
        if not asked or fault.kind == "ignore range":
            return 0
        if condition not in (None, self.server.etag) and fault.kind != "ignore If-Range":
            return 0
        return int(asked.removeprefix("bytes=").rstrip("-"))

    def _send_file(self, fault: Fault) -> None:
        content, start = self.server.content, self._start(fault)
        total = len(content)
        if fault.kind == "other file":
            content, start = b"<html>please log in</html>", 0
            total = len(content)
        if start and (start >= total or fault.kind == "refuse range"):
            return self._send(416, b"", {"Content-Range": f"bytes */{total}"})
        body = content[start:]
        self.send_response(206 if start else 200)
        if self.server.etag and fault.kind != "other file":
            self.send_header("ETag", self.server.etag)
        if start:
            first = start + 7 * (fault.kind == "wrong start")
            told = "9" * 5000 if fault.kind == "endless length" else str(total)
            told = str(total + 11) if fault.kind == "wrong total" else told
            self.send_header("Content-Range", f"bytes {first}-{total - 1}/{told}")
        if fault.kind == "encoded":
            self.send_header("Content-Encoding", "gzip")
        if fault.kind == "wrong bytes":
            body = bytes(byte ^ 1 for byte in body)
        if fault.kind in ("no length", "more bytes"):
            self.end_headers()  # the end of the connection is the end of the file
            return self._write(body + b"more" * (fault.kind == "more bytes"), fault)
        if fault.kind == "broken chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            half = body[: len(body) // 2]
            self.wfile.write(b"%x\r\n" % len(body) + half)
            return None
        lie = {"length too small": -5, "length too large": 5}.get(fault.kind, 0)
        length = "9" * 5000 if fault.kind == "endless length" else str(max(0, len(body) + lie))
        self.send_header("Content-Length", length)
        self.end_headers()
        return self._write(body, fault)

    def _write(self, body: bytes, fault: Fault) -> None:
        if fault.kind == "drip":
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.server.closing.wait(0.02)
        if fault.kind in ("cut", "stall"):
            self.wfile.write(body[: fault.amount])
            if fault.kind == "stall":
                self.server.closing.wait(5)
            return
        if self.server.trickle is not None:
            half = len(body) // 2
            self.wfile.write(body[:half])
            self.wfile.flush()
            self.server.trickle.wait(60)
            body = body[half:]
        self.wfile.write(body)
