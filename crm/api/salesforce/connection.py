"""Asking Salesforce: the login, and what its refusals mean."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from crm.api.rows import inside
from crm.api.salesforce.settings import SalesforceSettings
from domain.errors import ConfigError, RemoteError
from net.json_api import Api
from net.refusals import Refusal, RefusedError, odd_answer

NAME = "salesforce"
DATA = "services/data/v65.0"  # Winter '26; each version is answered for three years at least
_TOKEN = re.compile(r"[\x21-\x7e]+")
_NO_SESSION = "INVALID_SESSION_ID"
_SPENT_FOR = timedelta(hours=1)  # the requests of the last 24 hours are counted
_LIMITS = ("REQUEST_LIMIT_EXCEEDED", "TXN_SECURITY_METERING_ERROR")
_PASSING = ("QUERY_TIMEOUT", "INVALID_QUERY_LOCATOR", "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE")
_LOGIN = ("invalid_client", "invalid_client_id", "invalid_grant", "inactive_user", "inactive_org")
_KEYS = "check crm.salesforce.client_id and client_secret"


class Connection:
    """One org, logged in when it is first asked and again when its session has ended."""

    def __init__(self, settings: SalesforceSettings) -> None:
        if not settings.base_url:
            raise ConfigError("crm.salesforce needs base_url, client_id and client_secret")
        self._url = settings.base_url
        self._login = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id.get_secret_value(),
            "client_secret": settings.client_secret.get_secret_value(),
        }
        self._api: Api | None = None

    def get(self, path: str, asked: Mapping[str, str], *, now: datetime | None) -> Any:  # noqa: ANN401
        """See Api.get. A session that has ended is told once, and then is the caller's."""
        return self._asked(lambda api: api.get(path, asked, now=now), now)

    def change(
        self, record: str, fields: Mapping[str, str | None], *, now: datetime | None
    ) -> None:
        """Let these fields of a record hold this. record: its object and id, "Contact/003…"."""
        # Changed by itself it answers nothing; as one of several, with JSON as everything else.
        one = {
            "method": "PATCH",
            "url": f"/{DATA}/sobjects/{record}",
            "referenceId": "change",
            "body": dict(fields),
        }
        body = {"allOrNone": True, "compositeRequest": [one]}
        answer = self._asked(lambda api: api.post(f"{DATA}/composite", body, now=now), now)
        answers = inside(answer, "compositeResponse")
        done = answers[0] if isinstance(answers, list) and answers else None
        status = inside(done, "httpStatusCode")
        if not isinstance(status, int):
            raise odd_answer(NAME, "does not say whether it was changed")
        if status >= HTTPStatus.BAD_REQUEST:
            refusal = Refusal(NAME, status, {}, now, inside(done, "body"))
            raise _translate_error(refusal) or refusal.by_status(_KEYS)

    def _asked(self, ask: Callable[[Api], Any], now: datetime | None) -> Any:  # noqa: ANN401
        if self._api is None:
            self._api = self._logged_in(now)
            return ask(self._api)
        try:
            return ask(self._api)
        except RefusedError as error:
            if error.name != _NO_SESSION:
                raise
        self._api = self._logged_in(now)
        return ask(self._api)

    def _logged_in(self, now: datetime | None) -> Api:
        answer = self._api_with({}).post_form("services/oauth2/token", self._login, now=now)
        token = inside(answer, "access_token")
        # requests would print any other, header and all, in its error.
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise odd_answer(NAME, "to the login holds no token")
        return self._api_with({"Authorization": f"Bearer {token}"})

    def _api_with(self, headers: Mapping[str, str]) -> Api:
        return Api(
            NAME,
            self._url,
            headers=headers,
            keys="crm.salesforce",
            translate_error=_translate_error,
        )


def _translate_error(refusal: Refusal) -> RemoteError | None:
    """A list of errors with codes; of the login, an object with one word."""
    first = refusal.body[0] if isinstance(refusal.body, list) and refusal.body else None
    code, words = inside(first, "errorCode"), inside(first, "message")
    if isinstance(code, str) and re.fullmatch(r"\w{1,60}", code, re.ASCII):
        return _by_code(replace(refusal, name=code), words if isinstance(words, str) else "")
    if refusal.name in _LOGIN:
        return refusal.refused(
            "the login is refused",
            advice=f"{_KEYS}, and that the app has the client credentials flow on, with a user",
        )
    return None


def _by_code(refusal: Refusal, words: str) -> RemoteError:
    code = refusal.name
    if code in _LIMITS:
        return refusal.rate_limited("the org has no API requests left for now", _SPENT_FOR)
    if code in _PASSING:
        return refusal.fails()
    if code in ("NOT_FOUND", "ENTITY_IS_DELETED"):
        return refusal.not_there(advice="the app's user must be able to see it")
    if code.startswith("API_"):
        return refusal.refused(advice="the app's user needs the permission 'API Enabled'")
    told_by_query = code.startswith(("INVALID_", "MALFORMED_")) and code != _NO_SESSION
    return refusal.by_status(_KEYS, words=words if told_by_query else "")
