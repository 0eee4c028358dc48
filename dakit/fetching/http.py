"""One HTTP request, with every way it can fail told as a :class:`Failure`."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import mktime_tz, parsedate_tz
from typing import Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

import dakit
from dakit.errors import InputError

PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that another attempt may turn into a better one."""
BROKEN = (OSError, http.client.HTTPException)
"""What a connection that breaks raises; a timeout is an OSError."""
HANDLERS = (
    urllib.request.ProxyHandler,
    urllib.request.UnknownHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPRedirectHandler,
    urllib.request.HTTPErrorProcessor,
)
"""For http and https alone: no redirect leads to a file or to FTP."""
WINDOW = 60.0
SLOWEST = 1000
"""Bytes a second, on average over a ``WINDOW`` of seconds, below which a line counts as broken."""


class Failure(Exception):
    """A request failed; ``permanent`` where another attempt would only fail again."""

    def __init__(
        self, reason: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.permanent, self.retry_after = permanent, retry_after


class RangeRefused(Failure):
    """The server cannot continue where the part file ends: ask for the whole file."""


class Response(Protocol):
    """What of :class:`http.client.HTTPResponse` is used."""

    status: int
    headers: http.client.HTTPMessage

    def read1(self, amount: int = -1, /) -> bytes:
        """Return what has come, at most ``amount`` bytes, none at the end."""


@contextmanager
def requested(url: str, headers: Mapping[str, str], timeout: float) -> Iterator[Response]:
    """Open ``url`` (http or https, through the proxies of the environment). Raises Failure."""
    # Zenodo turns clients away that do not say who they are
    identity = {"User-Agent": f"dakit/{dakit.__version__}", "Accept-Encoding": "identity"}
    opener = urllib.request.OpenerDirector()
    for handler in HANDLERS:
        opener.add_handler(handler())
    try:
        request = urllib.request.Request(url, headers={**identity, **headers})
        response = opener.open(request, timeout=timeout)
    except HTTPError as error:
        with error:
            raise _bad_status(error) from error
    except BROKEN as error:
        raise unreachable(error) from error
    except ValueError as error:  # a redirect to what is no URL, such as http://[::1
        raise Failure(f"{url!r} leads to what is no URL ({error})", permanent=True) from error
    with response:
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding != "identity":
            raise Failure(f"the server sends it in the encoding {encoding!r}", permanent=True)
        yield response


def chunks(response: Response, clock: Callable[[], float] = time.monotonic) -> Iterator[bytes]:
    """Yield what comes. Raises Failure where the connection breaks or is slower than SLOWEST."""
    begun, came = clock(), 0
    try:
        while chunk := response.read1(1 << 18):
            yield chunk
            came, now = came + len(chunk), clock()
            if now - begun >= WINDOW:
                if came < SLOWEST * (now - begun):
                    raise Failure(f"only {came} bytes came in {now - begun:.0f} s")
                begun, came = now, 0
    except BROKEN as error:
        raise unreachable(error) from error


def check_url(url: str) -> None:
    """Raise InputError where ``url`` is none that can be fetched from."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as error:  # brackets without an address, a port beyond 65535
        raise InputError(f"{url!r} is no http or https URL ({error})") from error
    if not known:
        raise InputError(f"{url!r} is no http or https URL")


def unreachable(error: BaseException) -> Failure:
    """Return a broken connection as a Failure; a wrong certificate does not mend itself."""
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        hint = "name your institute's certificates in SSL_CERT_FILE"
        return Failure(f"{reason.verify_message}; {hint}", permanent=True)
    return Failure(f"the connection failed ({str(reason) or type(reason).__name__})")


def _bad_status(error: HTTPError) -> Failure:
    reason = f"the server answers {error.code} {error.reason}".partition("\n")[0].rstrip(" :")
    if error.code == 416:
        return RangeRefused(reason)
    if error.code in PASSING_STATUSES:
        return Failure(reason, retry_after=_retry_after(error.headers.get("Retry-After", "")))
    return Failure(reason, permanent=True)


def _retry_after(text: str) -> float | None:
    """Return the seconds of a Retry-After header: a number of them or a date."""
    if text.strip().isdecimal():
        return float(text)
    try:
        date = parsedate_tz(text)
        return None if date is None else max(0.0, mktime_tz(date) - time.time())
    except (ValueError, OverflowError):
        return None
