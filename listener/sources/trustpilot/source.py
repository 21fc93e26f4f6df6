"""Trustpilot: the reviews of one business, and what the business answered.

Sees     reviews that stand, with their stars; answers up to 7 days after the review, once
         own_accounts has trustpilot:BUSINESS_UNIT_ID.
Needs    [sources.trustpilot] brand, business_unit_id, api_key (a paid module of Trustpilot).
Limits   833 requests in 5 minutes, 10,000 an hour, as Trustpilot recommends.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.contract import Contract
from domain.errors import ConfigError, RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.clean import UnreadableError, count, identifier, language, not_ahead, words
from listener.contracts import contract_of
from listener.dates import instant, needed
from listener.pages import Thing, read_each
from listener.source import Page, Watch
from listener.sources import reviews
from listener.sources.trustpilot.settings import TrustpilotSettings
from listener.walk import Answer, Reach, newest_first
from net.json_api import Api
from net.refusals import NotThereError, Refusal

_HOST = "https://api.trustpilot.com"
_PER_PAGE = 100
_REACH = Reach(
    "trustpilot",
    first_look=reviews.FIRST_LOOK,
    lasting=False,  # pages are numbers, and shift
    overlap=reviews.ANSWERED_WITHIN,
)


class TrustpilotSource:
    """The public list of reviews, with an API key."""

    name = "trustpilot"
    contract: Contract = contract_of("trustpilot")
    recheck_at_once = 3  # each is a request of its own, and a pass makes twenty calls

    def __init__(self, settings: TrustpilotSettings) -> None:
        key = settings.api_key.get_secret_value()
        if not key or not settings.business_unit_id or not settings.brand:
            raise ConfigError("sources.trustpilot needs brand, business_unit_id and api_key")
        self._unit = settings.business_unit_id
        self._brand = settings.brand
        self._api = Api(
            self.name,
            settings.base_url or _HOST,
            headers={"apikey": key},
            keys="sources.trustpilot.api_key and business_unit_id",
            translate_error=_translate_error,
        )

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; for any other brand there is nothing."""

        def fetch(bookmark: str, _back_to: datetime) -> Answer:
            page = int(bookmark or 1)
            things = self._listed(page, now)
            following = str(page + 1) if len(things) >= _PER_PAGE else ""
            return read_each(
                things, lambda one: _read(one, self._unit, watch, now), _name, bookmark=following
            )

        if reviews.of_brand(watch, {self._unit: self._brand}):
            yield from newest_first(fetch, cursor, _REACH, since=since, now=now)

    def check(self) -> str:
        """One page of reviews."""
        self._listed(1, None)
        return "trustpilot: the reviews can be read and the key is accepted"

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """One by one; answers have no address of their own and stay out."""
        asked = [one for one in external_ids if "/" not in one]
        return {one: self._standing(one, now) for one in asked}

    def _listed(self, page: int, now: datetime | None) -> list[Any]:
        asked = {"orderBy": "createdat.desc", "perPage": _PER_PAGE, "page": page}
        try:
            answer = self._api.get(f"v1/business-units/{self._unit}/reviews", asked, now=now)
        except NotThereError as error:
            told = f"{error}; check sources.trustpilot.business_unit_id"
            raise RemoteError(told, permanent=True) from error
        things = answer.get("reviews") if isinstance(answer, dict) else None
        if not isinstance(things, list):
            raise RemoteError("trustpilot: the answer holds no reviews; will be tried again")
        return things

    def _standing(self, review_id: str, now: datetime) -> Standing:
        try:
            review = self._api.get(f"v1/reviews/{review_id}", {}, now=now)
        except NotThereError:
            return Standing.GONE
        return Standing.THERE if _stands(review) else Standing.HIDDEN


def _read(thing: Thing, unit: str, watch: Watch, now: datetime) -> list[Mention]:
    external_id = identifier(thing.get("id"))
    if not external_id:
        raise UnreadableError("it has no id")
    if not _stands(thing):
        return []
    review = Mention(
        source="trustpilot",
        external_id=external_id,
        text=_text(thing),
        published_at=not_ahead(needed(instant(thing.get("createdAt")), "createdAt"), now),
        url=f"https://www.trustpilot.com/reviews/{external_id}",
        lang=language(thing.get("language")),
        conversation_id=external_id,
        author=_consumer(thing.get("consumer")),
        engagement=Engagement(likes=count(thing.get("numberOfLikes"))),
        rating=reviews.stars(thing.get("stars")),
        edited_at=instant(thing.get("updatedAt")),
    )
    reply = thing.get("companyReply")
    reply = reply if isinstance(reply, dict) else {}
    at = instant(reply.get("createdAt"))
    said_back = words(reply.get("text"))
    return reviews.with_answer(review, said_back, at, account=unit, watch=watch, now=now)


def _text(thing: Thing) -> str:
    if not isinstance(thing.get("title"), str) and not isinstance(thing.get("text"), str):
        raise UnreadableError("it has neither title nor text")
    return f"{words(thing.get('title'))}\n\n{words(thing.get('text'))}".strip()


def _consumer(consumer: object) -> Author | None:
    """Consumers have ids of their own here, unlike in the shops of apps."""
    number = identifier(consumer.get("id")) if isinstance(consumer, dict) else ""
    if not isinstance(consumer, dict) or not number:
        return None
    return Author(
        id=number,
        handle="",
        name=words(consumer.get("displayName")),
        location=words(consumer.get("displayLocation")),
    )


def _stands(thing: object) -> bool:
    """Reported, archived and the like are no longer shown; without a word it stands."""
    return isinstance(thing, dict) and thing.get("status") in (None, "active")


def _translate_error(refusal: Refusal) -> RemoteError | None:
    """The gateway before Trustpilot's API names what it refuses (Apigee's faults)."""
    fault = refusal.body.get("fault") if isinstance(refusal.body, dict) else None
    detail = fault.get("detail") if isinstance(fault, dict) else None
    code = words(detail.get("errorcode")) if isinstance(detail, dict) else ""
    if code.startswith("policies.ratelimit."):
        return refusal.rate_limited()
    if code.endswith(".InvalidApiKeyForGivenResource"):
        return refusal.refused(
            "the key is known, but not for reviews",
            advice="Trustpilot has to add its API module to the plan",
        )
    return None


def _name(thing: Thing) -> str:
    return f"trustpilot review {identifier(thing.get('id')) or 'without id'}"
