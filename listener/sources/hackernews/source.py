"""Hacker News: stories and comments that name the brand, by the search that Algolia runs for it.

Sees     stories with their text and link, polls and comments, some minutes after they are written;
         what own accounts wrote. It does not see that something was edited later; what was deleted
         stands in Hacker News' own API.
Needs    nothing: no key, no account.
Limits   10,000 requests an hour and address; a search ends after 1,000, so it is walked by time.
         The own API names no limit.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.contract import Contract
from domain.errors import RemoteError
from domain.mention import Standing
from listener.clean import UnreadableError, count, identifier
from listener.contracts import contract_of
from listener.source import Page, Watch
from listener.sources.hackernews.posts import KINDS, created_at, mention_of, searches, standing_of
from listener.sources.hackernews.settings import HackerNewsSettings
from listener.streams import each_ask
from listener.walk import ALL_THERE_IS, Answer, Reach, newest_first
from listener.window import Window, window
from net.json_api import Api

_HOST = "https://hn.algolia.com"
_PATH = "api/v1/search_by_date"
_OWN_HOST = "https://hacker-news.firebaseio.com"  # https://github.com/HackerNews/API
_PER_PAGE = 200
_MOST_LISTED = 1000  # of one search, over all its pages
_REACH = Reach("hackernews", first_look=timedelta(days=30))
_EXACTLY = {
    "advancedSyntax": "true",
    "typoTolerance": "false",
    "ignorePlurals": "false",
    "queryType": "prefixNone",  # else the last word finds what only begins with it
    "restrictSearchableAttributes": "title,story_text,comment_text,url",  # not the author's name
}


class HackerNewsSource:
    """The public search, newest first."""

    name = "hackernews"
    contract: Contract = contract_of("hackernews")
    recheck_at_once = 3  # each is a request of its own, and a pass makes twenty calls

    def __init__(self, settings: HackerNewsSettings) -> None:
        self._api = Api(self.name, settings.base_url or _HOST, headers={})
        self._own_api = Api(self.name, settings.base_url or _OWN_HOST, headers={})

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; each search is a walk of its own, and so is each own account."""
        wanted = searches(watch)

        def walk(ask: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            fetch = self._search(wanted[ask], now)
            return newest_first(fetch, state, _REACH, since=since, now=now)

        return each_ask(cursor, list(wanted), walk)

    def check(self) -> str:
        """The search of a pass, for a word that few write."""
        asked = _searched({"query": "earshot", "tags": KINDS}, window(""), ALL_THERE_IS)
        self._found({**asked, "hitsPerPage": 1}, None)
        return "hackernews: search answers"

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """Only what Hacker News itself calls deleted is gone; what it does not know is left out."""
        found: dict[str, Standing] = {}
        for one in external_ids:
            if re.fullmatch(r"[0-9]{1,19}", one):
                item = self._own_api.get(f"v0/item/{one}.json", {}, now=now)
                if isinstance(item, dict) and identifier(item.get("id")) == one:
                    found[one] = standing_of(item)
        return found

    def _search(self, asked: Mapping[str, str], now: datetime) -> Callable[[str, datetime], Answer]:
        def fetch(bookmark: str, back_to: datetime) -> Answer:
            found = self._found(_searched(asked, window(bookmark), back_to), now)
            return _answer(found, bookmark, now)

        return fetch

    def _found(self, asked: Mapping[str, Any], now: datetime | None) -> Mapping[str, Any]:
        answer = self._api.get(_PATH, asked, now=now)
        if not isinstance(answer, dict) or not isinstance(answer.get("hits"), list):
            raise RemoteError("hackernews: the answer holds no hits; will be tried again")
        return answer


def _searched(asked: Mapping[str, str], at: Window, back_to: datetime) -> dict[str, object]:
    between = [f"created_at_i>={int(back_to.timestamp())}"]
    if at.until is not None:
        between.append(f"created_at_i<={int(at.until.timestamp())}")
    where: dict[str, object] = {
        "numericFilters": ",".join(between),
        "page": at.page - 1,
        "hitsPerPage": _PER_PAGE,
    }
    return {**asked, **_EXACTLY, **where}


def _answer(found: Mapping[str, Any], bookmark: str, now: datetime) -> Answer:
    mentions, broken = [], []
    hits: list[object] = found["hits"]
    for hit in hits:
        try:
            thing = _thing(hit)
            if standing_of(thing) is Standing.THERE:
                mentions.append(mention_of(thing, now))
        except UnreadableError as error:
            broken.append(f"hackernews {_name(hit)}: {error}")
    following, at, gap = "", window(bookmark), None
    # A gateway may give fewer at once than it is asked for.
    if len(hits) >= _PER_PAGE or (count(found.get("nbPages")) or 0) > at.page:
        found_at = (created_at(hit) for hit in hits if isinstance(hit, dict))
        dates, most_pages = list(filter(None, found_at)), _MOST_LISTED // _PER_PAGE
        following = at.following(dates, most_pages=most_pages)
        gap = at.lost("hackernews", dates, most_pages=most_pages)
    return Answer(tuple(mentions), len(hits), tuple(broken), following, gap=gap)


def _thing(hit: object) -> Mapping[str, Any]:
    if not isinstance(hit, dict):
        raise UnreadableError("it is no thing of Hacker News")
    return hit


def _name(hit: object) -> str:
    return (identifier(hit.get("objectID")) if isinstance(hit, dict) else "") or "hit without id"
