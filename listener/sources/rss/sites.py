"""The sites on which the entries of a feed may be opened."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from domain.address import Origin
from listener.servers import origins

_FEEDS_ONLY = frozenset({"feed", "feeds", "rss"})  # labels of hosts that serve feeds and no pages
# They bring other people's pages or lead on to whatever stands in the address.
_FORWARDERS = frozenset(
    {
        *("bing.com", "www.bing.com", "google.com", "www.google.com", "news.google.com"),
        *("feedproxy.google.com", "feedburner.com", "www.feedburner.com", "feeds.feedburner.com"),
    }
)


def sites(feeds: Iterable[str]) -> Iterator[Origin]:
    """The servers of these feeds, and of the sites that they belong to."""
    for origin in origins(feeds):
        yield from (replace(origin, host=host) for host in _hosts(origin.host))


def _hosts(host: str) -> set[str]:
    """The hosts on which the entries of a feed on this host are read.

    The host itself, with and without www; where it serves feeds alone, the site above it. These are
    sure to have one owner: other hosts of the site, and other sites, are left out.
    """
    label, _, above = host.partition(".")
    is_below = label == "www" or label in _FEEDS_ONLY
    site = above if is_below and _is_owned(above) else host
    return {host, site, f"www.{site}"} - _FORWARDERS


def _is_owned(domain: str) -> bool:
    """Whether one owner holds it and all below: not "uk", and not "co.uk" or its like."""
    return "." in domain and re.fullmatch(r"[a-z]{1,3}\.[a-z]{2}", domain) is None
