"""Google Play: the reviews of your own apps, and what you answered (Reply to Reviews API).

Sees     reviews with text that were written or changed in the past 7 days, of published versions;
         answers once own_accounts has googleplay:PACKAGE_NAME.
Needs    [sources.googleplay] apps, and the service_account of somebody who may answer reviews.
Limits   200 requests an hour and app. The whole week is read each time, as answers come onto old
         reviews: 4,000 reviews in 40 requests, so look hourly if there are more than 1,000 a week.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from domain.clock import iso
from domain.contract import Contract
from domain.errors import ConfigError, RemoteError
from domain.mention import Engagement, Mention, Standing
from listener.clean import UnreadableError, count, identifier, language, not_ahead, words
from listener.contracts import contract_of
from listener.dates import epoch, instant, needed
from listener.pages import Thing, read_each
from listener.source import Gap, Page, Watch
from listener.sources import reviews
from listener.sources.googleplay.login import Login
from listener.sources.googleplay.refusals import error_translator
from listener.sources.googleplay.settings import GooglePlaySettings
from listener.streams import each_stream
from listener.walk import Answer, Reach, newest_first
from net.json_api import Api
from net.refusals import NotThereError

_HOST = "https://androidpublisher.googleapis.com"
_PER_PAGE = 100
_WEEK = timedelta(days=7)


class GooglePlaySource:
    """The list of reviews of each app; Google gives one week and no more."""

    name = "googleplay"
    contract: Contract = contract_of("googleplay")
    recheck_at_once = 1  # a request for each app, of 200 an hour; a pass makes twenty calls

    def __init__(self, settings: GooglePlaySettings) -> None:
        account = settings.service_account.get_secret_value()
        if not account or not settings.apps:
            raise ConfigError("sources.googleplay needs apps and service_account")
        self._apps = settings.apps
        self._base_url = settings.base_url or _HOST
        self._login = Login(account, settings.auth_url or settings.base_url)
        self._old = ""  # a review of more than a week ago that was found

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,  # noqa: ARG002 (the whole week is read anyway)
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; an app that fails does not stop the others."""

        def walk(app: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            return self._week(app, state or {}, watch, now)

        apps = reviews.of_brand(watch, self._apps)
        if apps:
            yield from each_stream(cursor, apps, walk)

    def check(self) -> str:
        """The first page of each app."""
        for app in self._apps:
            self._listed(app, {"maxResults": _PER_PAGE}, None)
        return f"googleplay: the reviews of {', '.join(self._apps)} can be read"

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """What is in none of the apps is gone, as long as another old review is found.

        Single reviews are given for longer than the list's week, but how long is written nowhere.
        Answers have no address of their own and stay out.
        """
        found = {}
        for one in external_ids:
            if "/" in one:
                continue
            review = self._review(one, now)
            if review is not None:
                found[one] = Standing.THERE
                at = _changed_at(_comment(review, "userComment"))
                self._old = one if at is not None and at < now - _WEEK else self._old
            elif self._finds_old(now):
                found[one] = Standing.GONE
        return found

    def _week(
        self, app: str, state: Mapping[str, Any], watch: Watch, now: datetime
    ) -> Iterator[Page]:
        """All there is; the cursor only says until when it has been seen, so that gaps are."""

        def fetch(bookmark: str, _back_to: datetime) -> Answer:
            asked = {"maxResults": _PER_PAGE, **({"token": bookmark} if bookmark else {})}
            answer = self._listed(app, asked, now)
            return read_each(
                answer.get("reviews", []),
                lambda one: _read(one, app, watch, now),
                _name,
                bookmark=_next_token(answer),
                full=len(answer.get("reviews", [])) >= _PER_PAGE,
            )

        reach = Reach(f"googleplay {app}", most_pages=40, lasting=False)
        seen_until, floor = instant(state.get("seen_until")), now - _WEEK
        gap = None
        if seen_until is not None and seen_until < floor:
            gap = Gap(seen_until, floor, f"googleplay {app}: nothing older than 7 days is listed")
        for page in newest_first(fetch, None, reach, since=floor, now=now):
            yield replace(page, cursor={"seen_until": iso(now)}, gap=gap or page.gap)
            gap = None

    def _listed(self, app: str, asked: Mapping[str, Any], now: datetime | None) -> dict[str, Any]:
        """One page; Google leaves `reviews` out where there are none."""
        try:
            answer = self._asked(app, "reviews", asked, now)
        except NotThereError as error:
            message = f"{error}; check {app} of sources.googleplay.apps"
            raise RemoteError(message, permanent=True) from error
        if not isinstance(answer, dict) or not isinstance(answer.get("reviews", []), list):
            raise RemoteError("googleplay: the answer holds no reviews; will be tried again")
        return answer

    def _review(self, review_id: str, now: datetime) -> Thing | None:
        """A single review, of whichever app; None: there is none.

        Raises RemoteError when an app that was not to be read may have it.
        """
        refused: RemoteError | None = None
        for app in self._apps:
            try:
                answer = self._asked(app, f"reviews/{quote(review_id, safe=':')}", {}, now)
            except NotThereError:
                continue
            except RemoteError as error:
                if not error.permanent:
                    raise
                refused = error
                continue
            if not isinstance(answer, dict) or identifier(answer.get("reviewId")) != review_id:
                raise RemoteError("googleplay: the answer holds no review; will be tried again")
            return answer
        if refused is not None:
            raise refused
        return None

    def _finds_old(self, now: datetime) -> bool:
        """Whether what was found once is found now: else it is Google that finds nothing."""
        if self._old and self._review(self._old, now) is None:
            self._old = ""
        return bool(self._old)

    def _asked(self, app: str, path: str, asked: Mapping[str, Any], now: datetime | None) -> Any:  # noqa: ANN401
        api = Api(
            self.name,
            self._base_url,
            headers={"Authorization": f"Bearer {self._login.bearer()}"},
            keys="sources.googleplay.service_account and what it may do in the Play Console",
            translate_error=error_translator(app),
        )
        return api.get(f"androidpublisher/v3/applications/{app}/{path}", asked, now=now)


def _read(thing: Thing, app: str, watch: Watch, now: datetime) -> list[Mention]:
    external_id = identifier(thing.get("reviewId"))
    if not external_id:
        raise UnreadableError("it has no reviewId")
    said, answer = _comment(thing, "userComment"), _comment(thing, "developerComment")
    if not isinstance(said.get("text"), str):
        raise UnreadableError("it has no text")
    changed_at = needed(_changed_at(said), "lastModified")
    title, tab, body = words(said.get("text")).partition("\t")
    review = Mention(
        source="googleplay",
        external_id=external_id,
        text=f"{title}\n\n{body}".strip() if tab else title.strip(),
        published_at=not_ahead(changed_at, now),
        url=f"https://play.google.com/store/apps/details?id={app}&reviewId={external_id}",
        lang=language(said.get("reviewerLanguage")),
        conversation_id=external_id,
        author=reviews.reviewer(external_id, thing.get("authorName")),
        engagement=Engagement(likes=count(said.get("thumbsUpCount"))),
        rating=reviews.stars(said.get("starRating")),
        edited_at=changed_at,  # Google tells no other date, and this one moves with each change
    )
    at = _changed_at(answer)
    said_back = words(answer.get("text"))
    return reviews.with_answer(review, said_back, at, account=app, watch=watch, now=now)


def _comment(thing: Thing, kind: str) -> Thing:
    """The last of this kind; {} when there is none."""
    comments = thing.get("comments")
    found = [
        one[kind]
        for one in (comments if isinstance(comments, list) else ())
        if isinstance(one, dict) and isinstance(one.get(kind), dict)
    ]
    return found[-1] if found else {}


def _changed_at(comment: Thing) -> datetime | None:
    stamp = comment.get("lastModified")
    return epoch(stamp.get("seconds")) if isinstance(stamp, dict) else None


def _next_token(answer: Thing) -> str:
    paging = answer.get("tokenPagination")
    return words(paging.get("nextPageToken")) if isinstance(paging, dict) else ""


def _name(thing: Thing) -> str:
    return f"googleplay review {identifier(thing.get('reviewId')) or 'without id'}"
