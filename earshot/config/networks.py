"""What the configuration adds to the networks' facts: the servers on which posts may be opened."""

from collections.abc import Mapping

from domain.network import Networks
from listener.settings import SourceSettings


def networks_of(sources: Mapping[str, SourceSettings]) -> Networks:
    """Every network with the servers of its table.

    Also of one that is not enabled: posts that were collected before can still be opened.
    """
    return Networks({name: frozenset(table.post_servers()) for name, table in sources.items()})
