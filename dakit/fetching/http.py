"""One HTTP request, with every way it can fail as a :class:`Failure`."""

from __future__ import annotations

import http.client
import io
import ssl
import time
import urllib.request as web
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from socket import socket
from typing import Any, final
from urllib.error import HTTPError, URLError

import dakit

PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that another attempt may turn into a better one."""
BROKEN = (OSError, http.client.HTTPException)
"""What a connection that breaks raises; a timeout is an OSError."""
SLOWEST = 1000
"""Bytes of content a second below which a line counts as broken."""


class Failure(Exception):
    """A request failed; ``permanent`` where another attempt would only fail again."""

    def __init__(
        self, reason: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.permanent, self.retry_after = permanent, retry_after


class RangeRefused(Failure):
    """The server cannot continue where the part file ends: ask for the whole file."""


@final
class _Line(io.RawIOBase):
    """What a socket receives, for as long as content comes at SLOWEST at least.

    That is averaged over ``window`` seconds. Nothing else counts: a head, the sizes of chunks and
    the content of a redirect end within that time, whatever drips or goes on for ever.
    """

    def __init__(self, raw: io.RawIOBase, window: float) -> None:
        self._raw, self._window = raw, window
        self.begin()

    def begin(self) -> None:
        self._begun, self.content = time.monotonic(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        elapsed = time.monotonic() - self._begun
        if elapsed >= self._window:
            if self.content < SLOWEST * elapsed:
                self._raw.close()
                raise Failure(f"only {self.content} bytes of content came in {elapsed:.3g} s")
            self.begin()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


@final
class Response(http.client.HTTPResponse):
    """An answer, read from a line that is watched; the timeout of its socket is the window."""

    def __init__(self, sock: socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._line = _Line(self.fp.detach(), sock.gettimeout() or float("inf"))
        self.fp = io.BufferedReader(self._line)

    def chunks(self) -> Iterator[bytes]:
        """Yield the content as it comes. Raises Failure where the line breaks or is too slow."""
        self._line.begin()
        try:
            while chunk := self.read1(1 << 18):
                self._line.content += len(chunk)
                yield chunk
        except BROKEN as error:
            raise unreachable(error) from error


@final
class _Handler(web.HTTPSHandler, web.HTTPHandler):
    def do_open(self, http_class: Any, req: web.Request, **options: Any) -> Any:
        watched: Any = type(http_class.__name__, (http_class,), {"response_class": Response})
        return super().do_open(watched, req, **options)


HANDLERS = (web.ProxyHandler, web.UnknownHandler, _Handler, web.HTTPDefaultErrorHandler,
            web.HTTPRedirectHandler, web.HTTPErrorProcessor)  # fmt: skip
"""For http and https alone: no redirect leads to a file or to FTP."""


@contextmanager
def requested(url: str, headers: Mapping[str, str], timeout: float) -> Iterator[Response]:
    """Open ``url`` (http or https, through the proxies of the environment). Raises Failure."""
    # Zenodo turns clients away that do not say who they are
    identity = {"User-Agent": f"dakit/{dakit.__version__}", "Accept-Encoding": "identity"}
    opener = web.OpenerDirector()
    for handler in HANDLERS:
        opener.add_handler(handler())
    try:
        request = web.Request(url, headers={**identity, **headers})
        response = opener.open(request, timeout=timeout)
    except HTTPError as error:
        with error:
            raise _bad_status(error) from error
    except BROKEN as error:
        raise unreachable(error) from error
    except ValueError as error:  # a redirect to what is no URL, such as http://[::1
        raise Failure(f"{url!r} leads to what is no URL ({error})", permanent=True) from error
    assert isinstance(response, Response)
    with response:
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding != "identity":
            raise Failure(f"the server sends it in the encoding {encoding!r}", permanent=True)
        yield response


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
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
