"""Connections to public addresses only, checked where each is made.

A name is looked up once, each of its addresses must be public, and one of exactly these is
connected to. So neither a redirect nor an odd spelling nor a name that changes its answer leads
into the network Earshot runs in.
"""

import ipaddress
import os
import socket
import time
from dataclasses import dataclass, field
from typing import Any

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Url

_PORTS = {"http": 80, "https": 443}  # explicit: http.client would read a port out of ::1
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class RefusedError(Exception):
    """The address, or a redirect, is not allowed; str(error) says why."""


class NoHostError(Exception):
    """The host name cannot be resolved, at least now."""


@dataclass(slots=True)
class Visit:
    """One fetch: which addresses it may reach, its deadline, its open sockets."""

    public_only: bool
    ends_at: float  # on the monotonic clock
    lines: list[socket.socket] = field(default_factory=list)

    def left(self) -> float:
        """Seconds that are left. Raises TimeoutError when there are none."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def pool(self, there: Url) -> HTTPConnectionPool:
        """A connection pool for this host; certificates are checked for its name."""
        host, port = there.host or "", there.port or _PORTS[there.scheme or ""]
        if there.scheme == "https":
            # The variable is the one that all other sources heed.
            trusted = os.environ.get("REQUESTS_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
            return _HTTPSPool(host, port, visit=self, ca_certs=trusted)
        return _HTTPPool(host, port, visit=self)

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to one of the host's addresses, all of which must be allowed."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise NoHostError from error
        addresses = [str(address[0]) for *_, address in found]
        if self.public_only and not all(map(is_public, addresses)):
            raise RefusedError("it leads into a private network; set allow_private if it may")
        failure: OSError = ConnectionError("it has no address")
        for address in addresses:
            try:
                line = socket.create_connection((address, port), timeout=self.left())
            except OSError as error:
                failure = error
                continue
            self.lines.append(line.dup())
            return line
        raise failure

    def hang_up(self) -> None:
        """Shut the open sockets down, whoever waits on them; TLS has sockets of its own."""
        self.ends_at = 0.0
        for line in list(self.lines):
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has ended by itself

    def close(self) -> None:
        for line in self.lines:
            line.close()


def is_public(address: str) -> bool:
    """Whether an address, and the IPv4 address within it if there is one, is on the internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return _on_the_internet(ip)
    # These two are nothing but an IPv4 address, the others lead to one besides.
    whole = ip.ipv4_mapped or (ipaddress.IPv4Address(ip.packed[-4:]) if ip in _NAT64 else ip)
    inner = filter(None, [ip.sixtofour, *(ip.teredo or ())])
    return all(map(_on_the_internet, [whole, *inner]))


def _on_the_internet(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class _HTTP(HTTPConnection):
    def __init__(self, *args: Any, visit: Visit, **more: Any) -> None:  # noqa: ANN401 (urllib3's)
        super().__init__(*args, **more)
        self._visit = visit

    def _new_conn(self) -> socket.socket:
        return self._visit.connect(self._dns_host, self.port or self.default_port)


class _HTTPS(HTTPSConnection):
    def __init__(self, *args: Any, visit: Visit, **more: Any) -> None:  # noqa: ANN401 (urllib3's)
        super().__init__(*args, **more)
        self._visit = visit

    def _new_conn(self) -> socket.socket:
        return self._visit.connect(self._dns_host, self.port or self.default_port)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPS
