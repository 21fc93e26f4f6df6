"""What GitHub is asked, and how what it sends is read into mentions."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from domain.mention import Author, Engagement, Mention, Standing
from listener.clean import UnreadableError, count, identifier, link, not_ahead, words
from listener.dates import instant, needed
from listener.query import Compiled, Dialect, compiled
from listener.source import Watch
from listener.texts import bio

# AND, OR and NOT are understood, but at most five of them in a search: each OR is its own search,
# and what must not be there is left out here.
DIALECT = Dialect(
    network="GitHub",
    longest=256,  # without operators and qualifiers
    either=None,
    without=None,
    groups=False,
    phrases=True,
    fields={"author": "author:{}"},
    source="github",
    accounts=r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})",
)
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:\[bot\])?")

# https://docs.github.com/en/graphql/reference/objects#discussion
DISCUSSIONS = """
query($asked: String!, $after: String) {
  search(query: $asked, type: DISCUSSION, first: 50, after: $after) {
    nodes {
      ... on Discussion {
        id url title bodyText createdAt lastEditedAt upvoteCount
        author { __typename login url ... on User { databaseId } ... on Bot { databaseId } }
        comments { totalCount }
      }
    }
    pageInfo { endCursor hasNextPage }
  }
}"""
# The account's comments and replies alike, oldest first; there is no order to ask for.
# https://docs.github.com/en/graphql/reference/interfaces#repositorydiscussioncommentauthor
OWN_COMMENTS = """
query($login: String!, $before: String) {
  repositoryOwner(login: $login) {
    ... on RepositoryDiscussionCommentAuthor {
      repositoryDiscussionComments(last: 50, before: $before) {
        nodes {
          id url bodyText createdAt lastEditedAt deletedAt isMinimized minimizedReason upvoteCount
          author { login url ... on User { databaseId } ... on Organization { databaseId } }
          replyTo { id }
          discussion { id repository { isPrivate } }
        }
        pageInfo { startCursor hasPreviousPage }
      }
    }
  }
}"""
# A deleted comment stays while there are replies to it.
STANDING = """
query($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
    ... on RepositoryNode { repository { isPrivate } }
    ... on Minimizable { isMinimized minimizedReason }
    ... on DiscussionComment { deletedAt discussion { repository { isPrivate } } }
  }
}"""
# Why a comment is folded up that was in order: the others were unfit to be read.
_IN_ORDER = ("outdated", "resolved", "duplicate")


def standing_of(node: Mapping[str, Any]) -> Standing:
    """What is folded up for its words, or is in a repository that is closed, may be shown again."""
    if node.get("deletedAt"):
        return Standing.GONE
    about = node.get("discussion")
    where = (about if isinstance(about, dict) else node).get("repository")
    closed = isinstance(where, dict) and where.get("isPrivate") is True
    reason = words(node.get("minimizedReason")).lower()
    folded = node.get("isMinimized") is True and reason not in _IN_ORDER
    return Standing.HIDDEN if closed or folded else Standing.THERE


def asks(watch: Watch) -> Compiled:
    """What GitHub is asked, without the qualifiers that say where and when."""
    return compiled(watch.query, DIALECT)


def own_logins(watch: Watch) -> Iterator[tuple[str, bool]]:
    """The own accounts that may be GitHub's, and whether they were said to be."""
    for one in watch.own_accounts:
        named = one.source in ("", "github") and not one.is_id("github")  # searched by login only
        if named and _LOGIN.fullmatch(one.account):
            yield one.account, one.source == "github"


def issue(item: Mapping[str, Any], now: datetime) -> Mention:
    """An issue or a pull request; its id is the one that GraphQL knows, too."""
    external_id = _node_id(item)
    return Mention(
        source="github",
        external_id=external_id,
        text=_text(item, item.get("body")),
        published_at=not_ahead(needed(instant(item.get("created_at")), "created_at"), now),
        url=link(item.get("html_url")),
        conversation_id=external_id,
        author=_author(item.get("user")),
        engagement=Engagement(likes=_likes(item), replies=count(item.get("comments"))),
    )


def discussion(node: Mapping[str, Any], now: datetime) -> Mention:
    external_id = _node_id(node, "id")
    comments = node.get("comments")
    return Mention(
        source="github",
        external_id=external_id,
        text=_text(node, node.get("bodyText")),
        published_at=not_ahead(needed(instant(node.get("createdAt")), "createdAt"), now),
        url=link(node.get("url")),
        conversation_id=external_id,
        author=_actor(node.get("author")),
        engagement=Engagement(
            likes=count(node.get("upvoteCount")),
            replies=count(comments.get("totalCount")) if isinstance(comments, dict) else None,
        ),
        edited_at=instant(node.get("lastEditedAt")),
    )


def discussion_comment(node: Mapping[str, Any], now: datetime) -> list[Mention]:
    """What an own account said below a discussion; nothing where it is deleted or not public."""
    about = node.get("discussion")
    where = about.get("repository") if isinstance(about, dict) else None
    is_public = isinstance(where, dict) and where.get("isPrivate") is False
    if not isinstance(about, dict) or not is_public or standing_of(node) is not Standing.THERE:
        return []
    if not isinstance(node.get("bodyText"), str):
        raise UnreadableError("it has no bodyText")
    discussion_id, above = _node_id(about, "id"), node.get("replyTo")
    return [
        Mention(
            source="github",
            external_id=_node_id(node, "id"),
            text=words(node.get("bodyText")),
            published_at=not_ahead(needed(instant(node.get("createdAt")), "createdAt"), now),
            url=link(node.get("url")),
            parent_id=_node_id(above, "id") if isinstance(above, dict) else discussion_id,
            conversation_id=discussion_id,
            author=_actor(node.get("author")),
            engagement=Engagement(likes=count(node.get("upvoteCount"))),
            edited_at=instant(node.get("lastEditedAt")),
        )
    ]


def comment(event: Mapping[str, Any], now: datetime) -> list[Mention]:
    """What an own account answered, out of what it did; nothing when it did something else."""
    if event.get("type") != "IssueCommentEvent":
        return []
    payload = event.get("payload")
    payload = payload if isinstance(payload, dict) else {}
    said, about = payload.get("comment"), payload.get("issue")
    if not isinstance(said, dict) or not isinstance(about, dict):
        raise UnreadableError("it has no comment or no issue")
    return [_answer(said, about, now)] if payload.get("action") == "created" else []


def _answer(said: Mapping[str, Any], about: Mapping[str, Any], now: datetime) -> Mention:
    if not isinstance(said.get("body"), str):
        raise UnreadableError("it has no body")
    issue_id = _node_id(about)
    return Mention(
        source="github",
        external_id=_node_id(said),
        text=words(said.get("body")),
        published_at=not_ahead(needed(instant(said.get("created_at")), "created_at"), now),
        url=link(said.get("html_url")),
        parent_id=issue_id,
        conversation_id=issue_id,
        author=_author(said.get("user")),
        engagement=Engagement(likes=_likes(said)),
    )


def name(thing: Mapping[str, Any]) -> str:
    """What to call a thing that could not be read."""
    said = link(thing.get("html_url")) or link(thing.get("url")) or "thing without address"
    return f"github {said}"


def _text(thing: Mapping[str, Any], body: object) -> str:
    title = thing.get("title")
    if not isinstance(title, str):
        raise UnreadableError("it has no title")
    return f"{words(title)}\n\n{words(body)}".strip()


def _node_id(thing: Mapping[str, Any], field: str = "node_id") -> str:
    found = identifier(thing.get(field))
    if not found:
        raise UnreadableError(f"it has no {field}")
    return found


def _actor(author: object) -> Author | None:
    """An author in the words of GraphQL."""
    said = author if isinstance(author, dict) else {}
    kind = said.get("__typename")
    return _author(
        {**said, "id": said.get("databaseId"), "html_url": said.get("url"), "type": kind}
    )


def _author(user: object) -> Author | None:
    login = words(user.get("login")) if isinstance(user, dict) else ""
    if not isinstance(user, dict) or not login or login == "ghost":
        return None  # GitHub's name for accounts that are gone
    return Author(
        id=identifier(user.get("id")) or login,
        handle=login,
        bio=bio("", automated=user.get("type") == "Bot" or login.endswith("[bot]")),
        url=link(user.get("html_url")),
    )


def _likes(thing: Mapping[str, Any]) -> int | None:
    reactions = thing.get("reactions")
    return count(reactions.get("+1")) if isinstance(reactions, dict) else None
