"""App Store: the reviews of your own apps, and what you answered (App Store Connect).

Sees     reviews with text, in all countries; answers up to 7 days after the review, once
         own_accounts has appstore:APP_ID.
Needs    [sources.appstore] apps, and a team key: key_id, issuer_id, private_key.
Limits   about 3,500 requests an hour; a token lives 20 minutes, so each is made here anew.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import jwt

from domain.contract import Contract
from domain.errors import ConfigError, RemoteError
from domain.mention import Mention, Standing
from listener.clean import UnreadableError, identifier, not_ahead, words
from listener.contracts import contract_of
from listener.dates import instant, needed
from listener.pages import Thing, read_each
from listener.source import Page, Watch
from listener.sources import reviews
from listener.sources.appstore.settings import AppStoreSettings
from listener.streams import each_stream
from listener.walk import Answer, Reach, newest_first
from net.json_api import Api
from net.refusals import NotThereError, Refusal

_HOST = "https://api.appstoreconnect.apple.com"
_PER_PAGE = 200
_ASKED = {"sort": "-createdDate", "limit": _PER_PAGE, "include": "response"}
_TOKEN_S = 10 * 60  # Apple takes 20 minutes at most


class AppStoreSource:
    """The list of customer reviews of each app."""

    name = "appstore"
    contract: Contract = contract_of("appstore")
    recheck_at_once = 3  # each is a request of its own, and a pass makes twenty calls

    def __init__(self, settings: AppStoreSettings) -> None:
        if not settings.apps or not settings.key_id or not settings.issuer_id:
            raise ConfigError("sources.appstore needs apps, key_id, issuer_id and private_key")
        self._settings = settings
        self._bearer()  # a key that signs nothing is found at once

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; an app that fails does not stop the others."""

        def walk(app: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            def fetch(bookmark: str, _back_to: datetime) -> Answer:
                return self._page(app, bookmark, watch, now)

            reach = Reach(
                f"appstore {app}",
                first_look=reviews.FIRST_LOOK,
                lasting=False,
                overlap=reviews.ANSWERED_WITHIN,
            )
            return newest_first(fetch, state, reach, since=since, now=now)

        apps = reviews.of_brand(watch, self._settings.apps)
        if apps:
            yield from each_stream(cursor, apps, walk)

    def check(self) -> str:
        """The first page of each app."""
        for app in self._settings.apps:
            self._listed(app, _ASKED, None)
        return f"appstore: the reviews of {', '.join(self._settings.apps)} can be read"

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """One by one; answers have no address of their own and stay out."""
        asked = [one for one in external_ids if "/" not in one]
        return {one: self._standing(one, now) for one in asked}

    def _page(self, app: str, bookmark: str, watch: Watch, now: datetime) -> Answer:
        asked = {**_ASKED, "cursor": bookmark} if bookmark else _ASKED
        answer = self._listed(app, asked, now)
        answers = _by_id(answer.get("included"))
        return read_each(
            answer["data"],
            lambda one: _read(one, answers, app, watch, now),
            _name,
            bookmark=_cursor(answer.get("links")),
            full=len(answer["data"]) >= _PER_PAGE and _total(answer) != len(answer["data"]),
        )

    def _listed(self, app: str, asked: Mapping[str, Any], now: datetime | None) -> dict[str, Any]:
        try:
            answer = self._api().get(f"v1/apps/{app}/customerReviews", asked, now=now)
        except NotThereError as error:
            told = f"{error}; check {app} of sources.appstore.apps"
            raise RemoteError(told, permanent=True) from error
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            raise RemoteError("appstore: the answer holds no reviews; will be tried again")
        return answer

    def _standing(self, review_id: str, now: datetime) -> Standing:
        try:
            self._api().get(f"v1/customerReviews/{review_id}", {}, now=now)
        except NotThereError:
            return Standing.GONE
        return Standing.THERE

    def _api(self) -> Api:
        return Api(
            self.name,
            self._settings.base_url or _HOST,
            headers={"Authorization": f"Bearer {self._bearer()}"},
            keys="sources.appstore.key_id, issuer_id and private_key",
            translate_error=_translate_error,
        )

    def _bearer(self) -> str:
        """A new token for each request: to sign one takes less than a millisecond."""
        now_s = int(time.time())
        claims = {
            "iss": self._settings.issuer_id,
            "iat": now_s,
            "exp": now_s + _TOKEN_S,
            "aud": "appstoreconnect-v1",
        }
        key = self._settings.private_key.get_secret_value()
        try:
            return jwt.encode(claims, key, "ES256", {"kid": self._settings.key_id})
        except (jwt.PyJWTError, ValueError, TypeError):
            raise ConfigError(
                "sources.appstore.private_key is no key for ES256: give the .p8 file that App "
                "Store Connect made"
            ) from None


def _read(
    thing: Thing, answers: Mapping[str, Thing], app: str, watch: Watch, now: datetime
) -> list[Mention]:
    external_id, said = identifier(thing.get("id")), thing.get("attributes")
    if not external_id or not isinstance(said, dict):
        raise UnreadableError("it has no id or no attributes")
    if not isinstance(said.get("title"), str) and not isinstance(said.get("body"), str):
        raise UnreadableError("it has neither title nor body")
    review = Mention(
        source="appstore",
        external_id=external_id,
        text=f"{words(said.get('title'))}\n\n{words(said.get('body'))}".strip(),
        published_at=not_ahead(needed(instant(said.get("createdDate")), "createdDate"), now),
        url=f"https://apps.apple.com/app/id{app}?see-all=reviews",
        conversation_id=external_id,
        author=reviews.reviewer(
            external_id, said.get("reviewerNickname"), location=said.get("territory")
        ),
        rating=reviews.stars(said.get("rating")),
    )
    answer = answers.get(_answer_id(thing), {})
    at = instant(answer.get("lastModifiedDate"))
    said_back = words(answer.get("responseBody"))
    return reviews.with_answer(review, said_back, at, account=app, watch=watch, now=now)


def _by_id(included: object) -> dict[str, Thing]:
    """What was answered, by the number of the answer."""
    things = (
        [one for one in included if isinstance(one, dict)] if isinstance(included, list) else []
    )
    return {
        identifier(one.get("id")): attributes
        for one in things
        if one.get("type") == "customerReviewResponses"
        and isinstance(attributes := one.get("attributes"), dict)
        and attributes.get("state") != "PENDING_PUBLISH"
    }


def _answer_id(thing: Thing) -> str:
    """JSON:API: relationships → response → data → id."""
    value: object = thing
    for key in ("relationships", "response", "data", "id"):
        value = value.get(key) if isinstance(value, dict) else None
    return identifier(value)


def _total(answer: Thing) -> object:
    """How many reviews there are of the app, where Apple says it."""
    value: object = answer
    for key in ("meta", "paging", "total"):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _translate_error(refusal: Refusal) -> RemoteError | None:
    """Apple says with 403 what the key itself is not to blame for."""
    errors = refusal.body.get("errors") if isinstance(refusal.body, dict) else None
    errors = errors if isinstance(errors, list) else []
    codes = [words(one.get("code")) for one in errors if isinstance(one, dict)]
    if not any(code.startswith("FORBIDDEN") for code in codes):
        return None
    if any("AGREEMENT" in code or ".PLA_" in code for code in codes):
        return refusal.refused(
            "an agreement with Apple is not signed or has expired",
            advice="the account holder has to sign it in App Store Connect, under Business",
        )
    return refusal.refused(
        "the key may not read reviews",
        advice="give it a role with customer support in App Store Connect, under Users and Access",
    )


def _cursor(links: object) -> str:
    """Of the next page. Only its bookmark is taken, never its address: the token stays here."""
    following = words(links.get("next")) if isinstance(links, dict) else ""
    return parse_qs(following.partition("?")[2]).get("cursor", [""])[0]


def _name(thing: Thing) -> str:
    return f"appstore review {identifier(thing.get('id')) or 'without id'}"
