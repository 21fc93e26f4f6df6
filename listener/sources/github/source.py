"""GitHub: public issues and pull requests that name the brand in title or text; discussions too.

Sees     issues and pull requests; discussions only with a token. Comments are found by no search:
         they are seen only of the brand's own accounts; below discussions with a token only, and
         not those of apps (NAME[bot]).
Needs    nothing; [sources.github] token (no permissions) for discussions, deletions and more calls.
Limits   10 searches a minute, 30 with a token; issues and pull requests are two. 1,000 results a
         search, so it is cut by date; own comments below issues up to 6 hours late. An own account
         costs a request, with a token two.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from domain.clock import iso
from domain.contract import Contract
from domain.errors import RemoteError
from domain.mention import Standing
from listener.clean import words
from listener.contracts import contract_of
from listener.dates import instant
from listener.pages import read_each
from listener.source import Gap, Page, Watch
from listener.sources.github.graphql import (
    discussions,
    listed_discussions,
    own_comments,
    standing,
)
from listener.sources.github.posts import asks, comment, issue, name, own_logins
from listener.sources.github.settings import GitHubSettings
from listener.streams import each_ask
from listener.walk import ALL_THERE_IS, Answer, Reach, newest_first
from listener.window import Window, least_far, window
from net.json_api import Api
from net.refusals import NotThereError, Refusal

_HOST = "https://api.github.com"
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "User-Agent": "earshot (self-hosted brand monitor)",
    "X-GitHub-Api-Version": "2022-11-28",
}
_PER_PAGE = 100
_MOST_PAGES = 10  # of one search: it ends after 1,000 results
_EVENT_PAGES = 3  # what an account did ends after 300
_PAUSE = timedelta(minutes=1)  # what GitHub's guide says to wait when its answer says nothing
# GitHub takes no search without one of these from some kinds of token.
_KINDS = {"issues": "is:issue", "pulls": "is:pull-request"}
_PROBE = "earshot"
_SEARCHES = Reach("github")
_DISCUSSIONS = Reach("github", lasting=False)
_EVENTS = Reach("github", lasting=False, overlap=timedelta(hours=6))
_Fetch = Callable[[str, datetime], Answer]


class GitHubSource:
    """REST search for issues; GraphQL search for discussions, where there is a token."""

    name = "github"
    contract: Contract = contract_of("github")
    recheck_at_once = 100

    def __init__(self, settings: GitHubSettings) -> None:
        token = settings.token.get_secret_value()
        self._has_token = bool(token)
        login = {"Authorization": f"Bearer {token}"} if token else {}
        self._api = Api(
            self.name,
            settings.base_url or _HOST,
            headers={**_HEADERS, **login},
            keys="sources.github.token",
            translate_error=_translate_error,
        )

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; each search is a walk, and so is what each own account did."""
        found = asks(watch).asks
        walks: dict[str, tuple[_Fetch, Reach, bool]] = {}
        for ask in found:
            walks[f"issues {ask}"] = (self._issues(ask, now), _SEARCHES, True)
        for ask in found if self._has_token else ():
            fetch = discussions(self._api, partial(_qualified, ask), now)
            walks[f"discussions {ask}"] = (fetch, _DISCUSSIONS, True)
        for login, said_so in own_logins(watch):
            walks[f"comments by {login}"] = (self._comments(login, now), _EVENTS, said_so)
            if self._has_token and not login.endswith("[bot]"):  # GraphQL lists no app's comments
                fetch = own_comments(self._api, login, now)
                walks[f"discussed by {login}"] = (fetch, _DISCUSSIONS, False)

        def walk(stream: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            fetch, reach, said_so = walks[stream]
            try:
                yield from newest_first(fetch, state, reach, since=since, now=now)
            except NotThereError:
                if not stream.startswith("comments by "):
                    raise
                if said_so:  # an account of any network need not exist here
                    told = f"github: own account {stream.rpartition(' ')[2]} is not there"
                    yield Page((), state or {}, 0, (told,))

        return each_ask(cursor, list(walks), walk)

    def check(self) -> str:
        """The searches of a pass, for a word that few write; costs a request each."""
        for kind in _KINDS:
            asked = _searched(kind, _PROBE, ALL_THERE_IS, window(""))
            _items(self._api.get("search/issues", asked, now=None))
        if self._has_token:
            listed_discussions(self._api, _qualified(_PROBE, ALL_THERE_IS), "", None)
            return "github: search answers and the token is accepted"
        return "github: search answers; without a token no discussions and 10 searches a minute"

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """Needs the token: without one nothing is certain."""
        if not self._has_token or not external_ids:
            return {}
        return standing(self._api, external_ids, now)

    def _issues(self, ask: str, now: datetime) -> _Fetch:
        """Both searches side by side, as one list; what both give of one stretch comes once."""

        def fetch(bookmark: str, back_to: datetime) -> Answer:
            at = window(bookmark)
            found: dict[str, Any] = {}
            bookmarks, gaps = list[str](), list[Gap | None]()
            for kind in _KINDS:
                asked = _searched(kind, ask, back_to, at)
                answer = self._api.get("search/issues", asked, now=now)
                items = _items(answer)
                found |= {_identity(item): item for item in items}
                if answer.get("incomplete_results") is True:
                    reason = "github: the search took too long there, some may be missing"
                    gaps.append(Gap(back_to, at.until or now, reason))
                if len(items) >= _PER_PAGE:
                    dates = list(filter(None, map(_made_at, items)))
                    bookmarks.append(at.following(dates, most_pages=_MOST_PAGES))
                    gaps.append(at.lost("github", dates, most_pages=_MOST_PAGES))
            things = sorted(found.values(), key=lambda item: _made_at(item) or now, reverse=True)
            read = read_each(things, lambda item: [issue(item, now)], name)
            return replace(
                read,
                bookmark=least_far(bookmarks),
                gap=next(filter(None, gaps), None),
            )

        return fetch

    def _comments(self, login: str, now: datetime) -> _Fetch:
        def fetch(bookmark: str, _back_to: datetime) -> Answer:
            page = int(bookmark or 1)
            asked = {"per_page": _PER_PAGE, "page": page}
            events = self._api.get(f"users/{login}/events/public", asked, now=now)
            if not isinstance(events, list):
                raise RemoteError("github: the answer holds no events; will be tried again")
            more = len(events) >= _PER_PAGE and page < _EVENT_PAGES
            following = str(page + 1) if more else ""
            return read_each(events, lambda event: comment(event, now), name, bookmark=following)

        return fetch


def _searched(kind: str, ask: str, back_to: datetime, at: Window) -> dict[str, str | int]:
    return {
        "q": f"{_qualified(ask, back_to, at.until)} {_KINDS[kind]}",
        "sort": "created",
        "order": "desc",
        "per_page": _PER_PAGE,
        "page": at.page,
    }


def _made_at(item: object) -> datetime | None:
    return instant(item.get("created_at")) if isinstance(item, dict) else None


def _identity(item: object) -> str:
    """What makes a thing of a list one; what has no id is nothing else's."""
    known = item if isinstance(item, dict) else {}
    return words(known.get("node_id")) or f"without id {id(item)}"


def _items(answer: object) -> list[Any]:
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise RemoteError("github: the answer holds no items; will be tried again")
    return items


def _qualified(ask: str, back_to: datetime, until: datetime | None = None) -> str:
    """The search with where and when: in public places only, comments not; both ends count."""
    dates = f"created:{iso(back_to)}..{iso(until) if until else '*'}"
    return f"{ask} in:title,body is:public {dates}"


def _translate_error(refusal: Refusal) -> RemoteError | None:
    body = refusal.body if isinstance(refusal.body, dict) else {}
    message = words(body.get("message"))
    if "rate limit" in message.lower():
        return refusal.rate_limited(wait=refusal.wait or _PAUSE)
    if refusal.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        errors = body.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else {}
        reason = words(first.get("message")) if isinstance(first, dict) else ""
        return refusal.refused("refuses the search", words=reason or message)
    return None
