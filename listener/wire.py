"""HTTP as it should be for every client library: a timeout, bounds, and a gateway if one is set."""

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import ProtocolError

CONNECT_S, READ_S = 3.05, 20.0  # tweepy sets no timeout at all
BODY_S = 60.0  # a whole answer; READ_S alone lets a server drip one byte every 19 s for ever
BODY_BYTES = 32 * 1024 * 1024  # an answer of 100 posts is below 1 MiB
_CHUNK = 64 * 1024


class Wire(HTTPAdapter):
    """Mount it on a session. base_url: where requests go instead, path and query kept."""

    def __init__(self, base_url: str | None = None) -> None:
        super().__init__()
        self._base_url = base_url.rstrip("/") if base_url else None

    def send(  # noqa: PLR0917 (the signature is requests')
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: Any = None,  # noqa: ANN401
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        if self._base_url:
            parts = urlsplit(request.url or "")
            request.url = f"{self._base_url}{parts.path}{'?' if parts.query else ''}{parts.query}"
            # The proxy was chosen for the host that is no longer asked.
            proxies = get_environ_proxies(request.url)
        # A connection kept from the last request is often dead when the next one uses it, which
        # looks like a fault of the service; a handshake for every hundred posts costs less.
        self.close()
        response = super().send(
            request, stream, timeout or (CONNECT_S, READ_S), verify, cert, dict(proxies or {})
        )
        response.raw = _Bounded(response.raw)
        return response


class _Bounded:
    """A body that ends with an error when it is too long or too slow."""

    def __init__(self, raw: Any) -> None:  # noqa: ANN401 (urllib3's response)
        self._raw = raw

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._raw, name)

    def stream(self, _amount: int, *, decode_content: bool) -> Iterator[bytes]:
        # read1 gives what has arrived; read(amount) would wait for all of it, drop by drop.
        began, size = time.monotonic(), 0
        while chunk := self._raw.read1(_CHUNK, decode_content=decode_content):
            size += len(chunk)
            if size > BODY_BYTES or time.monotonic() - began > BODY_S:
                self._raw.close()
                raise ProtocolError("the answer is too long or too slow")
            yield chunk


def session(base_url: str | None = None, *, instead_of: str = "https://") -> Session:
    """A session whose every request has bounds; those to `instead_of` go to base_url if given."""
    made = Session()
    made.mount("https://", Wire())
    made.mount("http://", Wire())
    made.mount(instead_of, Wire(base_url))
    made.headers["Connection"] = "close"
    # Without this a ~/.netrc entry for the host would silently replace the Authorization header.
    made.auth = _as_it_is
    return made


def _as_it_is(request: PreparedRequest) -> PreparedRequest:
    return request
