"""A server with faults, and a client that never really waits and keeps what it is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# faulty_server.py and client.py are shared by these tests and no tests themselves
sys.path.insert(0, str(Path(__file__).parent))

from client import CONTENT, Client
from faulty_server import FaultyServer, serving


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have checksums kept of files that were only just written."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("dakit.checksums.SETTLED", -3600.0)


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with serving(CONTENT) as server:
        yield server


@pytest.fixture
def client(server: FaultyServer, tmp_path: Path) -> Client:
    return Client(server, tmp_path / "data")
