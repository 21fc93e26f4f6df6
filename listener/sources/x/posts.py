"""What X sends, read into mentions: both spellings of its fields, one broken post at a time.

X renamed tweet to post in its specification of 2026-08-07; the wire may follow per endpoint.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any

from domain.clock import parse_instant
from domain.mention import Author, Engagement, Mention
from listener.clean import UnreadableError, count, identifier, language, link, not_ahead, words
from listener.dates import instant
from listener.texts import bio, joined

_EPOCH_MS = 1_288_834_974_657  # of X's ids: the upper bits are milliseconds since then
_FIRST_TIMED_ID = 29_700_859_247  # ids before November 2010 hold no time
_SNOWFLAKE = re.compile(r"[0-9]{1,19}")
_BARE_LINK = re.compile(r"\s*https://t\.co/\w+\s*")
_PARENTS = ("replied_to", "quoted", "retweeted")


def read_page(
    answer: Mapping[str, Any], now: datetime
) -> tuple[tuple[Mention, ...], tuple[str, ...], int]:
    """The mentions of one page, a sentence for each post that could not be read, and their sum."""
    posts = _objects(answer.get("data"))
    includes = answer.get("includes")
    includes = includes if isinstance(includes, dict) else {}
    users = _by_id(includes.get("users"))
    others = _by_id(_either(includes, "tweets", "posts")) | _by_id(posts)
    firsts = {version: _first_id(post) for post in others.values() for version in _versions(post)}
    mentions, broken = [], []
    for post in posts:
        try:
            mentions.append(_mention(post, users, others, firsts, now))
        except UnreadableError as error:
            broken.append(f"x post {identifier(post.get('id')) or 'without id'}: {error}")
    strange = _length(answer.get("data")) - len(posts)
    broken.extend(["x: something that is no post"] * strange)
    return tuple(mentions), tuple(broken), len(posts) + strange


def _mention(
    post: Mapping[str, Any],
    users: Mapping[str, Mapping[str, Any]],
    others: Mapping[str, Mapping[str, Any]],
    firsts: Mapping[str, str],
    now: datetime,
) -> Mention:
    """A post by the id of its first version: each edit is a post of its own on X.

    firsts: the first version's id by that of any version, as far as the page tells. What a quote
    quotes is not its author's and is left out.
    """
    post_id, external_id = identifier(post.get("id")), _first_id(post)
    if not post_id:
        raise UnreadableError("it has no id")
    parents = _references(post)
    parent_id = next((parents[kind] for kind in _PARENTS if kind in parents), "")
    reposted = others.get(parents.get("retweeted", ""))
    author = _author(post, users)
    written_at = not_ahead(_written_at(post, post_id), now)
    edited = external_id != post_id
    return Mention(
        source="x",
        external_id=external_id,
        text=_text(reposted if reposted and _said(reposted) else post),
        published_at=(_told_by(external_id) or written_at) if edited else written_at,
        edited_at=written_at if edited else None,
        url=f"https://x.com/{(author and author.handle) or 'i'}/status/{post_id}",
        lang=language(post.get("lang")) or language((reposted or {}).get("lang")),
        parent_id=firsts.get(parent_id, parent_id) or None,
        conversation_id=identifier(post.get("conversation_id")) or None,
        author=author,
        engagement=_engagement(post),
        is_repost="retweeted" in parents,
        addressed=_addressed(post),
    )


def _addressed(post: Mapping[str, Any]) -> tuple[str, ...]:
    """Whom it answers, by id, and whom it names, by id and @handle."""
    texts = (post, _either(post, "note_tweet", "note_post"))
    named = [
        f"{mark}{name}"
        for text in texts
        if isinstance(text, dict) and isinstance(entities := text.get("entities"), dict)
        for one in _objects(entities.get("mentions"))
        for key, mark in (("id", ""), ("username", "@"))
        if (name := identifier(one.get(key)))
    ]
    answered = identifier(post.get("in_reply_to_user_id"))
    return tuple(dict.fromkeys(filter(None, (answered, *named))))


def _first_id(post: Mapping[str, Any]) -> str:
    return min(_versions(post), key=int, default=identifier(post.get("id")))


def _versions(post: Mapping[str, Any]) -> list[str]:
    """The ids of all versions; X tells those that were there when this one was written."""
    told = _either(post, "edit_history_tweet_ids", "edit_history_post_ids")
    listed = map(identifier, told) if isinstance(told, list) else ()
    return [one for one in listed if _SNOWFLAKE.fullmatch(one)]


def _references(post: Mapping[str, Any]) -> dict[str, str]:
    """Kind of reference -> id of the other post."""
    found = {}
    for reference in _objects(_either(post, "referenced_tweets", "referenced_posts")):
        kind, other = words(reference.get("type")), identifier(reference.get("id"))
        if other:
            found["retweeted" if kind == "reposted" else kind] = other
    return found


def _said(post: Mapping[str, Any]) -> str:
    """The text as sent: the whole of a long post, not the 280 characters shown at first."""
    note = _either(post, "note_tweet", "note_post")
    whole = words(note.get("text")) if isinstance(note, dict) else ""
    return whole or words(post.get("text"))


def _text(post: Mapping[str, Any]) -> str:
    """The words of the post, and those of an Article, of which it shows a link alone."""
    article = post.get("article")
    own = _own_text(post)
    if not isinstance(article, dict):
        return own
    body = words(article.get("plain_text")) or words(article.get("preview_text"))
    told = joined(words(article.get("title")), body)
    return joined("" if told and _BARE_LINK.fullmatch(own) else own, told)


def _own_text(post: Mapping[str, Any]) -> str:
    if not isinstance(post.get("text"), str) and not _said(post):
        raise UnreadableError("it has no text")
    whole, short = _said(post), words(post.get("text")).rpartition("…")[0]
    # X escapes & < > in `text`. If the long text begins like the short one unescaped, it is not
    # escaped itself, and a &lt; in it was typed by its author.
    if short and unescape(short) != short and whole.startswith(unescape(short)):
        return whole
    return unescape(whole)


def _written_at(post: Mapping[str, Any], post_id: str) -> datetime:
    """When this version was written."""
    try:
        return parse_instant(words(post.get("created_at")))
    except (ValueError, OverflowError):
        told = _told_by(post_id)
        if told is None:
            raise UnreadableError("it has no readable created_at") from None
        return told


def _told_by(post_id: str) -> datetime | None:
    """The time that is in an id; None where there is none."""
    number = int(post_id) if _SNOWFLAKE.fullmatch(post_id) else 0
    if number < _FIRST_TIMED_ID:
        return None
    return datetime.fromtimestamp(((number >> 22) + _EPOCH_MS) / 1000, tz=UTC)


def _author(post: Mapping[str, Any], users: Mapping[str, Mapping[str, Any]]) -> Author | None:
    author_id = identifier(post.get("author_id"))
    if not author_id:
        return None
    user = users.get(author_id, {})  # suspended and deleted authors are not included
    return Author(
        id=author_id,
        handle=words(user.get("username")),
        name=words(user.get("name")),
        bio=bio(words(user.get("description")), automated=_is_automated(user)),
        location=words(user.get("location")),
        url=link(user.get("url")),
        followers=_metric(user, "followers_count"),
        created_at=instant(user.get("created_at")),
    )


def _is_automated(user: Mapping[str, Any]) -> bool:
    """Whether X shows the label of an automated account below the name."""
    label = user.get("affiliation")
    shown = words(label.get("description")) if isinstance(label, dict) else ""
    return shown.casefold().startswith("automated")


def _engagement(post: Mapping[str, Any]) -> Engagement:
    return Engagement(
        likes=_metric(post, "like_count"),
        reposts=_metric(post, "retweet_count", "repost_count"),
        replies=_metric(post, "reply_count"),
        views=_metric(post, "impression_count"),
    )


def _metric(thing: Mapping[str, Any], *names: str) -> int | None:
    metrics = thing.get("public_metrics")
    return count(_either(metrics, *names)) if isinstance(metrics, dict) else None


def _either(thing: Mapping[str, Any], *names: str) -> object:
    """The first of these keys that holds something."""
    return next((thing[name] for name in names if thing.get(name) is not None), None)


def _objects(value: object) -> list[dict[str, Any]]:
    things = value if isinstance(value, list) else [value]
    return [thing for thing in things if isinstance(thing, dict)]


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else int(value is not None)


def _by_id(value: object) -> dict[str, dict[str, Any]]:
    return {identifier(thing.get("id")): thing for thing in _objects(value)}
