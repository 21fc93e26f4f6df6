"""Fetching an address that somebody wrote down: from public hosts only, and bounded."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from threading import Timer
from urllib.parse import urljoin, urlsplit

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import Url, parse_url

from domain.errors import RemoteError
from net import limits
from net.guard import NoHostError, RefusedError, Visit
from net.refusals import passes

ALL_S = 10.0  # one fetch, its redirects included; only the system's own look-up of names may add
BODY_BYTES = 5 * 1024 * 1024  # unpacked
MOST_REDIRECTS = 5
_CHUNK = 64 * 1024
_GOOD = (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)
_ELSEWHERE = (301, 302, 303, 307, 308)
_HEADERS = {
    "User-Agent": "earshot (self-hosted brand monitor)",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "close",
}


class GoneError(RemoteError):
    """The address is gone: 410, or 404 without an HTML page.

    A 404 with a page may come from a gateway, or from whoever has taken the domain over.
    """


class _TooLongError(Exception):
    """The body is longer than BODY_BYTES."""


@dataclass(frozen=True, slots=True)
class Fetched:
    url: str  # where it was found in the end
    status: int  # 200, or 304 when it is as the given headers say
    headers: Mapping[str, str]  # names in any case
    body: bytes
    whole: bool = True  # or only the beginning: it is longer than BODY_BYTES


class Fetcher:
    """Fetches for one source, which its errors name.

    allow_private: also from hosts inside this network; for addresses the operator vouches for.
    base_url: a gateway that is asked instead, with the path and query of each address.
    """

    def __init__(
        self, source: str, *, allow_private: bool = False, base_url: str | None = None
    ) -> None:
        _cut_logged_addresses()
        self._source = source
        self._base_url = base_url
        self._public_only = not allow_private and base_url is None

    def get(
        self, url: str, headers: Mapping[str, str], *, now: datetime | None, cut: bool = False
    ) -> Fetched:
        """Fetch this address; headers are also sent to every host that redirects.

        now: the clock by which waits in the headers are read; None: they are ignored.
        cut: of what is too long give the beginning, instead of refusing it.
        Raises RemoteError, which names the host and path and not the query.
        """
        visit = Visit(self._public_only, ends_at=time.monotonic() + ALL_S)
        # A server that drips its headers never runs into the timeout of a single read.
        alarm = Timer(ALL_S, visit.hang_up)
        alarm.daemon = True
        alarm.start()
        try:
            return self._follow(url, headers, visit, now, cut=cut)
        except RefusedError as error:
            raise RemoteError(f"{self._source}: {named(url)}: {error}", permanent=True) from error
        except _TooLongError as error:  # it may be shorter tomorrow
            raise RemoteError(f"{self._source}: {named(url)}: {error}") from error
        except NoHostError as error:
            reason = "no such host is found"
            raise RemoteError(f"{self._source}: {named(url)}: {reason}") from error
        except (HTTPError, OSError) as error:
            # Its text may hold the whole address, so only its type is named.
            kind = type(error).__name__
            raise RemoteError(
                f"{self._source}: {named(url)}: no whole answer came ({kind})"
            ) from error
        finally:
            alarm.cancel()
            visit.close()

    def _follow(
        self,
        url: str,
        headers: Mapping[str, str],
        visit: Visit,
        now: datetime | None,
        *,
        cut: bool,
    ) -> Fetched:
        at = url
        for _ in range(MOST_REDIRECTS + 1):
            with closing(self._open(at, headers, visit)) as response:
                if response.status in _ELSEWHERE:
                    at = _joined(at, response.headers.get("location", ""))
                    continue
                if response.status not in _GOOD:
                    raise self._refusal(url, response, now)
                body = b"".join(_body(response, visit))
                if len(body) > BODY_BYTES and not cut:
                    raise _TooLongError(f"it is longer than {BODY_BYTES >> 20} MiB")
                whole = len(body) <= BODY_BYTES
                return Fetched(at, response.status, response.headers, body[:BODY_BYTES], whole)
        raise RefusedError(f"it is redirected more than {MOST_REDIRECTS} times")

    def _open(self, url: str, headers: Mapping[str, str], visit: Visit) -> BaseHTTPResponse:
        there = _parsed(url)
        if self._base_url:
            there = parse_url(f"{self._base_url}{there.request_uri}")
        with closing(visit.pool(there)) as pool:
            return pool.urlopen(
                "GET",
                there.request_uri,
                headers={**_HEADERS, **headers},
                redirect=False,
                retries=False,
                timeout=visit.left(),
                preload_content=False,
            )

    def _refusal(self, url: str, response: BaseHTTPResponse, now: datetime | None) -> RemoteError:
        wait = limits.wait(response.headers, now) if now is not None else None
        passing = passes(response.status)
        kind = GoneError if _is_gone(response) else RemoteError
        return kind(
            f"{self._source}: {named(url)} answers {response.status}",
            permanent=not passing,
            retry_after=wait if passing else None,
        )


def _is_gone(response: BaseHTTPResponse) -> bool:
    page = "html" in response.headers.get("content-type", "").lower()
    return response.status == HTTPStatus.GONE or (
        response.status == HTTPStatus.NOT_FOUND and not page
    )


def named(url: str) -> str:
    """An address for a sentence: without its query, which may hold a secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that is none"
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]


def _cut_logged_addresses() -> None:
    """Keep the query of an address, which may hold a key, out of urllib3's debug log."""
    log = logging.getLogger("urllib3.connectionpool")
    if _without_query not in log.filters:
        log.addFilter(_without_query)


def _without_query(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            one.partition("?")[0] if isinstance(one, str) and one.startswith("/") else one
            for one in record.args
        )
    return True


def _parsed(url: str) -> Url:
    try:
        parts = parse_url(url)
    except LocationParseError as error:
        raise RefusedError("it is no address") from error
    if parts.scheme not in ("http", "https") or not parts.host:
        raise RefusedError("only http and https addresses are fetched")
    if parts.auth is not None:
        raise RefusedError("an address with a user or password in it is not fetched")
    return parts


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise RefusedError("it is redirected to what is no address") from error


def _body(response: BaseHTTPResponse, visit: Visit) -> Iterator[bytes]:
    """The unpacked body, as it arrives; it ends soon after BODY_BYTES."""
    size = 0
    while chunk := response.read1(_CHUNK, decode_content=True):
        size += len(chunk)
        yield chunk
        if size > BODY_BYTES:
            return
    visit.left()  # without Content-Length an answer that we cut off looks whole
