"""The comments under one video or of one channel on YouTube, newest threads first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from domain.errors import RemoteError
from domain.mention import Mention, Standing
from listener.clean import UnreadableError, count, words
from listener.source import Gap, Page
from listener.sources.youtube.api import CommentsOffError, YoutubeApi
from listener.sources.youtube.posts import comment_of, name_of, part, standing_of
from listener.walk import Answer, Reach, newest_first
from net.refusals import NotThereError

_REACH = Reach("youtube", first_look=timedelta(days=30), most_pages=10, lasting=False)
_PER_PAGE = 100
_CUT_OFF = "youtube: a comment has more replies than are read at once, some are missing"
_MOST_REPLY_PAGES = 5  # of one thread and pass


def comments(
    api: YoutubeApi,
    place: str,
    asked: Mapping[str, str],
    state: Mapping[str, Any],
    *,
    since: datetime | None,
    now: datetime,
) -> Iterator[Page]:
    """Pages of one place's comments, from the newest thread back to what is known.

    place: its name for sentences. A place whose comments are switched off has none.
    """
    known = state.get("replies")
    threads = _Threads(api, asked, now, known if isinstance(known, dict) else {})
    try:
        for page in newest_first(threads.fetch, state, _REACH, since=since, now=now):
            yield replace(page, cursor={**page.cursor, "replies": dict(threads.seen)})
    except CommentsOffError:
        return
    except NotThereError as error:
        raise not_there(place) from error


def not_there(place: str) -> RemoteError:
    reason = f"youtube: {place} is not there; take it out of sources.youtube"
    return RemoteError(reason, permanent=True)


def threads_of(asked: Mapping[str, str], token: str = "") -> dict[str, str | int]:
    """What is asked for a page of one place's threads."""
    return {
        "part": "snippet,replies",
        "order": "time",
        "maxResults": _PER_PAGE,
        **asked,
        **({"pageToken": token} if token else {}),
    }


@dataclass(slots=True)
class _Threads:
    """The threads of one place in one pass."""

    api: YoutubeApi
    asked: Mapping[str, str]
    now: datetime
    known: Mapping[str, Any]  # how many replies a thread had when all of them were read
    seen: dict[str, int] = field(default_factory=dict)  # the same, for the next pass
    cut_off: bool = False  # whether the last thread had more replies than were read

    def fetch(self, token: str, _back_to: datetime) -> Answer:
        things, following = self.api.things(
            "commentThreads", threads_of(self.asked, token), self.now
        )
        gap: Gap | None = None
        tops: list[Mention] = []
        replies: list[Mention] = []
        broken: list[str] = []
        for thing in things:
            try:
                if standing_of(part(thing, "snippet").get("topLevelComment")) is Standing.THERE:
                    tops.append(self._top(thing))
                replies += self._replies(thing, broken)
                if self.cut_off:
                    gap, self.cut_off = Gap(tops[-1].published_at, self.now, _CUT_OFF), False
            except UnreadableError as error:
                broken.append(f"youtube {name_of(thing) or 'thread without id'}: {error}")
        # Threads last: by the age of the last one the walk knows how far back it has come.
        fetched = len(things) + len(replies)
        return Answer((*replies, *tops), fetched, tuple(broken), following, gap=gap)

    def _top(self, thread: object) -> Mention:
        snippet = part(thread, "snippet")
        top = comment_of(snippet.get("topLevelComment"), words(snippet.get("videoId")), self.now)
        counted = replace(top.engagement, replies=count(snippet.get("totalReplyCount")))
        return replace(top, engagement=counted)

    def _replies(self, thread: object, broken: list[str]) -> list[Mention]:
        """The replies that came along, or all of them when there are more, and new ones."""
        snippet = part(thread, "snippet")
        along = thread.get("replies") if isinstance(thread, dict) else None
        things = along.get("comments") if isinstance(along, dict) else None
        things = things if isinstance(things, list) else []
        total, thread_id = count(snippet.get("totalReplyCount")) or 0, name_of(thread)
        if total > len(things) and thread_id:
            if self.known.get(thread_id) != total:
                things = self._all_replies(thread_id) or things
            self.seen[thread_id] = total
        found = []
        for thing in things:
            if standing_of(thing) is not Standing.THERE:
                continue
            try:
                found.append(comment_of(thing, words(snippet.get("videoId")), self.now))
            except UnreadableError as error:
                broken.append(f"youtube {name_of(thing) or 'reply without id'}: {error}")
        return found

    def _all_replies(self, thread_id: str) -> Sequence[object]:
        found: list[object] = []
        token = ""
        for _ in range(_MOST_REPLY_PAGES):
            asked = {"part": "snippet", "parentId": thread_id, "maxResults": _PER_PAGE}
            try:
                things, token = self.api.things(
                    "comments", {**asked, **({"pageToken": token} if token else {})}, self.now
                )
            except NotThereError:
                break  # the thread has been deleted meanwhile
            found += things
            if not token:
                break
        else:
            self.cut_off = True
        return found
