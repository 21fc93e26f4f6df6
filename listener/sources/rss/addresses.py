"""Where an entry is read: its own page, also where a feed links to it through a search engine."""

import re
from urllib.parse import parse_qs, urlsplit

from listener.clean import link

# Hosts and paths that lead on to the address in one of these parameters. Nothing is asked for it.
_FORWARDERS = (
    (re.compile(r"(www\.)?google(\.[a-z]{2,3}){1,2}"), "/url", ("url", "q")),
    (re.compile(r"(www\.)?bing\.com"), "/news/apiclick.aspx", ("url",)),
)


def address(value: object) -> str:
    """A web address, or ""; of one that only leads on the one that it leads to."""
    found = link(value)
    parts = urlsplit(found)
    for hosts, path, names in _FORWARDERS:
        if parts.path == path and hosts.fullmatch(parts.hostname or ""):
            said = parse_qs(parts.query)
            targets = (link(said[name][0]) for name in names if name in said)
            return next(filter(None, targets), found)
    return found
