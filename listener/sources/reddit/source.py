"""Reddit: submissions and comments that name the brand, and what its own accounts answered (PRAW).

Sees     submissions by search; of the subreddits that are named, every new submission and comment,
         matched here, since Reddit searches no comments; comments of the brand's own accounts.
Needs    [sources.reddit] client_id and client_secret of an app that Reddit has approved.
Limits   every listing ends at about 1,000, 100 requests a minute; the API closes in March 2027.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from configparser import ConfigParser
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib.resources import files
from typing import Any

import praw
import prawcore
from praw.config import Config
from requests import Response

from domain.brand import OwnAccount
from domain.contract import Contract
from domain.errors import ConfigError
from domain.mention import Standing
from listener.contracts import contract_of
from listener.query import REDDIT_DIALECT, Query, compiled, facts_of
from listener.source import Page, Watch
from listener.sources.reddit.errors import straighten, translate_error
from listener.sources.reddit.posts import fullname, read_listing, standings
from listener.sources.reddit.settings import RedditSettings
from listener.streams import each_ask
from listener.walk import Answer, Reach, newest_first, plan
from net import wire
from net.refusals import odd_answer

_OAUTH, _WWW = "https://oauth.reddit.com", "https://www.reddit.com"
_USER_AGENT = "python:earshot:v1 (self-hosted brand monitor)"
_TIMEOUT_S = 10
_PER_PAGE = 100
_EVERYWHERE = ("all", "popular")  # too much to read whole
_REACH = Reach(
    "reddit",
    first_look=None,
    most_pages=20,  # a listing ends at about 1,000; Reddit leaves gaps in pages: twice that
    cut_at=_PER_PAGE,  # one that is shorter is simply all there is
    lasting=False,
)


class RedditSource:
    """Search in the given subreddits with one app's key, reading only."""

    name = "reddit"
    contract: Contract = contract_of("reddit")

    def __init__(self, settings: RedditSettings) -> None:
        secret = settings.client_secret.get_secret_value()
        if not settings.client_id or not secret:
            raise ConfigError("sources.reddit needs client_id and client_secret (env: or file:)")
        self._subreddits = "+".join(settings.subreddits)
        self._search_path = f"r/{self._subreddits}/search/"
        named = [one for one in settings.subreddits if one.lower() not in _EVERYWHERE]
        streams = ("comments", "new") if named else ()
        self._streams = tuple(f"r/{'+'.join(named)}/{stream}/" for stream in streams)
        self._reddit = _client(settings, secret)

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; answers of own accounts first, so the mark moves after both."""
        asks = compiled(watch.query, REDDIT_DIALECT).asks

        def walk(ask: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            state = _in_todays_words(state)
            if ask in self._streams:
                fetch = partial(self._listed, ask, {}, now)
                pages = newest_first(fetch, state, _REACH, since=since, now=now)
                yield from _answering(watch.query, pages)
                return
            for own in watch.own_accounts if ask == asks[0] else ():
                yield from self._answers(own, state, since=since, now=now)
            fetch = partial(self._listed, self._search_path, self._searched(ask), now)
            yield from newest_first(fetch, state, _REACH, since=since, now=now)

        return each_ask(cursor, (*asks, *self._streams), walk)

    @property
    def recheck_at_once(self) -> int:
        """See Rechecks.recheck_at_once."""
        return _PER_PAGE

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """See Rechecks.recheck; what its author, a moderator or Reddit has taken back is gone."""
        ids = {fullname(external_id): external_id for external_id in external_ids}
        answer = self._get("api/info/", {"id": ",".join(ids)}, now)
        return {ids[name]: standing for name, standing in standings(answer, ids).items()}

    def check(self) -> str:
        """A page of the search and of each stream, as a pass asks for them."""
        self._get(self._search_path, {**self._searched("reddit"), "limit": _PER_PAGE}, None)
        for path in self._streams:
            self._get(path, {"limit": _PER_PAGE}, None)
        return "reddit: search answers and the key is accepted"

    def _searched(self, ask: str) -> dict[str, str | int]:
        return {
            "q": ask,
            "sort": "new",
            "t": "all",
            "syntax": "lucene",
            "restrict_sr": str(self._subreddits.lower() != "all"),
        }

    def _listed(
        self,
        path: str,
        asked: Mapping[str, str | int],
        now: datetime,
        bookmark: str,
        _back_to: datetime,
    ) -> Answer:
        after = {"after": bookmark} if bookmark else {}
        return read_listing(self._get(path, {**asked, "limit": _PER_PAGE, **after}, now), now)

    def _answers(
        self,
        own: OwnAccount,
        state: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """What an own account wrote; the mark waits for the search, which goes back as far.

        An account that is not there does not stop the rest.
        """
        if own.source not in ("", self.name):
            return
        waiting = plan(state, _REACH, since, now)[0].cursor(_REACH)
        try:
            if re.fullmatch(r"[A-Za-z0-9_-]{3,20}", own.account):
                path = f"user/{own.account}/comments/"
                fetch = partial(self._listed, path, {"sort": "new"}, now)
                for page in newest_first(fetch, state, _REACH, since=since, now=now):
                    yield replace(page, cursor=waiting)
                return
        except _NoSuchAccountError:
            pass
        if own.source == self.name:  # an account of any network need not exist here
            reason = f"reddit: own account {own.account} is not there or suspended"
            yield Page((), waiting, 0, (reason,))

    def _get(self, path: str, params: Mapping[str, str | int], now: datetime | None) -> object:
        """One request, answered by plain JSON.

        Not by PRAW's objects: reading a field they lack would fire a request each, and one odd
        thing would cost the page.
        """
        try:
            return self._reddit.request(method="GET", path=path, params=dict(params))
        except (praw.exceptions.PRAWException, prawcore.PrawcoreException) as error:
            if path.startswith("user/") and isinstance(error, _GONE):
                raise _NoSuchAccountError from error
            raise translate_error(error, now) from error
        except (AttributeError, KeyError, TypeError, ValueError, AssertionError) as error:
            # prawcore stumbles over a token or an error whose body has another shape.
            raise odd_answer("reddit", "makes no sense") from error


def _in_todays_words(state: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The state of a search; formerly a walk that was cut off left only how far back it goes."""
    if state and "walk" not in state and "back_to" in state:
        return {**state, "walk": {"back_to": state["back_to"]}}
    return state


def _answering(query: Query, pages: Iterator[Page]) -> Iterator[Page]:
    """The pages of a stream with what answers the query; the rest is not about the brand."""
    for page in pages:
        found = (one for one in page.mentions if query.matches(one.text, facts_of(one)))
        yield replace(page, mentions=tuple(found))


_GONE = (prawcore.NotFound, prawcore.Forbidden)


class _NoSuchAccountError(Exception):
    """A user page that is not there."""


def _client(settings: RedditSettings, secret: str) -> praw.Reddit:
    # prawcore warns of each of its own retries; what is left after them we tell in one line.
    logging.getLogger("prawcore").setLevel(logging.ERROR)
    _ignore_praw_ini()
    oauth_url = settings.base_url or _OAUTH
    auth_url = settings.auth_url or settings.base_url or _WWW
    return praw.Reddit(
        "DEFAULT",
        requestor_class=_Requestor,
        requestor_kwargs={"session": wire.session()},
        client_id=settings.client_id,
        client_secret=secret,
        user_agent=_USER_AGENT,
        oauth_url=f"{oauth_url}/",  # with the slash, urljoin keeps a path in it
        reddit_url=auth_url,
        timeout=_TIMEOUT_S,
        ratelimit_seconds=5,
        check_for_updates=False,
        check_for_async=False,
        # Said aloud, so that nothing in the environment (praw_username, …) can fill them.
        username=None,
        password=None,
        refresh_token=None,
        redirect_uri=None,
    )


def _ignore_praw_ini() -> None:
    """PRAW reads praw.ini from the working folder; a planted one could send the key elsewhere."""
    defaults = ConfigParser(interpolation=None)
    defaults.read_string(files("praw").joinpath("praw.ini").read_text("utf-8"))
    Config.CONFIG = defaults


class _Requestor(prawcore.Requestor):
    """Answers pass through here before prawcore reads their headers."""

    def request(
        self,
        *args: Any,  # noqa: ANN401 (as in prawcore)
        timeout: float | None = None,  # noqa: ARG002 (prawcore's is fixed at 16 s, ours is shorter)
        **kwargs: Any,  # noqa: ANN401
    ) -> Response:
        return straighten(super().request(*args, timeout=_TIMEOUT_S, **kwargs))
