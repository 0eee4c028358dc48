from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.error import URLError

import pytest
from faulty_server import NAME, Fault, FaultyServer

import dakit
from dakit.fetching.http import Failure, requested, unreachable
from dakit.files.remote_files import RemoteFile, RemoteFiles


def get(url: str, timeout: float = 5.0) -> bytes:
    with requested(url, {}, timeout) as response:
        return b"".join(response.chunks())


def test_the_client_says_who_it_is(server: FaultyServer) -> None:
    assert get(f"{server.address}/{NAME}") == server.content
    assert server.requests[0]["user-agent"] == f"dakit/{dakit.__version__}"


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        (lambda now: "12", 12, 12),
        (lambda now: format_datetime(now + timedelta(hours=1), usegmt=True), 3000, 3600),
        (lambda now: format_datetime(now - timedelta(hours=1), usegmt=True), 0, 0),
    ],
    ids=["seconds", "a date to come", "a date gone by"],
)
def test_retry_after_is_seconds_or_a_date(
    server: FaultyServer, header: Callable[[datetime], str], least: float, most: float
) -> None:
    # the clock is read in the test: an id with the time in it differs from worker to worker
    server.always = Fault("status", 503, header(datetime.now(UTC)))
    with pytest.raises(Failure) as caught:
        get(f"{server.address}/{NAME}")
    assert caught.value.retry_after is not None
    assert least <= caught.value.retry_after <= most


@pytest.mark.parametrize("header", [None, "soon", "-3"])
def test_an_odd_retry_after_is_none(server: FaultyServer, header: str | None) -> None:
    server.always = Fault("status", 429, header)
    with pytest.raises(Failure) as caught:
        get(f"{server.address}/{NAME}")
    assert (caught.value.retry_after, caught.value.permanent) == (None, False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://name.invalid/x"])
def test_an_unreachable_host_may_come_back(url: str) -> None:
    with pytest.raises(Failure, match="the connection failed") as caught:
        get(url)
    assert not caught.value.permanent


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_nothing_but_the_web_is_opened(url: str) -> None:
    with pytest.raises(Failure, match="unknown url type"):
        get(url)


def test_a_wrong_certificate_does_not_mend_itself() -> None:
    wrong = ssl.SSLCertVerificationError(1, "certificate verify failed")
    wrong.verify_message = "unable to get local issuer certificate"
    failure = unreachable(URLError(wrong))
    assert failure.permanent
    assert "SSL_CERT_FILE" in str(failure)


NO_URLS = ["http://[::1", "http://[x]/", "https://host:99999/", "http://host:port/", "http://:80/"]


@pytest.mark.parametrize("url", [*NO_URLS, "ftp://host/x", "host/x", ""])
def test_what_is_no_url_can_be_no_address_of_a_file(url: str) -> None:
    with pytest.raises(ValueError, match=r"x: .* is no http or https URL"):
        RemoteFile("x", url)
    with pytest.raises(ValueError, match=r"the index: .* is no http or https URL"):
        RemoteFiles((), Path(), url)


@pytest.mark.parametrize("url", [*NO_URLS, "file:///etc/passwd", f"http://{'a' * 70}.org/"])
def test_a_redirect_to_what_is_no_url_is_a_failure(server: FaultyServer, url: str) -> None:
    server.redirect_to, server.always = url, Fault("redirect")
    with pytest.raises(Failure):
        get(f"{server.address}/{NAME}")


@contextmanager
def dripping(start: bytes, drop: bytes, pause: float) -> Iterator[str]:
    """Answer with ``start``, then with ``drop`` every ``pause`` seconds, for 5 s at most."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(drip, server, start, drop, pause)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x"


def drip(server: socket.socket, start: bytes, drop: bytes, pause: float) -> None:
    connection, _ = server.accept()
    end = time.monotonic() + 5.0
    with connection, suppress(OSError):  # the client has gone
        connection.sendall(start)
        while time.monotonic() < end:
            connection.sendall(drop)
            time.sleep(pause)


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /y\r\n\r\n"


@pytest.mark.parametrize(
    ("start", "drop", "pause"),
    [
        pytest.param(b"", b"H", 0.02, id="status line"),
        pytest.param(OK, b"X", 0.02, id="header"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.0, id="to be continued"),
        pytest.param(OK + b"\r\n", b"x", 0.02, id="content"),
        pytest.param(CHUNKED, b"0", 0.02, id="size of a chunk"),
        pytest.param(CHUNKED + b"0\r\n", b"a: b\r\n", 0.0, id="after the last chunk"),
        pytest.param(MOVED, b"x", 0.02, id="content of a redirect"),
    ],
)
def test_a_server_that_never_comes_to_an_end_is_not_waited_for(
    start: bytes, drop: bytes, pause: float
) -> None:
    with dripping(start, drop, pause) as url, pytest.raises(Failure) as caught:
        get(url, 0.3)
    assert re.fullmatch(r"only \d+ bytes of content came in 0\.\d+ s", str(caught.value))
    assert not caught.value.permanent


def test_a_slow_line_is_waited_for() -> None:
    """A drop of 1 kB every 0.02 s or somewhat later is enough, over several spans of 0.1 s."""
    start = OK + b"Content-Length: 20000\r\n\r\n"
    with dripping(start, b"x" * 1000, 0.02) as url:
        assert get(url, 0.1) == b"x" * 20_000
