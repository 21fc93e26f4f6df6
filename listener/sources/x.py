"""X: posts of the past 7 days that name the brand, by recent search (tweepy).

Sees     posts, replies and quotes; plain reposts no longer come by keyword since 2026-05-04.
Needs    [sources.x] bearer_token of an app with credits: every post read costs money.
Limits   450 searches per 15 minutes and app; queries of 512 characters; nothing older than 7 days.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import requests
import tweepy

from domain.contract import Contract
from domain.errors import ConfigError, RemoteError
from listener import wire
from listener.contracts import X as CONTRACT
from listener.settings import XSettings
from listener.source import Page, Watch
from listener.sources.x_posts import read_page
from listener.sources.x_walk import Walk, plan, search_query

_HOST = "https://api.twitter.com"  # written into tweepy; api.x.com is the same service
_PER_PAGE = 100
_MOST_PAGES = 100  # of one pass, 10,000 posts; the next pass goes on where this one stopped
_LONGEST_WAIT = timedelta(minutes=15)  # X counts in windows of 15 minutes
_FIELDS = {
    "expansions": "author_id,referenced_tweets.id,referenced_tweets.id.author_id",
    "tweet_fields": (
        "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,"
        "lang,note_tweet,public_metrics,referenced_tweets"
    ),
    "user_fields": "created_at,description,location,name,public_metrics,url,username",
}


class XSource:
    """Recent search with one app's bearer token."""

    name = "x"
    contract: Contract = CONTRACT

    def __init__(self, settings: XSettings) -> None:
        token = settings.bearer_token.get_secret_value()
        if not token:
            raise ConfigError(
                "sources.x.bearer_token is missing: give it as env:NAME or file:/path"
            )
        _silence_tweepy()
        self._client = tweepy.Client(token, return_type=dict)
        self._client.session = wire.session(settings.base_url, instead_of=f"{_HOST}/")

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; a walk that an earlier pass left open is finished first."""
        query = search_query(watch)
        walk = plan(cursor, query=query, since=since, now=now)
        for _ in range(_MOST_PAGES):
            gap = walk.gap
            walk, answer = self._ask(walk, now)
            mentions, broken, fetched = read_page(answer, now)
            walk = walk.after(answer, mentions)
            yield Page(mentions, walk.cursor(), fetched, broken, gap or walk.gap)
            if walk.open:
                walk = replace(walk, gap=None)
            elif walk.resumed:
                walk = plan(walk.cursor(), query=query, since=None, now=now)
            else:
                return

    def check(self) -> str:
        """Search for a phrase nobody writes: X charges for posts read, and there are none."""
        self._search(
            {"query": '"earshot doctor asks whether search answers 7c1f"', "max_results": 10}, None
        )
        return "x: recent search answers and the token is accepted"

    def _ask(self, walk: Walk, now: datetime) -> tuple[Walk, Mapping[str, Any]]:
        """One page; a position that X does not take is given up for a safer one."""
        while True:
            asked = {"query": walk.query, "max_results": _PER_PAGE, **_FIELDS, **walk.position()}
            try:
                return walk, self._search(asked, now)
            except _BadRequestError:
                safer = walk.step_back()
                if safer is None:
                    raise
                walk = safer

    def _search(self, asked: dict[str, object], now: datetime | None) -> Mapping[str, Any]:
        try:
            answer: object = self._client.search_recent_tweets(**asked)
        except tweepy.HTTPException as error:
            raise _refusal(error, now) from error
        except requests.JSONDecodeError as error:
            raise RemoteError("x: the answer is no JSON; will be tried again") from error
        except requests.RequestException as error:
            # Its text may hold the whole request, so only its kind is told.
            raise RemoteError(f"x: no whole answer came ({type(error).__name__})") from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # tweepy stumbles over an error body that is a list, and a header that is no number.
            raise RemoteError("x: the answer makes no sense; will be tried again") from error
        return _sound(answer)


class _BadRequestError(RemoteError):
    """400: X does not take this request, perhaps only its position in the walk."""


def _refusal(error: tweepy.HTTPException, now: datetime | None) -> RemoteError:
    status = error.response.status_code
    said = _sentence(error)
    if status == HTTPStatus.BAD_REQUEST:
        return _BadRequestError(f"x: refused the request: {said}", permanent=True)
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return RemoteError(
            "x: no credits left (402); buy credits in the developer console", permanent=True
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        if "UsageCapExceeded" in error.response.text:
            return RemoteError("x: the monthly cap of posts is used up (429)", permanent=True)
        return RemoteError("x: rate limited (429)", retry_after=_wait(error.response.headers, now))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # Its rate limit headers say nothing of when it will be well again.
        wait = _wait(error.response.headers, None)
        return RemoteError(f"x: the service fails ({status})", retry_after=wait)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        said = f"{said}; check sources.x.bearer_token and the access of its app"
    return RemoteError(f"x: refused ({status}): {said}", permanent=True)


def _sentence(error: tweepy.HTTPException) -> str:
    """X's own words on one line; they quote the query at most, never the token."""
    said = "; ".join(message for message in error.api_messages if isinstance(message, str))
    return " ".join(said.split())[:300] or str(error.response.reason)


def _wait(headers: Mapping[str, str], now: datetime | None) -> timedelta | None:
    """How long X asks us to wait, at most a window; None when it does not say or it is over."""
    if (after := headers.get("retry-after", "")).isdecimal():
        wait = timedelta(seconds=min(int(after), 86_400))
    elif now and (reset := headers.get("x-rate-limit-reset", "")).isdecimal():
        wait = timedelta(seconds=min(int(reset) - int(now.timestamp()), 86_400))
    else:
        return None
    return min(wait, _LONGEST_WAIT) if wait > timedelta() else None


def _sound(answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, dict):
        raise RemoteError("x: the answer is no JSON object; will be tried again")
    if "meta" not in answer and "data" not in answer:
        errors = answer.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else {}
        said = first.get("title") if isinstance(first, dict) else None
        raise RemoteError(f"x: the answer holds no posts: {said or 'no reason given'}")
    return answer


def _silence_tweepy() -> None:
    """Keep the bearer token, which tweepy logs at DEBUG, out of the logs at every level."""
    log = logging.getLogger("tweepy.client")
    if _above_debug not in log.filters:
        log.addFilter(_above_debug)


def _above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.INFO
