"""Asking Shopify: the login, and what its refusals mean, of which many come as a good answer."""

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from crm.api.rows import inside
from crm.api.shopify.settings import ShopifySettings
from domain.errors import ConfigError, RemoteError
from net.json_api import Api
from net.limits import LONGEST
from net.refusals import Refusal, RefusedError, odd_answer

NAME = "shopify"
GRAPHQL = "admin/api/2026-10/graphql.json"  # a version is answered for a year, then by the oldest
_TOKEN = re.compile(r"[\x21-\x7e]+")
_UNKNOWN = "unknown"
_KEYS = "check crm.shopify.client_id and client_secret, or token"
_ADVICE: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: _KEYS,
    HTTPStatus.PAYMENT_REQUIRED: "the shop is frozen until its bill is paid",
    HTTPStatus.FORBIDDEN: "the app must be installed in the shop",
    HTTPStatus.NOT_FOUND: "check crm.shopify.shop",
    HTTPStatus.LOCKED: "the shop is locked",
}
_SCOPES = "give the app read_customers and read_orders, and access to protected customer data"


class Connection:
    """One shop, logged in when it is first asked and again when its token has ended."""

    def __init__(self, settings: ShopifySettings) -> None:
        if not settings.shop:
            raise ConfigError("crm.shopify needs shop, and client_id and client_secret, or token")
        self._url = settings.base_url or f"https://{settings.shop}"
        self._login = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id.get_secret_value(),
            "client_secret": settings.client_secret.get_secret_value(),
        }
        token = settings.token.get_secret_value()
        self._api = self._api_with(token) if token else None
        self._renews = not token

    def ask(self, query: str, given: Mapping[str, Any], *, now: datetime | None) -> Any:  # noqa: ANN401
        """The answer's data. Raises RemoteError; with retry_after where the shop is asked too much.

        A token that has ended is told once, and then is the caller's.
        """
        body = {"query": query, "variables": dict(given)}
        if self._api is None:
            self._api = self._logged_in(now)
            return _data(self._api.post(GRAPHQL, body, now=now))
        try:
            return _data(self._api.post(GRAPHQL, body, now=now))
        except RefusedError as error:
            if error.name != _UNKNOWN or not self._renews:
                raise
        self._api = self._logged_in(now)
        return _data(self._api.post(GRAPHQL, body, now=now))

    def _logged_in(self, now: datetime | None) -> Api:
        answer = self._api_with("").post_form("admin/oauth/access_token", self._login, now=now)
        token = inside(answer, "access_token")
        # requests would print any other, header and all, in its error.
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise odd_answer(NAME, "to the login holds no token")
        return self._api_with(token)

    def _api_with(self, token: str) -> Api:
        headers = {"X-Shopify-Access-Token": token} if token else {}
        return Api(NAME, self._url, headers=headers, translate_error=_translate_error)


def _translate_error(refusal: Refusal) -> RemoteError | None:
    """Its errors are texts, which may quote what was sent: they are not shown."""
    advice = _ADVICE.get(refusal.status)
    if refusal.status == HTTPStatus.BAD_REQUEST and refusal.name in (
        *("invalid_client", "invalid_request", "shop_not_permitted", "application_cannot_be_found"),
    ):
        return refusal.refused("the login is refused", advice=_KEYS)
    if advice is None:
        return None
    told = str(refusal.refused(advice=advice))
    return RefusedError(told, _UNKNOWN if refusal.status == HTTPStatus.UNAUTHORIZED else "")


def _data(answer: object) -> object:
    """What was asked for. Raises RemoteError where the answer holds errors instead."""
    errors = inside(answer, "errors")
    if not errors:
        data = inside(answer, "data")
        if not isinstance(data, dict):
            raise odd_answer(NAME, "holds no data")
        return data
    first = errors[0] if isinstance(errors, list) else None
    refusal = Refusal(NAME, HTTPStatus.OK, {}, None, code=_code(first))
    if refusal.code == "THROTTLED":
        raise refusal.rate_limited(wait=_wait(answer))
    if refusal.code in ("INTERNAL_SERVER_ERROR", "TIMEOUT"):
        raise refusal.fails()
    words = inside(first, "message")
    raise refusal.refused(
        words=words if isinstance(words, str) else "",
        advice=_SCOPES if refusal.code == "ACCESS_DENIED" else "",
    )


def _code(error: object) -> str:
    code = inside(error, "extensions", "code")
    plain = isinstance(code, str) and re.fullmatch(r"\w{1,60}", code, re.ASCII)
    return str(code) if plain else "errors"


def _wait(answer: object) -> timedelta:
    """Until there are as many points as the question costs, by the rate at which they come."""
    cost = inside(answer, "extensions", "cost")
    needed = _number(inside(cost, "requestedQueryCost"))
    there = _number(inside(cost, "throttleStatus", "currentlyAvailable"))
    rate = _number(inside(cost, "throttleStatus", "restoreRate"))
    seconds = math.ceil((needed - there) / rate) if rate > 0 else 1
    return min(timedelta(seconds=max(seconds, 1)), LONGEST)


def _number(value: object) -> float:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return min(max(float(value), 0.0), 1e6) if plain and isinstance(value, int | float) else 0.0
