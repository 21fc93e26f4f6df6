"""Reads a web address from outside so strictly that it can only lead where it says."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

LONGEST = 3_000  # https://docs.slack.dev/reference/block-kit/block-elements/button-element

_PORTS = {"http": 80, "https": 443}
_KEPT = "/%:@!$&'()*+,;=~-._?"  # what needs no %XX; an address that has some keeps it
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?|[0-9a-f.]*:[0-9a-f:.]*", re.ASCII)
# Characters that nobody sees though Python calls them printable: joiners and variation selectors.
_UNSEEN = re.compile("[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0000-\U000e0fff]")


@dataclass(frozen=True, slots=True)
class Origin:
    """The server of an address: scheme, host and port."""

    scheme: str  # "https" or "http"
    host: str  # small letters, ASCII: a domain in other letters as its xn-- name
    port: int

    @property
    def is_plain_https(self) -> bool:
        return (self.scheme, self.port) == ("https", _PORTS["https"])

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


@dataclass(frozen=True, slots=True)
class Address:
    origin: Origin
    url: str  # in a form that cannot break out of a link, whatever stood in it


def read(url: str) -> Address | None:
    """The address, or None when it is no web address or tries to look like another one.

    No user name stands before its host, and it holds no invisible or direction-changing characters.
    """
    url = url.strip()
    if not url.isprintable() or _UNSEEN.search(url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = _ascii(parts.hostname or "")
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc:
        return None
    origin = Origin(parts.scheme, host, _PORTS[parts.scheme] if port is None else port)
    path, query, fragment = (
        quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment)
    )
    tail = (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    safe = f"{origin}{path}{tail}"
    return Address(origin, safe) if len(safe) <= LONGEST else None


def _ascii(host: str) -> str:
    """The host in ASCII, as DNS has it; "" where decoding that gives other letters."""
    if not host.isascii():
        try:
            encoded = host.encode("idna")
            host = encoded.decode("ascii") if encoded.decode("idna") == host else ""
        except UnicodeError:
            return ""
    return host if _HOST.fullmatch(host) else ""
