"""The facts of every network: its title, its hosts, its handles, which addresses may be opened."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase
from types import MappingProxyType

from domain import address
from domain.address import Origin

# Most networks take no letters of other scripts, many of which look like these.
NAME = re.compile(r"[A-Za-z0-9_.\-]{1,100}")
NAME_ON_SERVER = re.compile(r"[A-Za-z0-9_.\-]{1,100}(?:@[\w\-]+(?:\.[\w\-]+)+)?")
NAME_OF_ANY_SCRIPT = re.compile(r"[\w.\-·]{1,100}")
NUMBER = re.compile(r"[0-9]{1,25}")
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Network:
    """The facts of one network."""

    title: str  # as people write it
    # The hosts on which its posts may be opened, exactly these; "*.example.com" is every host one
    # label below example.com. Empty: its posts have no address, or each server its own hosts.
    hosts: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()  # what files call it besides its name here
    handle: re.Pattern[str] | None = None  # what a handle looks like; None: no CRM keeps them
    # What the id of a person looks like, of which handles there may be too; None: they are alike.
    id: re.Pattern[str] | None = None
    people_at: tuple[str, ...] = ()  # whose addresses name a person, the hosts below them too
    # First parts of a path that lead to a person, where the person is not the first part itself.
    person_under: tuple[str, ...] = ()


# By the name that its source has here; those that are only ever imported stand at the end.
NETWORKS: Mapping[str, Network] = {
    "x": Network(
        "X",
        (
            *("x.com", "www.x.com", "mobile.x.com"),
            *("twitter.com", "www.twitter.com", "mobile.twitter.com"),
        ),
        spellings=("twitter",),
        handle=NAME,
        id=NUMBER,
        people_at=("twitter.com", "x.com"),
    ),
    "reddit": Network(
        "Reddit",
        ("reddit.com", "www.reddit.com", "new.reddit.com", "np.reddit.com", "old.reddit.com"),
        handle=NAME,
        id=re.compile(r"t2_[a-z0-9]{1,20}"),
        people_at=("reddit.com",),
        person_under=("u", "user"),
    ),
    "bluesky": Network(
        "Bluesky",
        ("bsky.app",),
        spellings=("bsky",),
        handle=NAME,
        id=re.compile(r"did:[a-z]+:\S+"),
        people_at=("bsky.app",),
        person_under=("profile",),
    ),
    "mastodon": Network(
        "Mastodon",
        ("mastodon.social",),
        spellings=("fediverse",),
        handle=NAME_ON_SERVER,
        id=re.compile(r"https?://\S+"),
    ),
    "hackernews": Network("Hacker News", ("news.ycombinator.com",), handle=NAME),
    "rss": Network("RSS feeds"),
    "youtube": Network(
        "YouTube",
        ("youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"),
        handle=NAME_OF_ANY_SCRIPT,
        id=re.compile(r"UC[A-Za-z0-9_-]{22}"),
        people_at=("youtube.com",),
        person_under=("c", "user"),
    ),
    "stackexchange": Network(
        "Stack Exchange",
        (
            *("stackoverflow.com", "*.stackoverflow.com", "*.stackexchange.com"),
            *("serverfault.com", "superuser.com", "askubuntu.com", "stackapps.com"),
            *("meta.serverfault.com", "meta.superuser.com", "meta.askubuntu.com"),
            *("mathoverflow.net", "meta.mathoverflow.net"),
        ),
        spellings=("stackoverflow",),
        id=re.compile(r"[a-z0-9.\-]+/[0-9]{1,12}"),
    ),
    "github": Network(
        "GitHub",
        ("github.com", "gist.github.com"),
        handle=NAME,
        id=NUMBER,
        people_at=("github.com",),
    ),
    "discourse": Network("Discourse", id=re.compile(r"[0-9]{1,12}@\S+")),
    "trustpilot": Network("Trustpilot", ("trustpilot.com", "*.trustpilot.com"), handle=NAME),
    "appstore": Network("App Store", ("apps.apple.com",)),
    "googleplay": Network("Google Play", ("play.google.com",)),
    "facebook": Network(
        "Facebook",
        ("facebook.com", "www.facebook.com", "m.facebook.com"),
        spellings=("fb",),
        handle=NAME,
        id=NUMBER,
        people_at=("facebook.com", "fb.com"),
    ),
    "instagram": Network(
        "Instagram",
        ("instagram.com", "www.instagram.com"),
        spellings=("insta",),
        handle=NAME,
        id=NUMBER,
        people_at=("instagram.com",),
    ),
    "threads": Network(
        "Threads",
        ("threads.com", "www.threads.com", "threads.net", "www.threads.net"),
        handle=NAME,
        people_at=("threads.net", "threads.com"),
    ),
    "linkedin": Network(
        "LinkedIn",
        ("linkedin.com", "www.linkedin.com"),
        handle=NAME_OF_ANY_SCRIPT,
        id=re.compile(r"urn:li:[a-zA-Z]+:[\w-]+", re.ASCII),
        people_at=("linkedin.com",),
        person_under=("in", "pub"),
    ),
    "email": Network("E-mail"),
    "tiktok": Network(
        "TikTok", ("tiktok.com", "www.tiktok.com"), handle=NAME, people_at=("tiktok.com",)
    ),
    "telegram": Network("Telegram", ("t.me",), handle=NAME, people_at=("t.me",)),
}
# Every spelling of a network -> the name its source has here.
SPELLINGS: Mapping[str, str] = {
    spelling: name for name, network in NETWORKS.items() for spelling in (name, *network.spellings)
}


def name_of(spelling: str) -> str:
    """The one name of a network: "twitter" and "X" are "x", "App Store" is "appstore".

    An unknown one only trimmed and in small letters.
    """
    plain = spelling.strip().casefold()
    return SPELLINGS.get(re.sub(r"[\s_.\-]+", "", plain), plain)


def stored_names(spelling: str) -> frozenset[str]:
    """What the network may be called in the store: an imported row keeps its file's spelling."""
    return frozenset({name_of(spelling), spelling.strip().lower()})


def is_id(source: str, account: str) -> bool:
    """Whether this is the id of a person on the network, and so never somebody's handle."""
    known = NETWORKS.get(source)
    return bool(known and known.id and known.id.fullmatch(account))


def folded(name: str) -> str:
    """A handle or an id as it is compared: A is a, and nothing but that.

    Unicode's folding makes a k of the Kelvin sign: a look-alike would become the real one.
    """
    return name.translate(_SMALL)


@dataclass(frozen=True, slots=True)
class Networks:
    """For drawing a post: the title of its network, and whether its address may be a link."""

    # By network: the servers that the configuration names, on which its posts may be opened too.
    own: Mapping[str, frozenset[Origin]] = field(default_factory=lambda: MappingProxyType({}))

    def title_of(self, source: str) -> str:
        """Never empty; whoever draws it still escapes and cuts it.

        An unknown network keeps the name that its file gives it, on one line.
        """
        known = NETWORKS.get(name_of(source))
        if known is not None:
            return known.title
        seen = "".join(char if char.isprintable() else " " for char in source)
        return " ".join(seen.split()) or "unknown"

    def opens(self, source: str, url: str) -> str | None:
        """The address as it may stand in a link, or None when nobody shall be led there.

        Anybody can write any address into a post or a file, so it leads to a host of its own
        network, by https and its usual port, or to a server that the configuration names.
        """
        found = address.read(url)
        if found is None:
            return None
        name, origin = name_of(source), found.origin
        public = origin.is_plain_https and _is_at(origin.host, NETWORKS.get(name))
        return found.url if public or origin in self.own.get(name, ()) else None


PUBLIC = Networks()


def _is_at(host: str, network: Network | None) -> bool:
    """By whole labels: trustpilot.com.evil.example and evil-trustpilot.com are other people's."""
    _, _, parent = host.partition(".")
    return network is not None and (host in network.hosts or f"*.{parent}" in network.hosts)
