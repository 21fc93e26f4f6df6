"""What Bluesky is asked, and how its post views are read into mentions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.brand import OwnAccount
from domain.errors import ConfigError, RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.clean import UnreadableError, clean, count, language, link, not_ahead, words
from listener.dates import instant, needed
from listener.html import whole_link
from listener.query import Compiled, Dialect, compiled
from listener.source import Watch
from listener.texts import bio, joined, labelled
from listener.walk import ALL_THERE_IS

# https://bsky.social/about/blog/05-31-2024-search: words that must all be there, "phrases", #tags.
# OR is read as a word (christopherkenny/bskyr#19), -word works at times and at times does not, and
# lang: would leave out all posts that name no language.
DIALECT = Dialect(
    network="Bluesky",
    longest=500,
    either=None,
    without=None,
    groups=False,
    phrases=True,
    signs="#",
    source="bluesky",
    most_asks=30,  # of 3,000 requests in 5 minutes
)
_HANDLE = r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*|did:[a-z]+:[a-z0-9.:%_-]+"
_POST = re.compile(r"at://(did:[^/\s]+)/app\.bsky\.feed\.post/([^/\s]+)")
_LINK = "app.bsky.richtext.facet#link"
_WITHHELD = ("!takedown", "!suspend", "!hide")
_NO_HANDLE = "handle.invalid"  # what Bluesky writes where a domain no longer answers for it


def asks(watch: Watch) -> Compiled:
    """What the search is asked, one search each.

    Raises ConfigError when an own account is no account of Bluesky.
    """
    own_accounts(watch)
    return compiled(watch.query, DIALECT, languages=watch.languages)


def own_accounts(watch: Watch) -> list[OwnAccount]:
    """Those that may be on Bluesky: handles are domains. Raises ConfigError as asks does."""
    found = []
    for own in watch.own_accounts:
        if own.source in ("", "bluesky") and re.fullmatch(_HANDLE, own.account, re.IGNORECASE):
            found.append(own)
        elif own.source == "bluesky":
            raise ConfigError(
                f"own account {own.account!r}: write the whole handle, such as acme.bsky.social, "
                "or the DID"
            )
    return found


def author_of(external_id: str) -> str:
    """The DID of the author of a post; "" when it is no address of one."""
    named = _POST.fullmatch(external_id)
    return named[1] if named else ""


def listed(answer: Mapping[str, Any], name: str) -> list[Any]:
    """The list of that name in an answer. Raises RemoteError when it holds none."""
    things = answer.get(name)
    if not isinstance(things, list):
        raise RemoteError(f"bluesky: the answer holds no {name}; will be tried again")
    return things


def read_posts(posts: Sequence[object], now: datetime) -> tuple[list[Mention], list[str]]:
    """The mentions, without what was withdrawn, and a sentence for each that cannot be read."""
    mentions, broken = [], []
    for post in posts:
        try:
            if standing_of(post) is Standing.THERE:
                mentions.append(_mention(post, now))
        except UnreadableError as error:
            broken.append(f"bluesky {uri_of(post) or 'post without uri'}: {error}")
    return mentions, broken


def uri_of(post: object) -> str:
    return words(post.get("uri")) if isinstance(post, dict) else ""


def standing_of(post: object) -> Standing:
    """What moderation or a block has taken away, or its whole author, may be shown again."""
    given = _object(post)
    if given.get("notFound") is True:
        return Standing.GONE
    withheld = is_withheld(given) or is_withheld(_object(given.get("author")))
    return Standing.HIDDEN if withheld or given.get("blocked") is True else Standing.THERE


def is_withheld(thing: Mapping[str, Any]) -> bool:
    """Whether a post or an account is labelled as taken away, or the account is blocked."""
    viewer = _object(thing.get("viewer"))
    blocked = viewer.get("blockedBy") is True or bool(viewer.get("blocking"))
    return blocked or any(label.get("val") in _WITHHELD for label in _labels(thing))


def _labels(thing: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [label for label in _objects(thing.get("labels")) if not label.get("neg")]


def _mention(post: object, now: datetime) -> Mention:
    uri = uri_of(post)
    named = _POST.fullmatch(uri)
    if not isinstance(post, dict) or named is None:
        raise UnreadableError("it has no address of a post")
    record = _object(post.get("record"))
    reply = _object(record.get("reply"))
    author = _author(post)
    return Mention(
        source="bluesky",
        external_id=uri,
        text=text_of(record),
        published_at=not_ahead(_published_at(post, record), now),
        url=f"https://bsky.app/profile/{(author and author.handle) or named[1]}/post/{named[2]}",
        lang=language(next(iter(_texts(record.get("langs"))), None)),
        parent_id=uri_of(reply.get("parent")) or _quoted(record) or None,
        conversation_id=uri_of(reply.get("root")) or uri,
        author=author,
        engagement=Engagement(
            likes=count(post.get("likeCount")),
            reposts=count(post.get("repostCount")),
            replies=count(post.get("replyCount")),
        ),
    )


def text_of(record: Mapping[str, Any]) -> str:
    """The author's words, then those of what is shown below: by them it may have been found."""
    return joined(_own_text(record), *_shown_below(record))


def _shown_below(record: Mapping[str, Any]) -> Iterator[str]:
    """A link's card, what pictures and films show, and the hashtags that stand apart."""
    embed = _object(record.get("embed"))
    for shown in (embed, _object(embed.get("media"))):
        card = _object(shown.get("external"))
        yield labelled("Link", card.get("title"), card.get("description"), link(card.get("uri")))
        for picture in _objects(shown.get("images")):
            yield labelled("Picture", picture.get("alt"))
        yield labelled("Film", shown.get("alt"))
    yield labelled("Tags", " ".join(f"#{tag}" for tag in _texts(record.get("tags"))))


def _own_text(record: Mapping[str, Any]) -> str:
    """The body, with the links whole that are shown shortened.

    Facets count bytes of UTF-8; what a careless client counted otherwise changes nothing.
    """
    text = record.get("text")
    if not isinstance(text, str):
        raise UnreadableError("it has no text")
    data = text.encode("utf-8", "surrogatepass")
    kept, at = b"", 0
    for begins, ends, address in sorted(_links(record)):
        if at <= begins < ends <= len(data) and whole_link(_shown(data[begins:ends]), address):
            kept += data[at:begins] + address.encode()
            at = ends
    return clean((kept + data[at:]).decode("utf-8", "surrogatepass"))


def _shown(piece: bytes) -> str:
    """The words of a facet, "" when it cuts through a character."""
    try:
        return piece.decode("utf-8").strip()
    except UnicodeDecodeError:
        return ""


def _links(record: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    for facet in _objects(record.get("facets")):
        index = _object(facet.get("index"))
        begins, ends = count(index.get("byteStart")), count(index.get("byteEnd"))
        for feature in _objects(facet.get("features")):
            address = link(feature.get("uri"))
            if feature.get("$type") == _LINK and address and begins is not None and ends:
                yield begins, ends, address


def _quoted(record: Mapping[str, Any]) -> str:
    """The post that is shown below the words; with pictures it lies one record deeper."""
    embedded = _object(_object(record.get("embed")).get("record"))
    uri = uri_of(embedded) or uri_of(embedded.get("record"))
    return uri if _POST.fullmatch(uri) else ""


def _published_at(post: Mapping[str, Any], record: Mapping[str, Any]) -> datetime:
    """When its author says; when Bluesky first saw it where that is missing, absurd or later."""
    said, seen = instant(record.get("createdAt")), instant(post.get("indexedAt"))
    if said is None or said < ALL_THERE_IS or (seen is not None and said > seen):
        return needed(seen, "createdAt and indexedAt")
    return said


def _author(post: Mapping[str, Any]) -> Author | None:
    author = _object(post.get("author"))
    did, handle = words(author.get("did")), words(author.get("handle"))
    if not did:
        return None
    return Author(
        id=did,
        handle="" if handle == _NO_HANDLE else handle,
        name=words(author.get("displayName")),
        bio=bio("", automated=any(one.get("val") == "bot" for one in _labels(author))),
        created_at=instant(author.get("createdAt")),
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
