"""Stack Exchange: questions and answers that name the brand, on the sites given.

Sees     questions and answers; comments only of the brand's own accounts, as none are searched.
         An own account is written SITE/USER_ID, for example stackexchange:stackoverflow/22656.
Needs    nothing; [sources.stackexchange] api_key raises the quota.
Limits   300 requests a day, 10,000 with a key; it says itself how long to stay away ("backoff").
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from domain.contract import Contract
from domain.mention import Mention, Standing
from listener.clean import identifier
from listener.contracts import contract_of
from listener.dates import epoch
from listener.pages import read_each
from listener.source import Page, Watch
from listener.sources.stackexchange.api import StackExchangeApi, items
from listener.sources.stackexchange.posts import asks, found_id, own_accounts, own_answer, post
from listener.sources.stackexchange.settings import StackExchangeSettings
from listener.streams import each_ask
from listener.walk import ALL_THERE_IS, Answer, Reach, newest_first
from listener.window import window

_HOST = "https://api.stackexchange.com"
_PER_PAGE = 100
_MOST_PAGES = 25  # more of one search only for an app whose user has logged in
_REACH = Reach("stackexchange")


class StackExchangeSource:
    """Search, then the posts found, whole; one after the other on every site."""

    name = "stackexchange"
    contract: Contract = contract_of("stackexchange")
    recheck_at_once = _PER_PAGE

    def __init__(self, settings: StackExchangeSettings) -> None:
        self._sites = settings.sites
        key = settings.api_key.get_secret_value()
        self._api = StackExchangeApi(settings.base_url or _HOST, key)

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; each search on each site is a walk, and so is each own account."""
        wanted = {f"{site} {ask}": (site, ask) for site in self._sites for ask in asks(watch).asks}
        own = {
            f"{kind} of {site}/{number}": (site, number, kind)
            for site, number in own_accounts(watch)
            for kind in ("answers", "comments")
        }

        def walk(stream: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            if stream in own:
                fetch = self._answers(*own[stream], now)
            else:
                fetch = self._search(*wanted[stream], now)
            return newest_first(fetch, state, _REACH, since=since, now=now)

        return each_ask(cursor, [*wanted, *own], walk)

    def check(self) -> str:
        """The search of a pass on each site: a site that is not there is an error."""
        for site in self._sites:
            asked = {"q": "earshot", "site": site}
            answer = self._page("search/excerpts", asked, "", ALL_THERE_IS, None)
            left = answer.get("quota_remaining")
        quota = f", {left} requests are left today" if isinstance(left, int) else ""
        return f"stackexchange: search answers on {', '.join(self._sites)}{quota}"

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """What is missing among the posts of a whole answer has been deleted; comments stay out.

        There are no closed places, in which it might stand unseen.
        """
        found: dict[str, Standing] = {}
        for site in self._sites:
            asked = [one for one in external_ids if re.fullmatch(rf"{re.escape(site)}/[0-9]+", one)]
            if asked:
                numbers = [one.rpartition("/")[2] for one in asked]
                posts = items(self._posts(site, numbers, {}, now))
                there = {f"{site}/{identifier(each.get('post_id'))}" for each in posts}
                found |= {one: Standing.THERE if one in there else Standing.GONE for one in asked}
        return found

    def _search(self, site: str, ask: str, now: datetime) -> Callable[[str, datetime], Answer]:
        def fetch(bookmark: str, back_to: datetime) -> Answer:
            asked = {"q": ask, "site": site}
            page = self._page("search/excerpts", asked, bookmark, back_to, now)
            hits = items(page)
            numbers = list(dict.fromkeys(filter(None, map(found_id, hits))))
            answer = self._posts(site, numbers, {"filter": "withbody"}, now) if numbers else {}
            posts = {identifier(one.get("post_id")): one for one in items(answer)}

            def read(hit: Mapping[str, Any]) -> list[Mention]:
                whole = posts.get(found_id(hit))
                if whole is None and found_id(hit):
                    return []  # deleted since the search index saw it
                return [post(site, hit, whole or {}, now)]

            return _answer(page, read, bookmark, site)

        return fetch

    def _answers(
        self, site: str, number: str, kind: str, now: datetime
    ) -> Callable[[str, datetime], Answer]:
        def fetch(bookmark: str, back_to: datetime) -> Answer:
            asked = {"site": site, "filter": "withbody"}
            found = self._page(f"users/{number}/{kind}", asked, bookmark, back_to, now)
            return _answer(found, lambda item: [own_answer(site, item, now)], bookmark, site)

        return fetch

    def _page(
        self,
        path: str,
        asked: Mapping[str, Any],
        bookmark: str,
        back_to: datetime,
        now: datetime | None,
    ) -> Mapping[str, Any]:
        at = window(bookmark)
        where = {"page": at.page, "fromdate": int(back_to.timestamp())}
        if at.until is not None:
            where["todate"] = int(at.until.timestamp())
        order = {"order": "desc", "sort": "creation", "pagesize": _PER_PAGE}
        return self._api.get(path, {**asked, **order, **where}, now)

    def _posts(
        self, site: str, numbers: Sequence[str], more: Mapping[str, str], now: datetime
    ) -> Mapping[str, Any]:
        path = f"posts/{';'.join(numbers)}"
        return self._api.get(path, {"site": site, "pagesize": _PER_PAGE, **more}, now)


def _answer(
    page: Mapping[str, Any],
    read: Callable[[Mapping[str, Any]], Iterable[Mention]],
    bookmark: str,
    site: str,
) -> Answer:
    following, at, gap = "", window(bookmark), None
    hits = items(page)
    if page.get("has_more") is True or len(hits) >= _PER_PAGE:
        dates = list(filter(None, (epoch(hit.get("creation_date")) for hit in hits)))
        following = at.following(dates, most_pages=_MOST_PAGES)
        gap = at.lost("stackexchange", dates, most_pages=_MOST_PAGES)
    answer = read_each(hits, read, partial(_name, site), bookmark=following)
    return replace(answer, gap=gap)


def _name(site: str, hit: Mapping[str, Any]) -> str:
    number = found_id(hit) or identifier(hit.get("comment_id")) or identifier(hit.get("answer_id"))
    return f"stackexchange {site}/{number}" if number else f"stackexchange {site}, without id"
