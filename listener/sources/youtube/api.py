"""The YouTube Data API: its answers, and what its errors mean for what we do next."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from domain.clock import wall_instant
from domain.errors import RemoteError
from listener.clean import words
from net.json_api import Api
from net.refusals import Refusal

_HOST = "https://youtube.googleapis.com"
_QUOTA_DAY = ZoneInfo("America/Los_Angeles")  # where the day of a quota ends
_SPENT = ("quotaExceeded", "dailyLimitExceeded")
_TOO_FAST = ("rateLimitExceeded", "userRateLimitExceeded")
_NOT_THERE = ("videoNotFound", "channelNotFound", "commentNotFound", "commentThreadNotFound")
_KEY = ("keyInvalid", "keyExpired", "ipRefererBlocked")
_NOT_ENABLED = ("accessNotConfigured", "SERVICE_DISABLED")
# https://developers.google.com/youtube/v3/docs/core_errors
_REFUSALS = (
    *("badRequest", "invalid", "invalidParameter", "invalidValue", "missingRequiredParameter"),
    *("parseError", "required", "unexpectedParameter", "unknownParameter", "operationNotSupported"),
    *("invalidPageToken", "invalidChannelId", "invalidVideoId", "invalidSearchFilter"),
    *("forbidden", "insufficientPermissions", "authorizationRequired", "authError"),
    *("notFound", "unsupportedOutputFormat"),
)


class SpentError(RemoteError):
    """The day's quota is used up."""


class NotShownError(RemoteError):
    """It is there, and not for us to see: a private video, or what is said below it."""


class CommentsOffError(RemoteError):
    """Comments are switched off there, which is no fault."""


class YoutubeApi:
    """The key goes in a header: in the address it would stand in logs."""

    def __init__(self, key: str, base_url: str | None) -> None:
        self._api = Api(
            "youtube",
            base_url or _HOST,
            headers={"X-Goog-Api-Key": key},
            translate_error=_translate_error,
        )

    def things(
        self, path: str, asked: Mapping[str, Any], now: datetime | None
    ) -> tuple[list[object], str]:
        """The things of one answer, and the token of the next page, "" at the end."""
        try:
            answer = self._api.get(f"youtube/v3/{path}", asked, now=now)
        except SpentError as error:
            if now is None:
                raise
            raise SpentError(str(error), retry_after=next_quota(now) - now) from error
        things = answer.get("items") if isinstance(answer, dict) else None
        if not isinstance(things, list):
            raise RemoteError("youtube: the answer holds no items; will be tried again")
        return things, words(answer.get("nextPageToken"))


def next_quota(now: datetime) -> datetime:
    """When the next day's quota begins."""
    tomorrow = now.astimezone(_QUOTA_DAY).date() + timedelta(days=1)
    return wall_instant(tomorrow, datetime.min.time(), _QUOTA_DAY)


def _translate_error(refusal: Refusal) -> RemoteError | None:
    reason, message = _reason(refusal.body)
    named = replace(refusal, name=reason)
    error: RemoteError | None = None
    if reason in _SPENT:
        error = SpentError(f"youtube: today's quota is used up ({refusal.status})")
    elif reason in _TOO_FAST or refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        error = named.rate_limited()
    elif reason == "commentsDisabled":
        error = CommentsOffError("youtube: comments are off there", permanent=True)
    elif reason in _NOT_THERE:
        error = named.not_there()
    elif reason in _NOT_ENABLED:
        error = named.refused("enable the YouTube Data API v3 in the Cloud project of the key")
    elif reason in _KEY or "api key" in message.lower():
        error = named.refused("the key is refused", advice="check sources.youtube.api_key")
    elif reason in _REFUSALS or refusal.status == HTTPStatus.UNAUTHORIZED:
        refused = named.refused(advice="check sources.youtube")
        kind = NotShownError if reason == "forbidden" else RemoteError
        error = kind(str(refused), permanent=True)
    elif reason and refusal.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        # New names come up while YouTube fails, and pass.
        error = named.fails()
    return error


def _reason(body: object) -> tuple[str, str]:
    """The name of the error and its words; the words are never shown."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", ""
    errors = error.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    reason = words(first.get("reason")) if isinstance(first, dict) else ""
    return reason if re.fullmatch("[A-Za-z]{1,40}", reason) else "", words(error.get("message"))
