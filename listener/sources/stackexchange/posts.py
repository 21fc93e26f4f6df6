"""What Stack Exchange is asked, and how what it sends is read into mentions."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from html import unescape
from typing import Any

from domain.errors import ConfigError
from domain.mention import Author, Engagement, Mention
from listener.clean import UnreadableError, clean, count, identifier, link, not_ahead, words
from listener.dates import epoch, needed
from listener.html import as_text
from listener.keys import SITE
from listener.query import Compiled, Dialect, compiled
from listener.source import Watch
from listener.texts import bio

# Its search is said to go "by an undocumented algorithm": asked for words and phrases alone.
DIALECT = Dialect(
    network="Stack Exchange",
    longest=240,
    either=None,
    without=None,
    groups=False,
    phrases=True,
    source="stackexchange",
)
_COMMUNITY = "-1"  # the number of the account by which each site itself acts
_LOOSE = "every word: its search is loose"


def asks(watch: Watch) -> Compiled:
    """What each site is asked; all that comes is matched here once more."""
    own_accounts(watch)
    found = compiled(watch.query, DIALECT)
    return replace(found, left_here=(*found.left_here, _LOOSE))


def own_accounts(watch: Watch) -> list[tuple[str, str]]:
    """Site and number of each own account. Raises ConfigError when one is written otherwise."""
    found = []
    for one in watch.own_accounts:
        if one.source == "stackexchange":
            written = re.fullmatch(rf"({SITE})/([0-9]{{1,12}})", one.account)
            if written is None:
                raise ConfigError(
                    f"own account {one.account!r}: write stackexchange:SITE/USER_ID, for example "
                    "stackexchange:stackoverflow/22656"
                )
            found.append((written[1], written[2]))
    return found


def external_id(site: str, post_id: object) -> str:
    """Numbers are given anew on each site. Raises UnreadableError when there is none."""
    number = identifier(post_id)
    if not number:
        raise UnreadableError("it has no id")
    return f"{site}/{number}"


def found_id(hit: Mapping[str, Any]) -> str:
    """The number of the post that a search result is about; "" when it has none."""
    kind = "answer_id" if hit.get("item_type") == "answer" else "question_id"
    return identifier(hit.get(kind))


def post(site: str, hit: Mapping[str, Any], whole: Mapping[str, Any], now: datetime) -> Mention:
    """A question or an answer: the search result knows the thread, the post the whole text."""
    own_id = external_id(site, whole.get("post_id"))
    question_id = external_id(site, hit.get("question_id"))
    is_answer = hit.get("item_type") == "answer"
    title = "" if is_answer else clean(unescape(words(hit.get("title"))))
    return Mention(
        source="stackexchange",
        external_id=own_id,
        text=f"{title}\n\n{_body(whole)}".strip(),
        published_at=_created_at(whole, now),
        url=link(whole.get("link")),
        parent_id=question_id if is_answer else None,
        conversation_id=question_id,
        author=_author(site, whole.get("owner")),
        engagement=Engagement(
            likes=count(whole.get("score")),
            replies=None if is_answer else count(hit.get("answer_count")),
        ),
        edited_at=epoch(whole.get("last_edit_date")),
    )


def own_answer(site: str, item: Mapping[str, Any], now: datetime) -> Mention:
    """An answer, or a comment, of one of the brand's own accounts."""
    is_comment = "comment_id" in item
    number = identifier(item.get("comment_id" if is_comment else "answer_id"))
    parent_id = external_id(site, item.get("post_id" if is_comment else "question_id"))
    return Mention(
        source="stackexchange",
        # Comments are counted apart from posts: a letter keeps them from meeting one.
        external_id=external_id(site, f"c{number}" if is_comment and number else number),
        text=_body(item),
        published_at=_created_at(item, now),
        url=link(item.get("link")),
        parent_id=parent_id,
        conversation_id=None if is_comment else parent_id,
        author=_author(site, item.get("owner")),
        engagement=Engagement(likes=count(item.get("score"))),
        edited_at=epoch(item.get("last_edit_date")),
    )


def _body(item: Mapping[str, Any]) -> str:
    if not isinstance(item.get("body"), str):
        raise UnreadableError("it has no body")
    return as_text(words(item.get("body")))


def _created_at(item: Mapping[str, Any], now: datetime) -> datetime:
    return not_ahead(needed(epoch(item.get("creation_date")), "creation_date"), now)


def _author(site: str, owner: object) -> Author | None:
    """No handle: the name shown is free to choose, so it proves nothing."""
    number = identifier(owner.get("user_id")) if isinstance(owner, dict) else ""
    if not isinstance(owner, dict) or not number:
        return None  # deleted
    return Author(
        id=f"{site}/{number}",
        handle="",
        name=clean(unescape(words(owner.get("display_name")))),
        bio=bio("", automated=number == _COMMUNITY),
        url=link(owner.get("link")),
    )
