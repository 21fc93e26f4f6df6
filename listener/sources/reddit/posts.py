"""What Reddit lists, read into mentions: one broken thing at a time.

Reddit is asked with raw_json=1, so texts are not escaped and must not be unescaped.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.errors import RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.clean import UnreadableError, count, identifier, not_ahead, words
from listener.sources.reddit.standing import standing_of
from listener.texts import joined, labelled
from listener.walk import Answer

_SITE = "https://www.reddit.com"


def read_listing(answer: object, now: datetime) -> Answer:
    """One page, without what was taken back. Raises RemoteError when it is no listing at all."""
    data = answer.get("data") if isinstance(answer, dict) else None
    children = data.get("children") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(children, list):
        raise RemoteError("reddit: the answer is no listing; will be tried again")
    mentions, broken = [], []
    for child in children:
        try:
            if standing_of(_thing(child)) is Standing.THERE:
                mentions.append(_mention(child, now))
        except UnreadableError as error:
            broken.append(f"reddit {_name(child)}: {error}")
    return Answer(tuple(mentions), len(children), tuple(broken), words(data.get("after")))


def standings(answer: object, fullnames: Collection[str]) -> dict[str, Standing]:
    """What has become of these things, by an answer that was asked for all of them.

    What is left out is not shown to us, as in a subreddit that is private now: Reddit leaves out
    nothing that was deleted. Unless something there could not be read, which may be it.
    Raises RemoteError when it is no listing at all.
    """
    data = answer.get("data") if isinstance(answer, dict) else None
    children = data.get("children") if isinstance(data, dict) else None
    if not isinstance(children, list):
        raise RemoteError("reddit: the answer is no listing; will be tried again")
    things = map(_thing, children)
    told = {name: standing_of(thing) for thing in things if (name := words(thing.get("name")))}
    missing = dict.fromkeys(fullnames, Standing.HIDDEN) if len(told) == len(children) else {}
    return {name: standing for name, standing in (missing | told).items() if name in fullnames}


def fullname(external_id: str) -> str:
    """Reddit's own name of a thing of ours."""
    return external_id if external_id.startswith("t1_") else f"t3_{external_id}"


def _thing(child: object) -> Mapping[str, Any]:
    """An empty one where there is none."""
    thing = child.get("data") if isinstance(child, dict) else None
    return thing if isinstance(thing, dict) else {}


def _mention(child: object, now: datetime) -> Mention:
    thing = _thing(child)
    if not isinstance(child, dict) or not thing:
        raise UnreadableError("it is no thing of Reddit")
    if child.get("kind") == "t3":
        return _submission(thing, now)
    if child.get("kind") == "t1":
        return _comment(thing, now)
    raise UnreadableError(
        f"it is of kind {words(child.get('kind'))!r}, neither submission nor comment"
    )


def _submission(thing: Mapping[str, Any], now: datetime) -> Mention:
    external_id = _id(thing)
    title, body = words(thing.get("title")), words(thing.get("selftext"))
    text = joined(title, body, *_shown_below(thing, title))
    if not text and not isinstance(thing.get("title"), str):
        raise UnreadableError("it has no title")
    return Mention(
        source="reddit",
        external_id=external_id,
        text=text,
        published_at=not_ahead(_created_at(thing), now),
        url=_url(thing, external_id),
        parent_id=_plain_id(thing.get("crosspost_parent")),
        conversation_id=external_id,
        author=_author(thing),
        engagement=_engagement(thing),
        edited_at=_edited_at(thing, now),
    )


def _shown_below(thing: Mapping[str, Any], title: str) -> Iterator[str]:
    """The post that was passed on, the choices of a poll, the captions of pictures."""
    for original in _objects(thing.get("crosspost_parent_list")):
        if standing_of(original) is not Standing.THERE:
            continue
        author = words(original.get("author"))
        parts = [words(original.get(key)) for key in ("title", "selftext")]
        label = f"Crosspost of u/{author}" if author else "Crosspost"
        yield labelled(label, *(part for part in parts if part != title))
    for choice in _objects(_object(thing.get("poll_data")).get("options")):
        yield labelled("Choice", choice.get("text"))
    for picture in _objects(_object(thing.get("gallery_data")).get("items")):
        yield labelled("Picture", picture.get("caption"))


def _comment(thing: Mapping[str, Any], now: datetime) -> Mention:
    """Ids of comments keep their t1_, so that they never meet a submission's."""
    if not isinstance(thing.get("body"), str):
        raise UnreadableError("it has no body")
    return Mention(
        source="reddit",
        external_id=f"t1_{_id(thing)}",
        text=words(thing.get("body")),
        published_at=not_ahead(_created_at(thing), now),
        url=_url(thing, ""),
        parent_id=_plain_id(thing.get("parent_id")),
        conversation_id=_plain_id(thing.get("link_id")),
        author=_author(thing),
        engagement=_engagement(thing),
        edited_at=_edited_at(thing, now),
    )


def _id(thing: Mapping[str, Any]) -> str:
    found = identifier(thing.get("id")) or words(thing.get("name"))[3:]
    if not found:
        raise UnreadableError("it has no id")
    return found


def _plain_id(fullname: object) -> str | None:
    """A fullname as an external_id of ours: submissions without t3_, comments with t1_."""
    return words(fullname).removeprefix("t3_") or None


def _created_at(thing: Mapping[str, Any]) -> datetime:
    created = _instant(thing.get("created_utc"))
    if created is None:
        raise UnreadableError("it has no readable created_utc")
    return created


def _edited_at(thing: Mapping[str, Any], now: datetime) -> datetime | None:
    """When it was last changed; Reddit says false, or nothing at all, where it was not."""
    edited = _instant(thing.get("edited"))
    return None if edited is None else not_ahead(edited, now)


def _instant(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _author(thing: Mapping[str, Any]) -> Author | None:
    name = words(thing.get("author"))
    if not name:
        return None
    return Author(id=words(thing.get("author_fullname")) or name, handle=name)


def _engagement(thing: Mapping[str, Any]) -> Engagement:
    return Engagement(
        likes=count(thing.get("score")),
        reposts=count(thing.get("num_crossposts")),
        replies=count(thing.get("num_comments")),
        views=count(thing.get("view_count")),
    )


def _url(thing: Mapping[str, Any], external_id: str) -> str:
    path = words(thing.get("permalink")).partition("?")[0]
    if path.startswith("/"):
        return f"{_SITE}{path}"
    return f"{_SITE}/comments/{external_id}" if external_id else ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _name(child: object) -> str:
    thing = _thing(child)
    return words(thing.get("name")) or identifier(thing.get("id")) or "thing without id"
