"""What a query may ask of a mention besides its words: the fields."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.mention import Mention
from domain.network import folded

KINDS = ("post", "reply", "repost", "review")

_LINK = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"'()\[\]]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a mention; what is not known matches no field."""

    source: str = ""
    handle: str = ""  # of the author, without @
    author_id: str = ""
    lang: str | None = None
    kind: str = ""  # one of KINDS
    sites: frozenset[str] = frozenset()  # hosts of its own address and of the links in it
    has_link: bool = False  # in its text
    followers: int | None = None


UNKNOWN = Facts()


def facts_of(mention: Mention) -> Facts:
    """What the fields of a query look at."""
    links = _LINK.findall(mention.text)
    author = mention.author
    return Facts(
        source=mention.source.casefold(),
        handle=folded(author.handle) if author else "",
        author_id=folded(author.id) if author else "",
        lang=mention.lang,
        kind=_kind(mention),
        sites=frozenset(_hosts([mention.url, *links])),
        has_link=bool(links),
        followers=author.followers if author else None,
    )


def _kind(mention: Mention) -> str:
    if mention.is_repost:
        return "repost"
    if mention.rating is not None:
        return "review"
    return "reply" if mention.parent_id is not None else "post"


def _hosts(links: list[str]) -> Iterator[str]:
    for link in links:
        try:
            host = urlsplit(link if "://" in link else f"//{link}").hostname
        except ValueError:
            continue
        if host:
            yield host.rstrip(".")


def _site(facts: Facts, value: str) -> bool:
    return any(host == value or host.endswith(f".{value}") for host in facts.sites)


def _followers(facts: Facts, value: str) -> bool:
    return facts.followers is not None and facts.followers >= int(value)


# How each field looks at the facts; its value has passed check_value().
FIELDS: Mapping[str, Callable[[Facts, str], bool]] = {
    "author": lambda facts, value: value in (facts.handle, facts.author_id),
    "site": _site,
    "lang": lambda facts, value: facts.lang == value,
    "source": lambda facts, value: facts.source == value,
    "type": lambda facts, value: facts.kind == value,
    "has": lambda facts, _link: facts.has_link,
    "min_followers": _followers,
}

# What a value must look like, and how to say so.
_VALUES: Mapping[str, tuple[str, str]] = {
    "author": (r"@?\S+", "takes a handle or an id, for example author:ana"),
    "site": (r"[\w-]+(\.[\w-]+)+", "takes a host name, for example site:example.com"),
    "lang": (r"[a-z]{2}", "takes a language of two letters, for example lang:en"),
    "source": (r"[a-z0-9_-]+", "takes the name of a source, for example source:reddit"),
    "type": ("|".join(KINDS), f"takes one of {', '.join(KINDS)}"),
    "has": ("link", "takes link"),
    "min_followers": (r"[0-9]{1,12}", "takes a whole number, for example min_followers:1000"),
}


def read_value(name: str, value: str) -> str:
    """The value as it is compared. Raises ValueError, which says what the field takes."""
    shape, takes = _VALUES[name]
    read = (folded(value) if name == "author" else value.casefold()).strip()
    if not re.fullmatch(shape, read):
        raise ValueError(f"{name}: {takes}")
    return read.removeprefix("@") if name == "author" else read
