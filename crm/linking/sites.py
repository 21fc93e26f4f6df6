"""Whose host an address is: a person's or company's own, or one that thousands share."""

import re
from functools import lru_cache

from crm.hosts import host
from crm.linking.names import lines

SHARED = frozenset(host for line in lines("shared_hosts.txt") for host in line.split())
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_YAHOO = re.compile(r"(?:yahoo|hotmail|live|outlook|msn)\.[a-z.]{2,6}")


@lru_cache(maxsize=100_000)
def own_host(address: str) -> str:
    """The host of an address, small and without www; "" where it is none, or many people's."""
    found = host(address)
    if not _HOST.fullmatch(found) or found in SHARED or _YAHOO.fullmatch(found):
        return ""
    return found
