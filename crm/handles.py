"""Which network a column or an address belongs to, and the handle in it."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

# Spellings of a network -> the name its source has here.
NETWORKS = {
    "twitter": "x",
    "x": "x",
    "reddit": "reddit",
    "bluesky": "bluesky",
    "bsky": "bluesky",
    "mastodon": "mastodon",
    "fediverse": "mastodon",
    "instagram": "instagram",
    "insta": "instagram",
    "facebook": "facebook",
    "fb": "facebook",
    "linkedin": "linkedin",
    "youtube": "youtube",
    "tiktok": "tiktok",
    "threads": "threads",
    "telegram": "telegram",
    "trustpilot": "trustpilot",
    "github": "github",
    "hackernews": "hackernews",
}
# A column such as "Twitter Username", "property_hs_linkedin_url", "x_handle__c", letters only.
# Not "twitterbio", "twitterid" or "linkedincompanyid": those hold no handle.
_COLUMN = re.compile(
    rf"(?:property)?(?:hs)?({'|'.join(NETWORKS)})"
    r"(?:account|profile|user|username|screenname|handle|url|link|page)*c?"
)
_HOSTS = {
    "twitter.com": "x",
    "x.com": "x",
    "reddit.com": "reddit",
    "bsky.app": "bluesky",
    "instagram.com": "instagram",
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "linkedin.com": "linkedin",
    "youtube.com": "youtube",
    "tiktok.com": "tiktok",
    "threads.net": "threads",
    "threads.com": "threads",
    "t.me": "telegram",
    "github.com": "github",
}
# First parts of a path that lead to a person, where the person is not the first part itself.
_PERSON_UNDER: Mapping[str, tuple[str, ...]] = {
    "reddit": ("u", "user"),
    "bluesky": ("profile",),
    "linkedin": ("in", "pub"),
    "youtube": ("c", "user"),
}
# First parts of a path that lead to no person.
_PLACES = frozenset(
    [
        *("about", "channel", "company", "events", "explore", "games", "groups", "hashtag", "help"),
        *("home", "i", "intent", "messages", "p", "pages", "people", "photo", "posts", "privacy"),
        *("r", "reel", "reels", "search", "settings", "share", "sharer", "stories", "story"),
        *("tos", "tv", "watch"),
    ]
)
_NAME = re.compile(r"[\w.\-]{1,100}")
_NAME_ON_SERVER = re.compile(r"[\w.\-]{1,100}(?:@[\w\-]+(?:\.[\w\-]+)+)?")
# What people type when there is no handle; linking by it would join strangers.
_NOTHING = frozenset(
    [
        *("-", "false", "na", "nan", "nil", "no", "none", "null", "private", "tbd", "test", "todo"),
        *("true", "undefined", "unknown"),
    ]
)


def network(name: str) -> str:
    """The one name of a network: "twitter" and "X" are "x"; an unknown name only lower-cased."""
    name = name.strip().casefold()
    return NETWORKS.get(name, name)


def network_of_column(squeezed: str) -> str:
    """The network whose handles a column holds, "" when it holds none.

    squeezed: the column's name in lower case, letters and digits only.
    """
    found = _COLUMN.fullmatch(squeezed)
    return NETWORKS[found[1]] if found else ""


def handles(column_network: str, cell: str) -> Iterator[tuple[str, str]]:
    """Each (network, handle) in a cell: "@name", "name" or a profile's address, several by ; , |.

    Handles are lower-cased and without @. An address is of the network its host says, whatever
    the column. What is no handle (a display name, a post's address, "n/a") gives nothing.
    """
    for piece in re.split(r"[;,|\n]", cell):
        text = re.sub(r"^@\s+", "@", piece.strip())
        on, name = _from_address(column_network, text) if "/" in text else (column_network, text)
        handle = name.removeprefix("@").casefold()
        if _is_handle(on, handle):
            yield on, handle


def _is_handle(on: str, handle: str) -> bool:
    shape = _NAME_ON_SERVER if on == "mastodon" else _NAME
    return (
        shape.fullmatch(handle) is not None
        and any(map(str.isalnum, handle))
        and handle not in _NOTHING
        and _network_of_host(handle) == ""  # the network's own address, with nobody in it
    )


def _from_address(column_network: str, text: str) -> tuple[str, str]:
    """The network and the name in an address; an empty name when it leads to no person."""
    host, parts, query = _split(text)
    if parts and host in _PERSON_UNDER.get(column_network, ()):
        return column_network, parts[0]  # "u/ana", "in/ana": the path alone
    on = _network_of_host(host)
    if not on:
        return _on_own_server(column_network, host, parts)
    if on == "facebook" and parts == ["profile.php"]:
        return on, re.sub(r".*\bid=(\d+).*|.*", r"\1", query)
    under = _PERSON_UNDER.get(on, ())
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


def _network_of_host(host: str) -> str:
    """By the whole host or its end: de.linkedin.com is LinkedIn, x.com.example is not X."""
    ends = (on for known, on in _HOSTS.items() if host == known or host.endswith(f".{known}"))
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
