"""What YouTube is asked, and how its comments and videos are read into mentions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.mention import Author, Engagement, Mention, Standing
from listener.clean import UnreadableError, clean, count, identifier, link, not_ahead, words
from listener.dates import instant, needed
from listener.html import as_text
from listener.query import Compiled, Dialect, compiled
from listener.source import Watch

# https://developers.google.com/youtube/v3/docs/search/list: - and | before and between words.
DIALECT = Dialect(
    network="YouTube",
    longest=200,  # no limit is written
    either="|",
    without="-",
    groups=False,
    phrases=False,
    source="youtube",
    most_asks=4,  # the whole key has 100 searches a day
)
_SITE = "https://www.youtube.com"
# Title and description of what a list still holds.
_PRIVATE = ("Private video", "This video is private.")
_DELETED = ("Deleted video", "This video is unavailable.")


def asks(watch: Watch) -> Compiled:
    """What the search for videos is asked.

    Nothing is left to be matched elsewhere: the source itself keeps what answers the query, and of
    a brand's own videos every comment.
    """
    return Compiled(compiled(watch.query, DIALECT).asks, ())


def comment_of(thing: object, video: str, now: datetime) -> Mention:
    """A comment or a reply; video: where it stands, "" where that is not told.

    Raises UnreadableError when it cannot be a comment.
    """
    snippet = part(thing, "snippet")
    external_id = name_of(thing)
    if not external_id:
        raise UnreadableError("it has no id")
    published_at = needed(instant(snippet.get("publishedAt")), "publishedAt")
    updated_at = instant(snippet.get("updatedAt"))
    edited = updated_at is not None and updated_at > published_at
    video = words(snippet.get("videoId")) or video
    return Mention(
        source="youtube",
        external_id=external_id,
        text=_text(snippet),
        published_at=not_ahead(published_at, now),
        url=f"{_SITE}/watch?v={video}&lc={external_id}" if video else "",
        parent_id=words(snippet.get("parentId")) or video or None,
        conversation_id=video or None,
        author=_author(snippet),
        engagement=Engagement(likes=count(snippet.get("likeCount"))),
        edited_at=not_ahead(updated_at, now) if updated_at and edited else None,
    )


def video_of(thing: object, now: datetime) -> Mention:
    """A video that was found; its title and description come escaped as HTML."""
    snippet = part(thing, "snippet")
    external_id = words(part(thing, "id").get("videoId"))
    if not external_id:
        raise UnreadableError("it has no videoId")
    shown = [as_text(words(snippet.get(name))) for name in ("title", "description")]
    if not any(shown):
        raise UnreadableError("it has neither title nor description")
    channel, name = words(snippet.get("channelId")), words(snippet.get("channelTitle"))
    return Mention(
        source="youtube",
        external_id=external_id,
        text=clean("\n\n".join(filter(None, shown))),
        published_at=not_ahead(needed(instant(snippet.get("publishedAt")), "publishedAt"), now),
        url=f"{_SITE}/watch?v={external_id}",
        conversation_id=external_id,
        author=Author(id=channel, handle=name or channel, name=name) if channel else None,
    )


def standing_of(thing: object) -> Standing:
    """What is private, or held back by YouTube or a channel, may be shown again."""
    given = thing if isinstance(thing, dict) else {}
    status, snippet = (given.get(name) for name in ("status", "snippet"))
    status = status if isinstance(status, dict) else {}
    snippet = snippet if isinstance(snippet, dict) else {}
    shown = (snippet.get("title"), snippet.get("description"))
    if status.get("uploadStatus") == "deleted" or shown == _DELETED:
        return Standing.GONE
    held = status.get("privacyStatus") == "private" or status.get("uploadStatus") == "rejected"
    held = held or snippet.get("moderationStatus", "published") != "published"
    return Standing.HIDDEN if held or shown == _PRIVATE else Standing.THERE


def part(thing: object, name: str) -> Mapping[str, Any]:
    """An object within an object. Raises UnreadableError when there is none."""
    found = thing.get(name) if isinstance(thing, dict) else None
    if not isinstance(found, dict):
        raise UnreadableError(f"it has no {name}")
    return found


def name_of(thing: object) -> str:
    """The id of a comment or thread, "" when there is none."""
    return identifier(thing.get("id")) if isinstance(thing, dict) else ""


def _text(snippet: Mapping[str, Any]) -> str:
    """As it was written, else as it is shown, which is HTML."""
    if isinstance(snippet.get("textOriginal"), str):
        return words(snippet.get("textOriginal")).strip()
    if not isinstance(snippet.get("textDisplay"), str):
        raise UnreadableError("it has neither textOriginal nor textDisplay")
    return clean(as_text(words(snippet.get("textDisplay"))))


def _author(snippet: Mapping[str, Any]) -> Author | None:
    channel = snippet.get("authorChannelId")
    known = words(channel.get("value")) if isinstance(channel, dict) else ""
    name = words(snippet.get("authorDisplayName")).strip()
    handle = name.removeprefix("@")
    if not known and not handle:
        return None
    url = link(snippet.get("authorChannelUrl"))
    return Author(id=known or handle, handle=handle or known, name=name, url=url)
