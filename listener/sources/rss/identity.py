"""Which entry is which: ids that feeds give their entries, and what to do where these are none."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from listener.clean import link, words
from listener.sources.rss.addresses import address
from net.fetch import named

_LONGEST = 200  # characters; longer ids are kept as their hash
_EVERYWHERE = re.compile(
    r"(https?://|urn:|tag:)\S", re.IGNORECASE
)  # one in whatever feed it stands
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)


def identities(
    entries: Sequence[Mapping[str, Any]], feed_url: str
) -> list[tuple[str, tuple[str, ...]]]:
    """For each entry its id, and those by which it may have been stored by earlier releases.

    An address, URN or tag is the same entry in whatever feed it stands; any other id is one within
    its feed. An id that several entries of the feed share is none: then it is the address, and
    where several share that, too, what the entry says.
    """
    given, links = [_given(entry) for entry in entries], [_address(entry) for entry in entries]
    times, places = Counter(given), Counter(links)
    found: list[tuple[str, tuple[str, ...]]] = []
    for entry, own, at in zip(entries, given, links, strict=True):
        if own and times[own] == 1:
            name = own if _EVERYWHERE.match(own) else f"{_feed(feed_url)}:{own}"
        elif at and places[at] == 1:
            name = at
        else:
            name = f"{_host(feed_url)}:{hashed(_said(entry, feed_url))}"
        found.append((_short(name), (_short(_formerly(entry, own, feed_url)),)))
    return found


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _given(entry: Mapping[str, Any]) -> str:
    return words(entry.get("id")).strip()


def _address(entry: Mapping[str, Any]) -> str:
    return address(entry.get("link"))


def _host(feed_url: str) -> str:
    return urlsplit(feed_url).hostname or ""


def _feed(feed_url: str) -> str:
    """The feed, without what its address may hold of secrets."""
    query = urlsplit(feed_url).query
    return f"{named(feed_url)}?{hashed(query)[:8]}" if query else named(feed_url)


def _said(entry: Mapping[str, Any], feed_url: str) -> str:
    title = entry.get("title_detail")
    said = words(title.get("value")) if isinstance(title, dict) else ""
    return "\n".join([_host(feed_url), said, words(entry.get("published"))])


def _formerly(entry: Mapping[str, Any], own: str, feed_url: str) -> str:
    """Earlier releases took any id with a colon for one that is the same in every feed."""
    if own:
        return own if _SCHEME.match(own) else f"{_host(feed_url)}:{own}"
    return link(entry.get("link")) or f"{_host(feed_url)}:{hashed(_said(entry, feed_url))}"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"sha256:{hashed(name)}"
