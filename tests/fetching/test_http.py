from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPMessage
from urllib.error import URLError

import pytest
from faulty_server import NAME, Fault, FaultyServer

import dakit
from dakit.errors import InputError
from dakit.fetching.http import Failure, check_url, chunks, requested, unreachable


def get(url: str) -> bytes:
    with requested(url, {}, 5.0) as response:
        return b"".join(chunks(response))


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
def test_what_is_no_url_is_told_as_wrong_input(url: str) -> None:
    with pytest.raises(InputError, match="is no http or https URL"):
        check_url(url)


@pytest.mark.parametrize("url", [*NO_URLS, "file:///etc/passwd", f"http://{'a' * 70}.org/"])
def test_a_redirect_to_what_is_no_url_is_a_failure(server: FaultyServer, url: str) -> None:
    server.redirect_to, server.always = url, Fault("redirect")
    with pytest.raises(Failure):
        get(f"{server.address}/{NAME}")


class Dripping:
    """Sends ``amount`` bytes at a time, every 0.2 s of a clock of its own."""

    status = 200
    headers = HTTPMessage()

    def __init__(self, amount: int, times: int) -> None:
        self.left, self.amount, self.now = times, amount, 0.0

    def read1(self, amount: int = -1, /) -> bytes:
        self.now += 0.2
        self.left -= 1
        return b"x" * self.amount if self.left >= 0 else b""


def test_a_line_that_drips_is_not_waited_for() -> None:
    line = Dripping(1, 10_000)
    came: list[bytes] = []
    with pytest.raises(Failure, match=r"only 30[01] bytes came in 60 s") as caught:
        came.extend(chunks(line, lambda: line.now))
    assert 300 <= len(came) <= 301, "what came before is kept"
    assert not caught.value.permanent


def test_a_slow_line_is_waited_for() -> None:
    line = Dripping(210, 5_000)  # 1050 bytes a second, for 1000 s
    assert sum(map(len, chunks(line, lambda: line.now))) == 210 * 5_000
