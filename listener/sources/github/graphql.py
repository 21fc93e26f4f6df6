"""What of GitHub only its GraphQL knows: discussions, their answers, and what still stands."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.errors import RemoteError
from domain.mention import Standing
from listener.clean import words
from listener.pages import read_each
from listener.sources.github.posts import (
    DISCUSSIONS,
    OWN_COMMENTS,
    STANDING,
    discussion,
    discussion_comment,
    name,
    standing_of,
)
from listener.walk import Answer
from net.json_api import Api

_PAUSE = timedelta(minutes=1)
_NOT_SHOWN = ("NOT_FOUND", "FORBIDDEN")


def discussions(
    api: Api, qualified: Callable[[datetime], str], now: datetime
) -> Callable[[str, datetime], Answer]:
    """How a walk fetches a page. qualified: the search, with where and since when."""

    def fetch(bookmark: str, back_to: datetime) -> Answer:
        nodes, info = listed_discussions(api, qualified(back_to), bookmark, now)
        following = words(info.get("endCursor")) if info.get("hasNextPage") is True else ""
        return read_each(nodes, lambda node: [discussion(node, now)], name, bookmark=following)

    return fetch


def listed_discussions(
    api: Api, asked: str, bookmark: str, now: datetime | None
) -> tuple[list[Any], Mapping[str, Any]]:
    """One page of a search, and how it goes on."""
    variables = {"asked": asked, "after": bookmark or None}
    answer = api.post("graphql", {"query": DISCUSSIONS, "variables": variables}, now=now)
    return _listed(_data(answer).get("search"), answer)


def own_comments(api: Api, login: str, now: datetime) -> Callable[[str, datetime], Answer]:
    """How a walk fetches a page of what an account said below discussions, newest first.

    Nothing where there is no such account: the walk of its events tells that.
    """

    def fetch(bookmark: str, _back_to: datetime) -> Answer:
        variables = {"login": login, "before": bookmark or None}
        answer = api.post("graphql", {"query": OWN_COMMENTS, "variables": variables}, now=now)
        account = _data(answer).get("repositoryOwner", {})
        kinds = {words(one.get("type")) for one in _errors(answer)}
        if account is None and kinds <= {"NOT_FOUND", "FORBIDDEN"}:
            # An organisation may forbid the token what is its own; the searches still work.
            told = f"github: the token may not read what {login} says below discussions"
            return Answer((), 0, (told,) if "FORBIDDEN" in kinds else ())
        said = account.get("repositoryDiscussionComments") if isinstance(account, dict) else None
        nodes, info = _listed(said, answer)
        return read_each(
            nodes[::-1],
            lambda node: discussion_comment(node, now),
            name,
            bookmark=words(info.get("startCursor")) if info.get("hasPreviousPage") is True else "",
        )

    return fetch


def standing(api: Api, node_ids: Sequence[str], now: datetime) -> Mapping[str, Standing]:
    """What has become of these things; gone is what GitHub calls deleted.

    What it does not find, or not for us, may stand in a repository that is closed for a while.
    """
    asked = {"query": STANDING, "variables": {"ids": list(node_ids)}}
    answer = api.post("graphql", asked, now=now)
    nodes = _data(answer).get("nodes")
    if not isinstance(nodes, list) or len(nodes) != len(node_ids):
        raise _refusal(answer)
    lacking = {tuple(path) for path in _paths_not_shown(answer)}
    return {
        one: standing_of(node) if isinstance(node, dict) else Standing.HIDDEN
        for place, (one, node) in enumerate(zip(node_ids, nodes, strict=True))
        if isinstance(node, dict) or ("nodes", place) in lacking
    }


def _listed(connection: object, answer: object) -> tuple[list[Any], Mapping[str, Any]]:
    """What a connection lists and how it goes on. Raises RemoteError where there is none."""
    nodes = connection.get("nodes") if isinstance(connection, dict) else None
    if not isinstance(connection, dict) or not isinstance(nodes, list):
        raise _refusal(answer)
    info = connection.get("pageInfo")
    seen = [node for node in nodes if node]  # empty: not ours to see
    return seen, info if isinstance(info, dict) else {}


def _data(answer: object) -> Mapping[str, Any]:
    data = answer.get("data") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) else {}


def _errors(answer: object) -> list[dict[str, Any]]:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []


def _paths_not_shown(answer: object) -> list[list[Any]]:
    found = [one.get("path") for one in _errors(answer) if one.get("type") in _NOT_SHOWN]
    return [path for path in found if isinstance(path, list)]


def _refusal(answer: object) -> RemoteError:
    kinds = [words(one.get("type")) for one in _errors(answer)]
    if "RATE_LIMITED" in kinds:
        return RemoteError("github: rate limited (GraphQL)", retry_after=_PAUSE)
    kind = next(filter(None, kinds), "no reason given")
    return RemoteError(
        f"github: the answer of GraphQL is empty ({kind})",
        permanent=kind in ("INSUFFICIENT_SCOPES", "FORBIDDEN"),
    )
