"""Which network a column or an address belongs to, and the handle in it."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from domain.network import NAME, NETWORKS, SPELLINGS, folded
from domain.network import name_of as network

__all__ = ["handles", "network", "network_of_column"]

# Spellings of the networks whose handles a column may hold -> the name its source has here.
_SPELLINGS = {spelling: on for spelling, on in SPELLINGS.items() if NETWORKS[on].handle}
# A column such as "Twitter Username", "property_hs_linkedin_url", "x_handle__c", letters only.
# Not "twitterbio", "twitterid" or "linkedincompanyid": those hold no handle.
_COLUMN = re.compile(
    rf"(?:property)?(?:hs)?({'|'.join(_SPELLINGS)})"
    r"(?:account|profile|user|username|screenname|handle|url|link|page)*c?"
)
# First parts of a path that lead to no person.
_PLACES = frozenset(
    [
        *("about", "channel", "company", "events", "explore", "games", "groups", "hashtag", "help"),
        *("home", "i", "intent", "messages", "p", "pages", "people", "photo", "posts", "privacy"),
        *("r", "reel", "reels", "search", "settings", "share", "sharer", "stories", "story"),
        *("tos", "tv", "watch"),
    ]
)
# What people type when there is no handle; linking by it would join strangers.
_NOTHING = frozenset(
    [
        *("-", "false", "na", "nan", "nil", "no", "none", "null", "private", "tbd", "test", "todo"),
        *("true", "undefined", "unknown"),
    ]
)


def network_of_column(squeezed: str) -> str:
    """The network whose handles a column holds, "" when it holds none.

    squeezed: the column's name in lower case, letters and digits only.
    """
    found = _COLUMN.fullmatch(squeezed)
    return _SPELLINGS[found[1]] if found else ""


def handles(column_network: str, cell: str) -> Iterator[tuple[str, str]]:
    """Each (network, handle) in a cell: "@name", "name" or a profile's address, several by ; , |.

    Handles are lower-cased and without @. An address is of the network its host says, whatever
    the column. What is no handle (a display name, a post's address, "n/a") gives nothing.
    """
    for piece in re.split(r"[;,|\n]", cell):
        text = re.sub(r"^@\s+", "@", piece.strip())
        on, name = _from_address(column_network, text) if "/" in text else (column_network, text)
        handle = folded(name.removeprefix("@"))
        if _is_handle(on, handle):
            yield on, handle


def _is_handle(on: str, handle: str) -> bool:
    known = NETWORKS.get(on)
    shape = (known and known.handle) or NAME
    return (
        shape.fullmatch(handle) is not None
        and any(map(str.isalnum, handle))
        and handle not in _NOTHING
        and _network_of_host(handle) == ""  # the network's own address, with nobody in it
    )


def _from_address(column_network: str, text: str) -> tuple[str, str]:
    """The network and the name in an address; an empty name when it leads to no person."""
    host, parts, query = _split(text)
    if parts and host in _person_under(column_network):
        return column_network, parts[0]  # "u/ana", "in/ana": the path alone
    on = _network_of_host(host)
    if not on:
        return _on_own_server(column_network, host, parts)
    if on == "facebook" and parts == ["profile.php"]:
        return on, re.sub(r".*\bid=(\d+).*|.*", r"\1", query)
    under = _person_under(on)
    first = parts[0].lower() if parts else ""
    if first in under:
        return on, parts[1] if len(parts) > 1 else ""
    # linkedin.com/ana and reddit.com/ana are nobody; youtube.com/@ana is somebody.
    nobody = not first or first in _PLACES or (under and not first.startswith("@"))
    return on, "" if nobody else parts[0]


def _on_own_server(column_network: str, host: str, parts: list[str]) -> tuple[str, str]:
    """https://social.example/@ana is ana@social.example; other unknown hosts hold no handle."""
    if column_network == "mastodon" and host and parts and parts[0].startswith("@"):
        name = parts[0][1:]
        return "mastodon", name if "@" in name else f"{name}@{host}"
    return column_network, ""


def _person_under(on: str) -> tuple[str, ...]:
    known = NETWORKS.get(on)
    return known.person_under if known else ()


def _network_of_host(host: str) -> str:
    """By the whole host or its end: de.linkedin.com is LinkedIn, x.com.example is not X."""
    ends = (
        on
        for on, known in NETWORKS.items()
        for end in known.people_at
        if host == end or host.endswith(f".{end}")
    )
    return next(ends, "")


def _split(text: str) -> tuple[str, list[str], str]:
    """Host, the parts of the path, query; all empty for what cannot be an address."""
    text = text.lstrip("/")
    try:
        address = urlsplit(text if "://" in text else f"https://{text}")
        host = address.hostname or ""
    except ValueError:
        return "", [], ""
    return host, [unquote(part) for part in address.path.split("/") if part], address.query
