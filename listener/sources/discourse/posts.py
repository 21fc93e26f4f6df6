"""What a Discourse forum lists, read into mentions."""

import re
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from domain.mention import Author, Engagement, Mention, Standing
from listener.clean import UnreadableError, clean, count, identifier, language, not_ahead, words
from listener.dates import instant, needed
from listener.html import as_text
from listener.texts import bio, joined, labelled

_QUOTE = re.compile(r"\[quote[^\]\n]{0,300}\]|\[/quote\]", re.IGNORECASE)
_UPLOAD = re.compile(r"(?P<picture>!?)\[(?P<name>[^\]\n]{0,500})\]\(upload://[^)\s]{1,300}\)")
# What stands in its place until it is deleted, in English: a forum of another language tells it by
# user_deleted alone.
_WITHDRAWN = re.compile(r"\((?:post|topic) (?:deleted|withdrawn) by author\b.*\)", re.IGNORECASE)
_LIKES = 2  # the number of this kind of action
_REGULAR = 1  # post_type: the others are notices of moderators and of the forum itself


def host_of(server: str) -> str:
    """The name of a forum; one that lives in a folder keeps it."""
    parts = urlsplit(server)
    return f"{parts.netloc}{parts.path}".rstrip("/").lower()


def post(server: str, thing: Mapping[str, Any], now: datetime) -> list[Mention]:
    """A post by its place: topic and number, which is how answers name what they answer.

    Nothing for what its author or a moderator has taken away, and for notices.
    """
    if standing_of(thing) is not Standing.THERE:
        return []
    if thing.get("post_type") not in (None, _REGULAR):
        return []
    topic_id, number = identifier(thing.get("topic_id")), identifier(thing.get("post_number"))
    if not topic_id or not number:
        raise UnreadableError("it has no topic_id or no post_number")
    answered = identifier(thing.get("reply_to_post_number"))
    if not answered and number != "1":
        answered = "1"
    host = host_of(server)
    published_at = needed(instant(thing.get("created_at")), "created_at")
    return [
        Mention(
            source="discourse",
            external_id=f"{host}/{topic_id}/{number}",
            text=_text(thing, is_first=number == "1"),
            published_at=not_ahead(published_at, now),
            url=f"{server}/t/{topic_id}/{number}",
            lang=language(thing.get("locale")),
            parent_id=f"{host}/{topic_id}/{answered}" if answered else None,
            conversation_id=f"{host}/{topic_id}/1",
            author=_author(server, thing),
            engagement=Engagement(
                likes=_likes(thing.get("actions_summary")),
                replies=count(thing.get("reply_count")),
                views=count(thing.get("reads")),
            ),
            edited_at=_edited_at(thing),
        )
    ]


def standing_of(thing: Mapping[str, Any]) -> Standing:
    """What its author withdrew is gone; what flags have hidden may be shown again."""
    said = words(thing.get("raw")) or as_text(words(thing.get("cooked")))
    withdrawn = thing.get("user_deleted") is True or _WITHDRAWN.fullmatch(said.strip())
    if thing.get("deleted_at") or withdrawn:
        return Standing.GONE
    is_hidden = thing.get("hidden") is True or thing.get("cooked_hidden") is True
    return Standing.HIDDEN if is_hidden else Standing.THERE


def post_id(thing: Mapping[str, Any]) -> int | None:
    """The number by which the listing goes on."""
    return count(thing.get("id"))


def without_quotes(raw: str) -> str:
    """A post's own words: [quote] … [/quote] holds somebody else's. An open one is left in."""
    kept, depth, own_from = [], 0, 0
    for mark in _QUOTE.finditer(raw):
        closes = mark[0].startswith("[/")
        if not closes and depth == 0:
            kept.append(raw[own_from : mark.start()])
            own_from = mark.start()
        if closes and depth == 1:
            own_from = mark.end()
        depth = max(0, depth - 1) if closes else depth + 1
    kept.append(raw[own_from:])
    return "".join(kept).strip()


def _text(thing: Mapping[str, Any], *, is_first: bool) -> str:
    if isinstance(thing.get("raw"), str):
        body = _UPLOAD.sub(_described, without_quotes(words(thing.get("raw"))))
    elif isinstance(thing.get("cooked"), str):
        body = as_text(words(thing.get("cooked")))
    else:
        raise UnreadableError("it has neither raw nor cooked")
    title = clean(unescape(words(thing.get("topic_title")))) if is_first else ""
    return joined(title, body)


def _described(upload: re.Match[str]) -> str:
    """What a reader is told of an upload: ![a kettle|690x388](upload://…) shows its first words."""
    return labelled("Picture" if upload["picture"] else "File", upload["name"].partition("|")[0])


def _author(server: str, thing: Mapping[str, Any]) -> Author | None:
    """With the forum's name: the same user name on another forum is another person."""
    username = words(thing.get("username"))
    if not username:
        return None
    host = host_of(server)
    number = identifier(thing.get("user_id")) or username
    return Author(
        id=f"{number}@{host}",
        handle=f"{username}@{host}",
        name=words(thing.get("name")) or words(thing.get("display_username")),
        bio=bio("", automated=(count(thing.get("user_id")) or 0) < 0),  # the forum's own
        url=f"{server}/u/{username}",
    )


def _likes(actions: object) -> int | None:
    for action in actions if isinstance(actions, list) else ():
        if isinstance(action, dict) and action.get("id") == _LIKES:
            return count(action.get("count"))
    return None


def _edited_at(thing: Mapping[str, Any]) -> datetime | None:
    edits = count(thing.get("version"))
    return instant(thing.get("updated_at")) if edits is not None and edits > 1 else None
