"""YouTube: comments under given videos and channels, and videos that a search finds (Data API v3).

Sees     comments with their replies, as far as a pass walks back: a late reply under a thread that
         is no longer among the newest hundred is not seen. Of `brand`, whose videos and channels
         they are, every comment; else those that name a brand. And new videos that name one.
Needs    [sources.youtube] api_key, and channels, videos or searches_per_day.
Limits   10,000 units a day, a page of comments is one; 100 searches a day, of which `doctor` takes
         one where no videos and channels are given. Kept for 30 days at most, without names and
         without a tone of ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.clock import iso
from domain.contract import Contract
from domain.errors import ConfigError
from domain.mention import Mention, Standing
from listener.clean import UnreadableError, identifier
from listener.contracts import contract_of
from listener.dates import instant
from listener.query import facts_of
from listener.source import Page, Watch
from listener.sources.youtube.api import (
    CommentsOffError,
    NotShownError,
    SpentError,
    YoutubeApi,
    next_quota,
)
from listener.sources.youtube.comments import comments, not_there, threads_of
from listener.sources.youtube.posts import asks, standing_of, video_of
from listener.sources.youtube.settings import YoutubeSettings
from listener.streams import each_stream
from listener.walk import ALL_THERE_IS, Answer, Reach, newest_first
from net.refusals import NoAnswerError, NotThereError, RateLimitedError

_DAY = timedelta(days=1)
_REACH = Reach("youtube", first_look=timedelta(days=7), most_pages=2, lasting=False)
_PLACES = {"videos": "videoId", "channels": "allThreadsRelatedToChannelId"}
_VIDEO_ID = 11  # characters; a comment's id is longer


class YoutubeSource:
    """One key, reading what is public."""

    name = "youtube"
    contract: Contract = contract_of("youtube")
    recheck_at_once = 50

    def __init__(self, settings: YoutubeSettings) -> None:
        key = settings.api_key.get_secret_value()
        if not key:
            raise ConfigError(
                "sources.youtube.api_key is missing: give it as env:NAME or file:/path"
            )
        self._brand, self._searches = settings.brand, settings.searches_per_day
        self._places = {
            f"{one} of {kind}": {asked: one}
            for kind, asked in _PLACES.items()
            for one in getattr(settings, kind)
        }
        self._api = YoutubeApi(key, settings.base_url)

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; each video, each channel and each search is a walk of its own."""
        places = self._places if self._brand in ("", watch.brand) else {}
        searches = asks(watch).asks if self._searches else ()

        def walk(stream: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            state = state or {}
            if stream not in places:
                pages = self._videos(stream, len(searches), state, since=since, now=now)
            else:
                pages = comments(self._api, stream, places[stream], state, since=since, now=now)
                if self._brand:
                    yield from pages
                    return
            for page in pages:
                yield replace(page, mentions=tuple(_about(watch, page.mentions)))

        # What one of them meets the others would meet too: it is the same key, the same host.
        ends_all = (SpentError, RateLimitedError, NoAnswerError)
        return each_stream(cursor, [*places, *searches], walk, ends_all=ends_all)

    def check(self) -> str:
        """A page of comments of each place, one unit each; without places one of the searches."""
        for place, asked in self._places.items():
            try:
                self._api.things("commentThreads", threads_of(asked), None)
            except CommentsOffError:
                continue
            except NotThereError as error:
                raise not_there(place) from error
        if not self._places:
            self._api.things("search", _searched("earshot", "", ALL_THERE_IS), None)
        return "youtube: the key is accepted"

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """What an answer lacks is asked for once more, alone.

        What is lacking still is not shown to us: YouTube leaves out what was deleted, what is
        private and what is held back alike. Gone is the comment that it says it does not find.
        """
        videos = [one for one in external_ids if len(one) == _VIDEO_ID]
        others = [one for one in external_ids if len(one) != _VIDEO_ID]
        found: dict[str, Standing] = {}
        for path, ids in (("videos", videos), ("comments", others)):
            try:
                said = self._said(path, ids, now)
            except (NotThereError, NotShownError):  # one of them, who knows which
                said = {}
            found |= {one: said.get(one) or self._alone(path, one, now) for one in ids}
        return found

    def _alone(self, path: str, one: str, now: datetime) -> Standing:
        try:
            return self._said(path, [one], now).get(one, Standing.HIDDEN)
        except NotThereError:
            return Standing.GONE
        except NotShownError:
            return Standing.HIDDEN

    def _said(self, path: str, ids: Sequence[str], now: datetime) -> dict[str, Standing]:
        if not ids:
            return {}
        part = "id,status" if path == "videos" else "id"
        things, _ = self._api.things(path, {"part": part, "id": ",".join(ids)}, now)
        return {
            identifier(one.get("id")): standing_of(one) for one in things if isinstance(one, dict)
        }

    def _videos(
        self,
        ask: str,
        asks_in_turn: int,
        state: Mapping[str, Any],
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """One search, if its turn has come: spread over the day, not all in its first hours."""
        next_at = instant(state.get("next_at"))
        if next_at is not None and now < next_at and since is None:
            return
        calls = 0

        def fetch(token: str, back_to: datetime) -> Answer:
            nonlocal calls
            calls += 1
            return self._search(ask, token, back_to, now)

        try:
            for page in newest_first(fetch, state, _REACH, since=since, now=now):
                pause = _DAY / self._searches * asks_in_turn * calls
                state = {**page.cursor, "next_at": iso(now + pause)}
                yield replace(page, cursor=state)
        except SpentError as error:
            # Searches have a quota of their own: comments can still be read.
            told = f"{error}, for searching; until tomorrow only comments are read"
            yield Page((), {**state, "next_at": iso(next_quota(now))}, 0, (told,))

    def _search(self, ask: str, token: str, back_to: datetime, now: datetime) -> Answer:
        things, following = self._api.things("search", _searched(ask, token, back_to), now)
        mentions, broken = [], []
        for thing in things:
            try:
                if standing_of(thing) is Standing.THERE:
                    mentions.append(video_of(thing, now))
            except UnreadableError as error:
                broken.append(f"youtube search: {error}")
        return Answer(tuple(mentions), len(things), tuple(broken), following)


def _searched(ask: str, token: str, back_to: datetime) -> dict[str, str | int | None]:
    return {
        "part": "snippet",
        "type": "video",
        "order": "date",
        "maxResults": 50,
        "q": ask,
        "publishedAfter": iso(back_to),
        **({"pageToken": token} if token else {}),
    }


def _about(watch: Watch, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """What answers the query, and what own accounts wrote."""
    for mention in mentions:
        own = any(one.is_author(mention.source, mention.author) for one in watch.own_accounts)
        if own or watch.query.matches(mention.text, facts_of(mention)):
            yield mention
