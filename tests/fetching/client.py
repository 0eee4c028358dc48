"""A client of the faulty server: it never really waits, and keeps what it is told."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from faulty_server import NAME, FaultyServer

from dakit.fetching.fetch import Fetched, fetch
from dakit.fetching.patience import Policy
from dakit.files.remote_files import RemoteFile, RemoteFiles

CONTENT = hashlib.shake_256(b"images").digest(50_000)
OTHER = hashlib.shake_256(b"other images").digest(50_000)


class Notes:
    """A reporter that keeps everything."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.begun: list[tuple[str, int | None, int]] = []
        self.positions: list[int] = []
        self.closed = False

    def begin(self, title: str, size: int | None, have: int) -> None:
        self.begun.append((title, size, have))

    def at(self, position: int) -> None:
        self.positions.append(position)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def close(self) -> None:
        self.closed = True

    @property
    def text(self) -> str:
        return "\n".join(self.notes)


class Client:
    """Fetches the server's one file into a folder."""

    def __init__(self, server: FaultyServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.reporter = Notes()
        self.slept: list[float] = []
        self.policy = Policy(
            attempts=5,
            timeout=30.0,
            sleep=self.slept.append,
            uniform=lambda low, high: high,
        )
        self.checksum: str | None = None
        self.size: int | None = len(CONTENT)
        self.index = True

    @property
    def path(self) -> Path:
        return self.folder / NAME

    @property
    def part(self) -> Path:
        return self.folder / f"{NAME}.part"

    def remote(self) -> RemoteFiles:
        file = RemoteFile(NAME, f"{self.server.address}/{NAME}", self.size, self.checksum)
        index = f"{self.server.address}/index" if self.index else None
        return RemoteFiles((file,), self.folder, index)

    def fetch(self, **options: Any) -> Fetched:
        return fetch(self.remote(), policy=self.policy, reporter=self.reporter, **options)
