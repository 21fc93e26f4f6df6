"""The servers that a [sources.*] table names, where posts of its network may be opened."""

from collections.abc import Iterable, Iterator

from domain import address
from domain.address import Origin


def origins(addresses: Iterable[str]) -> Iterator[Origin]:
    """The origin of each address; of one by plain http the https one, too, to which it may lead."""
    for found in filter(None, map(address.read, addresses)):
        yield found.origin
        if str(found.origin) == f"http://{found.origin.host}":
            yield Origin("https", found.origin.host, 443)
