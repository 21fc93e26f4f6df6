"""What Mastodon servers are asked, and how their statuses are read into mentions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from domain.brand import OwnAccount
from domain.errors import ConfigError
from domain.mention import Author, Engagement, Mention, Standing
from listener.clean import (
    UnreadableError,
    clean,
    count,
    identifier,
    language,
    link,
    not_ahead,
    words,
)
from listener.dates import instant
from listener.html import as_text
from listener.query import Compiled, Dialect, compiled
from listener.source import Watch
from listener.texts import bio, joined, labelled
from listener.walk import ALL_THERE_IS

# https://docs.joinmastodon.org/user/discover/#search: words that must all be there, "phrases".
# It also knows -word, but a word written so finds nothing on a server that reads it otherwise.
DIALECT = Dialect(
    network="Mastodon",
    longest=400,
    either=None,
    without=None,
    groups=False,
    phrases=True,
    signs="#",
    source="mastodon",
    most_asks=30,
)
_LOOSE = "every word: hashtags bring other posts, too"
_TAG = re.compile(r"#(\w*[^\W\d]\w*)")  # a number alone is no hashtag there
_HANDLE = re.compile(r"@?([\w.-]+)@([\w.-]+\.\w+|localhost|[\d.]+)", re.ASCII)
_PROFILE = re.compile(r"https?://([^/\s]+)/(?:@|users/)([\w.-]+)", re.ASCII)  # an author's id
_PUBLIC = ("public", "unlisted")
_FIRST_TIMED_ID = 10**17  # ids of 2016 and later hold their time, in ms, above 16 bits


@dataclass(frozen=True, slots=True)
class Home:
    """The server that was asked."""

    host: str
    domain: str  # what stands behind the @ of its people


def asks(watch: Watch) -> Compiled:
    """What full text search is asked, where a token is given; hashtags are read in any case.

    A query that no 30 searches hold is not searched for: most people have no token, and shall not
    be kept from reading hashtags by what they do not use. Raises ConfigError when an own account
    is no account of a Mastodon server.
    """
    for own in watch.own_accounts:
        if own.source == "mastodon" and not handle_of(own):
            raise ConfigError(f"own account {own.account!r}: write it as user@server")
    try:
        found = compiled(watch.query, DIALECT)
    except ConfigError as error:
        return Compiled((), (f"everything: {error}",))
    return replace(found, left_here=(*found.left_here, _LOOSE))


def hashtags_of(watch: Watch) -> list[str]:
    """The hashtags that stand in the query itself, without #."""
    found = map(_TAG.fullmatch, watch.query.terms)
    return list(dict.fromkeys(one[1].lower() for one in found if one))


def handle_of(own: OwnAccount) -> str:
    """user@server of an own account, or of one written as its id; "" when it is none."""
    if handle := _HANDLE.fullmatch(own.account):
        return f"{handle[1]}@{handle[2]}"
    profile = _PROFILE.fullmatch(own.account)
    return f"{profile[2]}@{profile[1]}" if profile else ""


def standing_of(status: object) -> Standing:
    """What not everybody may read is hidden: with a token, a server also lists private answers.

    And what an account wrote that its server has suspended: it may come back.
    """
    given = status if isinstance(status, dict) else {}
    visibility, account = given.get("visibility"), given.get("account")
    suspended = isinstance(account, dict) and account.get("suspended") is True
    public = visibility is None or visibility in _PUBLIC
    return Standing.THERE if public and not suspended else Standing.HIDDEN


def read_statuses(
    statuses: Sequence[object], server: str, now: datetime, *, domain: str
) -> tuple[list[Mention], list[str]]:
    """The mentions, and one sentence for each that could not be read.

    server: its host; domain: what stands behind the @ of its people.
    """
    known = {local_id(status): uri_of(status) for status in statuses if uri_of(status)}
    mentions, broken = [], []
    for status in statuses:
        try:
            if standing_of(status) is Standing.THERE:
                mentions.append(_mention(status, Home(server, domain), known, now))
        except UnreadableError as error:
            broken.append(f"mastodon {uri_of(status) or 'status without uri'}: {error}")
    return mentions, broken


def uri_of(status: object) -> str:
    """What names it on every server alike; "" when it has no name."""
    given = status if isinstance(status, dict) else {}
    return words(given.get("uri")).strip() or words(given.get("url")).strip()


def local_id(status: object) -> str:
    """What this server alone calls it."""
    return identifier(status.get("id")) if isinstance(status, dict) else ""


def _mention(status: object, home: Home, known: Mapping[str, str], now: datetime) -> Mention:
    if not isinstance(status, dict):
        raise UnreadableError("it is no status")
    external_id = uri_of(status)
    if not external_id:
        raise UnreadableError("it has no uri")
    reposted = status.get("reblog")
    edited_at = _instant(status.get("edited_at"))
    return Mention(
        source="mastodon",
        external_id=external_id,
        text=_text(reposted if isinstance(reposted, dict) else status),
        published_at=not_ahead(_published_at(status), now),
        url=link(status.get("url")) or link(external_id),
        lang=language(status.get("language")),
        parent_id=_parent(status, home.host, known),
        conversation_id=None if identifier(status.get("in_reply_to_id")) else external_id,
        author=_author(status.get("account"), home.domain),
        engagement=Engagement(
            likes=count(status.get("favourites_count")),
            reposts=count(status.get("reblogs_count")),
            replies=count(status.get("replies_count")),
        ),
        is_repost=isinstance(reposted, dict),
        edited_at=not_ahead(edited_at, now) if edited_at else None,
        addressed=_addressed(status, home.domain),
    )


def _addressed(status: Mapping[str, Any], domain: str) -> tuple[str, ...]:
    """Whom it names by @; an answer begins with who is answered."""
    told = status.get("mentions")
    named = [_author(one, domain) for one in told] if isinstance(told, list) else []
    return tuple(name for one in named if one for name in (one.id, f"@{one.handle}"))


def _parent(status: Mapping[str, Any], server: str, known: Mapping[str, str]) -> str | None:
    """What it answers, quotes or reposts.

    Of an answer the server tells only its own number of the parent: where that is not on the page
    too, the number with the server stands for it.
    """
    if answered := identifier(status.get("in_reply_to_id")):
        return known.get(answered) or f"{server}/statuses/{answered}"
    quote = status.get("quote")
    quoted = quote.get("quoted_status") if isinstance(quote, dict) else None
    return uri_of(status.get("reblog")) or uri_of(quoted) or None


def _text(status: Mapping[str, Any]) -> str:
    """The warning that a reader sees first, what it hides, then pictures and a poll."""
    content = status.get("content")
    if not isinstance(content, str):
        raise UnreadableError("it has no content")
    warning = words(status.get("spoiler_text")).strip()
    return joined(warning, clean(as_text(content)), *_shown_below(status))


def _shown_below(status: Mapping[str, Any]) -> Iterator[str]:
    """What a server's search looks at, too."""
    for picture in _objects(status.get("media_attachments")):
        yield labelled("Picture", picture.get("description"))
    poll = status.get("poll")
    for choice in _objects(poll.get("options")) if isinstance(poll, dict) else ():
        yield labelled("Choice", choice.get("title"))


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _published_at(status: Mapping[str, Any]) -> datetime:
    at = _instant(status.get("created_at"))
    if at is not None and at > ALL_THERE_IS:
        return at
    number = local_id(status)
    if not re.fullmatch(r"[0-9]{18,19}", number) or int(number) < _FIRST_TIMED_ID:
        raise UnreadableError("it has no readable created_at")
    return datetime.fromtimestamp((int(number) >> 16) / 1000, tz=UTC)


def _instant(value: object) -> datetime | None:
    """The library has read most dates already; what it cannot read it leaves as it came."""
    if not isinstance(value, datetime):
        return instant(value)
    try:
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    except (OverflowError, ValueError):  # the library reads a zone of +99:00
        return None


def _author(account: object, domain: str) -> Author | None:
    """Whose name is complete: ana of this server is ana@domain, as every other server calls her."""
    given = account if isinstance(account, dict) else {}
    handle = words(given.get("acct")).strip().removeprefix("@")
    # Every server and version tells the address of the profile; the uri came with 4.2.
    url = link(given.get("url")) or link(given.get("uri"))
    if not handle or not url:
        return None
    return Author(
        id=url,
        handle=handle if "@" in handle else f"{handle}@{domain or urlsplit(url).netloc}",
        name=words(given.get("display_name")),
        bio=bio(clean(as_text(words(given.get("note")))), automated=given.get("bot") is True),
        url=url,
        followers=count(given.get("followers_count")),
        created_at=_instant(given.get("created_at")),
    )
