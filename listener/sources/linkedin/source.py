"""LinkedIn: comments on the brand's own page and posts that mention it (Community Management API).

Sees     what LinkedIn notifies the page's administrators of: comments and mentions of the past 60
         days, the page's own answers too. No names are asked for; there is no search.
Needs    [sources.linkedin] brand, organization and an access_token with rw_organization_admin and
         r_organization_social of an app that LinkedIn has approved for community management.
Limits   calls by the day, per app and per member. Kept for 48 hours only, so deletions are not
         looked for: see `earshot policy show linkedin`.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from domain.contract import Contract
from domain.errors import ConfigError, RemoteError
from domain.mention import Mention
from listener.clean import UnreadableError, count
from listener.contracts import contract_of
from listener.source import Page, Watch
from listener.sources.linkedin.posts import Note, note_of
from listener.sources.linkedin.refusals import translate_error
from listener.sources.linkedin.settings import LinkedInSettings
from listener.sources.refusals import AllRefusedError
from listener.walk import Answer, Reach, newest_first
from net.json_api import Api
from net.refusals import NoAnswerError, NotThereError

_HOST = "https://api.linkedin.com"
_PER_PAGE = 50
_ACTIONS = "COMMENT,ADMIN_COMMENT,SHARE_MENTION"
_REACH = Reach("linkedin", farthest=timedelta(days=60), most_pages=20, lasting=False)


class LinkedInSource:
    """One page, with a token of one of its administrators."""

    name = "linkedin"
    contract: Contract = contract_of("linkedin")

    def __init__(self, settings: LinkedInSettings) -> None:
        token = settings.access_token.get_secret_value()
        if not token:
            raise ConfigError(
                "sources.linkedin.access_token is missing: give it as env:NAME or file:/path"
            )
        headers = {
            "Authorization": f"Bearer {token}",
            "LinkedIn-Version": settings.version,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        self._api = Api(
            self.name,
            f"{settings.base_url or _HOST}/rest",
            headers=headers,
            keys="sources.linkedin.access_token",
            translate_error=translate_error,
        )
        self._page = f"urn:li:organization:{settings.organization}"
        self._brand = settings.brand

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; nothing for another brand."""
        if watch.brand.casefold() != self._brand.strip().casefold():
            return
        fetch = partial(self._fetch, watch, now)
        yield from newest_first(fetch, cursor, _REACH, since=since, now=now)

    def check(self) -> str:
        """The notifications of the last minute, if there are any."""
        now = datetime.now(UTC)
        self._api.get(self._finder(_span(now - timedelta(minutes=1), now), "0"), {}, now=None)
        return f"linkedin: {self._page} answers and the token is accepted"

    def _finder(self, span: str, start: str) -> str:
        # Rest.li wants the brackets and commas of its own syntax bare, and those of values coded.
        return (
            f"organizationalEntityNotifications?q=criteria&actions=List({_ACTIONS})"
            f"&organizationalEntity={quote(self._page, safe='')}&timeRange={span}"
            f"&count={_PER_PAGE}&start={start}"
        )

    def _fetch(self, watch: Watch, now: datetime, bookmark: str, back_to: datetime) -> Answer:
        span = _span(back_to, now)
        answer = self._api.get(self._finder(span, bookmark or "0"), {}, now=now)
        notes = answer.get("elements") if isinstance(answer, dict) else None
        if not isinstance(notes, list):
            raise RemoteError("linkedin: the answer holds no notifications; will be tried again")
        mentions, broken = [], []
        for thing in notes:
            try:
                mention = self._whole(note_of(thing), now).mention(now)
            except UnreadableError as error:
                broken.append(f"linkedin: a notification: {error}")
            else:
                mentions += [mention] if self._is_wanted(mention, watch) else []
        more = str(int(bookmark or 0) + len(notes)) if _has_more(answer, len(notes)) else ""
        return Answer(tuple(mentions), len(notes), tuple(broken), more)

    def _whole(self, note: Note, now: datetime) -> Note:
        """With the text, and for an answer of the page with the comment that it answers."""
        if note.text and not (note.author == self._page and note.comment_id):
            return note
        try:
            return note.with_answer(self._api.get(note.path, {}, now=now))
        except (AllRefusedError, NoAnswerError):
            raise
        except RemoteError as error:
            if note.text or isinstance(error, NotThereError):  # deleted since
                return note
            raise UnreadableError(f"{note.urn} cannot be looked up: {error}") from error

    def _is_wanted(self, mention: Mention, watch: Watch) -> bool:
        """What a brand says itself is no mention; where own_accounts names it, it is an answer."""
        author = mention.author
        if author is None or author.id != self._page:
            return True
        return any(own.is_author(self.name, author) for own in watch.own_accounts)


def _has_more(answer: Mapping[str, Any], came: int) -> bool:
    """A page with fewer than asked for is the last one, unless a next one is named all the same.

    count: LinkedIn says how many it gives at most, where that is less than was asked for.
    """
    paging = answer.get("paging")
    paging = paging if isinstance(paging, dict) else {}
    links = paging.get("links")
    known = [one for one in links if isinstance(one, dict)] if isinstance(links, list) else []
    most = min(count(paging.get("count")) or _PER_PAGE, _PER_PAGE)
    return came > 0 and (came >= most or any(one.get("rel") == "next" for one in known))


def _span(start: datetime, end: datetime) -> str:
    return f"(start:{_milliseconds(start)},end:{_milliseconds(end)})"


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
