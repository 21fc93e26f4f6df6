"""HTTP as it should be for every client library: a timeout, bounds, and a gateway if one is set."""

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from requests import JSONDecodeError, PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import ProtocolError

from net.hangup import POOLS, hung_up_on

CONNECT_S, READ_S = 3.05, 20.0  # tweepy sets no timeout at all
BODY_S = 30.0  # a whole answer behind its headers; READ_S alone lets a server drip for ever
BODY_BYTES = 16 * 1024 * 1024  # an answer of 100 posts is below 1 MiB
LINE_S = 30.0  # from one line's end to the next, in a body that has none itself
LINE_BYTES = 1024 * 1024
_CHUNK = 64 * 1024


class Wire(HTTPAdapter):
    """Mount it on a session. base_url: where requests go instead, path and query kept."""

    def __init__(self, base_url: str | None = None) -> None:
        super().__init__()
        self._base_url = base_url.rstrip("/") if base_url else None

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """The pools, with our connections in them."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401
        """The same for a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager

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

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:  # noqa: ANN401
        """The answer as requests reads it, but for its JSON."""
        response = super().build_response(req, resp)
        response.__class__ = _Answer
        # JSON is UTF-8. Guessing from 16 MiB takes minutes, and some charsets a header may name
        # end in errors that no client library knows.
        response.encoding = "utf-8-sig"
        return response


class _Answer(Response):
    def json(self, **kwargs: Any) -> Any:  # noqa: ANN401
        """The JSON; whatever is wrong with it is the one error that every client library knows."""
        try:
            return super().json(**kwargs)
        except (RecursionError, ValueError) as error:  # too deep, a number of 5,000 digits
            raise JSONDecodeError("no JSON that can be read", "", 0) from error


class _Bounded:
    """A body that ends with an error when it is too long or too slow."""

    def __init__(self, raw: Any) -> None:  # noqa: ANN401 (urllib3's response)
        self._raw = raw

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._raw, name)

    def stream(self, _amount: int, *, decode_content: bool) -> Iterator[bytes]:
        # read1 gives what has arrived; read(amount) would wait for all of it, drop by drop.
        size = 0
        try:
            with hung_up_on(self._raw.connection, BODY_S):
                while chunk := self._raw.read1(_CHUNK, decode_content=decode_content):
                    size += len(chunk)
                    if size > BODY_BYTES:
                        self._raw.close()
                        raise ProtocolError("the answer is too long")
                    yield chunk
        except TimeoutError as error:
            raise ProtocolError("the answer is too slow") from error


class _Lines(_Bounded):
    """A body without an end: each line of it is bounded instead."""

    def stream(self, _amount: int, *, decode_content: bool) -> Iterator[bytes]:
        size, left_s = 0, LINE_S
        try:
            while True:
                began = time.monotonic()
                with hung_up_on(self._raw.connection, left_s):
                    chunk = self._raw.read1(_CHUNK, decode_content=decode_content)
                if not chunk:
                    return
                left_s -= time.monotonic() - began  # without what the reader does between
                if b"\n" in chunk:
                    size, left_s = 0, LINE_S
                size += len(chunk) - (chunk.rfind(b"\n") + 1)
                if size > LINE_BYTES:
                    raise ProtocolError("a line is too long")
                yield chunk
        except TimeoutError as error:
            raise ProtocolError("a line is too slow") from error
        finally:
            self._raw.close()


def by_lines(response: Response) -> None:
    """Let this answer, not read yet, go on for ever, as long as line after line comes."""
    response.raw = _Lines(response.raw)


class _Session(Session):
    def get_redirect_target(self, resp: Response) -> None:
        """Nowhere: what we send would go along, to a host that nobody has checked.

        And an address that is none would end in an error that no client library knows.
        """


def session(base_url: str | None = None, *, instead_of: str = "https://") -> Session:
    """A session whose every request has bounds; those to `instead_of` go to base_url if given."""
    made = _Session()
    made.mount("https://", Wire())
    made.mount("http://", Wire())
    made.mount(instead_of, Wire(base_url))
    made.headers["Connection"] = "close"
    # Without this a ~/.netrc entry for the host would silently replace the Authorization header.
    made.auth = _as_it_is
    return made


def _as_it_is(request: PreparedRequest) -> PreparedRequest:
    return request
