"""Trustpilot, by the shapes that the documentation of its public reviews gives."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.errors import RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.query import parse
from listener.source import Page, Watch
from listener.sources import SOURCES
from listener.sources.trustpilot.settings import TrustpilotSettings
from listener.sources.trustpilot.source import TrustpilotSource
from tests.net.replay import Answer, Asked, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
UNIT = "0123456789abcdef01234567"
WATCH = Watch("acme", parse("acme"), (OwnAccount("trustpilot", UNIT),))


@pytest.fixture
def source(replay: Replay) -> TrustpilotSource:
    keys = {"brand": "Acme", "business_unit_id": UNIT, "api_key": "k1", "base_url": replay.url}
    return TrustpilotSource(TrustpilotSettings.model_validate(keys))


def collect(
    source: TrustpilotSource, cursor: Mapping[str, Any] | None = None, watch: Watch = WATCH
) -> list[Page]:
    return list(source.collect(watch, cursor, since=None, now=NOW))


def review(number: int, **changed: object) -> dict[str, object]:
    found = {
        "id": f"r{number}",
        "consumer": {"id": "c1", "displayName": "Ana R.", "displayLocation": "Lund, SE"},
        "stars": 2,
        "title": "Late",
        "text": "Two weeks.",
        "language": "en",
        "createdAt": f"{NINE - timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}",
        "updatedAt": None,
        "companyReply": None,
        "numberOfLikes": 1,
        "status": "active",
    }
    return {**found, **changed}


def listed(*things: object) -> Answer:
    return Answer({"reviews": list(things), "links": []})


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for page in pages for mention in page.mentions]


def test_reads_a_review_and_the_answer_to_it(source: TrustpilotSource, replay: Replay) -> None:
    reply = {"text": "Sorry, Ana.", "createdAt": "2026-11-20T10:00:00Z", "updatedAt": None}
    replay.plan(listed(review(0, companyReply=reply, updatedAt="2026-11-20T11:00:00Z")))
    (found,) = collect(source)
    answer, said = found.mentions
    assert said == Mention(
        source="trustpilot",
        external_id="r0",
        text="Late\n\nTwo weeks.",
        published_at=NINE,
        url="https://www.trustpilot.com/reviews/r0",
        lang="en",
        conversation_id="r0",
        author=Author(id="c1", handle="", name="Ana R.", location="Lund, SE"),
        engagement=Engagement(likes=1),
        rating=2.0,
        edited_at=NINE + timedelta(hours=2),
    )
    assert answer == Mention(
        source="trustpilot",
        external_id="r0/answer",
        text="Sorry, Ana.",
        published_at=NINE + timedelta(hours=1),
        url=said.url,
        parent_id="r0",
        conversation_id="r0",
        author=Author(id=UNIT, handle=UNIT),
    )
    (asked,) = replay.asked
    assert asked.path == f"/v1/business-units/{UNIT}/reviews"
    assert asked.query == {"orderBy": "createdat.desc", "perPage": "100", "page": "1"}
    assert asked.headers["apikey"] == "k1"


def test_an_answer_by_an_account_that_is_not_the_brands_is_no_mention(
    source: TrustpilotSource, replay: Replay
) -> None:
    reply = {"text": "Sorry.", "createdAt": "2026-11-20T10:00:00Z"}
    replay.plan(listed(review(0, companyReply=reply)))
    assert ids(collect(source, watch=Watch("Acme", parse("acme")))) == ["r0"]


def test_another_brand_has_nothing_here(source: TrustpilotSource, replay: Replay) -> None:
    replay.plan(listed(review(0)))
    assert collect(source, watch=Watch("Globex", parse("globex"))) == []
    assert replay.asked == []


def test_all_that_is_there_is_about_the_brand() -> None:
    asks = SOURCES["trustpilot"].asks(WATCH)
    assert (asks.asks, asks.left_here) == ((), ())


def test_what_is_no_longer_shown_is_left_out(source: TrustpilotSource, replay: Replay) -> None:
    replay.plan(listed(review(0, status="reported"), review(1, status=None)))
    (found,) = collect(source)
    assert (ids([found]), found.broken, found.fetched) == (["r1"], (), 2)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(review(2, id=None), "without id: it has no id", id="no id"),
        pytest.param(review(2, stars=9), "r2: its stars are not 1 to 5", id="nine stars"),
        pytest.param(review(2, stars="2"), "r2: its stars are not 1 to 5", id="stars as text"),
        pytest.param(
            review(2, createdAt="soon"), "r2: it has no readable createdAt", id="odd date"
        ),
        pytest.param(
            review(2, title=None, text=None), "r2: it has neither title nor text", id="no text"
        ),
        pytest.param([], "without id: it has no id", id="a list"),
    ],
)
def test_one_broken_review_is_told_and_the_rest_kept(
    source: TrustpilotSource, replay: Replay, broken: object, told: str
) -> None:
    replay.plan(listed(review(1), broken, review(3, consumer=None)))
    (found,) = collect(source)
    assert ids([found]) == ["r1", "r3"]
    assert found.mentions[1].author is None
    assert found.broken == (f"trustpilot review {told}",)


def test_looks_at_a_week_again_for_answers_and_no_further(
    source: TrustpilotSource, replay: Replay
) -> None:
    things = [review(number) for number in range(700)]

    def by_query(asked: Asked) -> Answer:
        first = 100 * (int(asked.query["page"]) - 1)
        return listed(*things[first : first + 100])

    replay.plan()
    replay.by_query = by_query
    pages = collect(source)
    assert len(ids(pages)) == 700, "the first look is a month"
    replay.asked.clear()
    again = collect(source, pages[-1].cursor)
    assert [asked.query["page"] for asked in replay.asked] == ["1", "2"]
    assert len(ids(again)) == 200
    assert all(page.gap is None for page in again)


def test_a_review_is_gone_when_trustpilot_says_so(source: TrustpilotSource, replay: Replay) -> None:
    replay.plan(
        Answer({"message": "Not found"}, 404),
        Answer(review(2)),
        Answer(review(3, status="flagged")),
    )
    assert source.recheck(["r1", "r2", "r3", "r3/answer"], now=NOW) == {
        "r1": Standing.GONE,
        "r2": Standing.THERE,
        "r3": Standing.HIDDEN,
    }
    assert replay.asked[0].path == "/v1/reviews/r1"
    replay.plan(Answer(b"<html>", 404))
    with pytest.raises(RemoteError):
        source.recheck(["r1"], now=NOW)


@pytest.mark.parametrize(
    ("status", "code", "permanent", "told"),
    [
        pytest.param(
            401,
            "oauth.v2.InvalidApiKey",
            True,
            "check sources.trustpilot.api_key",
            id="unknown key",
        ),
        pytest.param(
            401,
            "oauth.v2.InvalidApiKeyForGivenResource",
            True,
            "add its API module",
            id="no module",
        ),
        pytest.param(500, "policies.ratelimit.QuotaViolation", False, "rate limited", id="quota"),
        pytest.param(429, "policies.ratelimit.SpikeArrestViolation", False, "limited", id="burst"),
    ],
)
def test_a_refusal_of_the_gateway_says_what_is_wrong(
    source: TrustpilotSource,
    replay: Replay,
    status: int,
    code: str,
    *,
    permanent: bool,
    told: str,
) -> None:
    fault = {"faultstring": "canary", "detail": {"errorcode": code}}
    replay.plan(Answer({"fault": fault}, status))
    with pytest.raises(RemoteError, match=rf"\Atrustpilot: .*{told}") as caught:
        collect(source)
    assert caught.value.permanent is permanent
    assert "canary" not in str(caught.value)


def test_a_business_that_is_not_there_is_named(source: TrustpilotSource, replay: Replay) -> None:
    replay.plan(Answer({"message": "Not found"}, 404))
    with pytest.raises(RemoteError, match=r"check sources\.trustpilot\.business_unit_id"):
        collect(source)


def test_a_date_without_a_zone_is_utc(source: TrustpilotSource, replay: Replay) -> None:
    reply = {"text": "Sorry", "createdAt": "2026-11-20T10:30:00"}
    replay.plan(listed(review(1, createdAt="2026-11-20T09:00:00", companyReply=reply)))
    answer, said = collect(source)[0].mentions
    assert (said.published_at, answer.published_at) == (NINE, NINE + timedelta(minutes=90))
