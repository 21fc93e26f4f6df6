"""What the configuration adds to the networks' facts: the servers on which posts may be opened."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from domain import address
from domain.address import Origin
from domain.network import Networks
from listener.settings import SourceSettings
from listener.sources.rss.settings import RssSettings

# Networks whose servers anybody may run: where these are asked, their posts are read, too. Posts
# that such a server brings along from servers of others (Mastodon's, by a hashtag) stay text:
# whoever runs one of those chose its name, and a tag would put it behind our button.
_SELF_HOSTED = frozenset({"discourse", "github", "mastodon", "stackexchange"})
_FEEDS_ONLY = frozenset({"feed", "feeds", "rss"})  # labels below which nobody reads
# They bring other people's pages or lead on to whatever stands in the address.
_FORWARDERS = frozenset(
    {
        *("bing.com", "www.bing.com", "google.com", "www.google.com", "news.google.com"),
        *("feedproxy.google.com", "feedburner.com", "www.feedburner.com", "feeds.feedburner.com"),
    }
)


def networks_of(sources: Mapping[str, SourceSettings]) -> Networks:
    """Every network with the servers of its table.

    Also of one that is not enabled: what was heard before can still be opened.
    """
    return Networks({name: frozenset(_own(name, table)) for name, table in sources.items()})


def _own(name: str, table: SourceSettings) -> Iterator[Origin]:
    if isinstance(table, RssSettings):
        # Not base_url: what fetches instead is no site.
        for origin in _origins(table.feeds):
            yield from (replace(origin, host=host) for host in _sites(origin.host))
    elif name in _SELF_HOSTED:
        for origin in _origins([*getattr(table, "servers", ()), table.base_url or ""]):
            yield origin
            if name == "github" and origin.host.startswith("api."):  # on ghe.com, too
                yield replace(origin, host=origin.host.removeprefix("api."))


def _origins(addresses: Iterable[str]) -> Iterator[Origin]:
    """Of each address; one by http also as https, for many a server leads on to it."""
    for found in filter(None, map(address.read, addresses)):
        yield found.origin
        if str(found.origin) == f"http://{found.origin.host}":
            yield Origin("https", found.origin.host, 443)


def _sites(host: str) -> set[str]:
    """Where the entries of a feed on this host are read.

    There, with or without www; and where the host is for feeds alone, on the site above it. Sure
    of one owner only: other hosts of the site, and other sites, stay text.
    """
    label, _, above = host.partition(".")
    is_below = label == "www" or label in _FEEDS_ONLY
    site = above if is_below and _is_owned(above) else host
    return {host, site, f"www.{site}"} - _FORWARDERS


def _is_owned(domain: str) -> bool:
    """Whether one owner holds it and all below: not "uk", and not "co.uk" or its like."""
    return "." in domain and re.fullmatch(r"[a-z]{1,3}\.[a-z]{2}", domain) is None
