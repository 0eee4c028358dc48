"""One HTTP request, with every way it can fail told as a :class:`Failure`."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

import dakit
from dakit.errors import InputError

PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that another attempt may turn into a better one."""

BROKEN = (OSError, http.client.HTTPException)
"""What a connection that breaks raises; a timeout is an OSError."""

CHUNK = 1 << 18
WINDOW = 60.0
SLOWEST = 1000
"""Bytes a second, on average over a ``WINDOW`` of seconds, below which a line counts as broken."""


class Failure(Exception):
    """A request failed; ``permanent`` where another attempt would only fail again."""

    def __init__(
        self, reason: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after = retry_after
        """The seconds that the server asks to be left alone."""


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
    request = urllib.request.Request(url, headers={**identity, **headers})
    try:
        response = _opener().open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
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


def check_url(url: str) -> None:
    """Raise InputError where ``url`` is none that can be fetched from."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as error:  # brackets without an address, a port beyond 65535
        raise InputError(f"{url!r} is no http or https URL ({error})") from error
    if not known:
        raise InputError(f"{url!r} is no http or https URL")


def chunks(response: Response, clock: Callable[[], float] = time.monotonic) -> Iterator[bytes]:
    """Yield what comes. Raises Failure where the connection breaks or is slower than SLOWEST."""
    begun, came = clock(), 0
    try:
        while chunk := response.read1(CHUNK):
            yield chunk
            came, now = came + len(chunk), clock()
            if now - begun >= WINDOW:
                if came < SLOWEST * (now - begun):
                    raise Failure(f"only {came} bytes came in {now - begun:.0f} s")
                begun, came = now, 0
    except BROKEN as error:
        raise unreachable(error) from error


def unreachable(error: BaseException) -> Failure:
    """Return a broken connection as a Failure; a wrong certificate does not mend itself."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        hint = "name your institute's certificates in SSL_CERT_FILE"
        return Failure(f"{reason.verify_message}; {hint}", permanent=True)
    text = str(reason) or type(reason).__name__
    return Failure(f"the connection failed ({text})")


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener for http and https alone: no redirect leads to a file or to FTP."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _bad_status(error: urllib.error.HTTPError) -> Failure:
    reason = f"the server answers {error.code} {error.reason}".partition("\n")[0].rstrip(" :")
    if error.code == 416:
        return RangeRefused(reason)
    if error.code in PASSING_STATUSES:
        return Failure(reason, retry_after=_retry_after(error.headers.get("Retry-After")))
    return Failure(reason, permanent=True)


def _retry_after(text: str | None) -> float | None:
    """Return the seconds of a Retry-After header: a number of them or a date."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
