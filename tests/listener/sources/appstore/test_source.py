"""App Store Connect, by the shapes that Apple's documentation of customer reviews gives."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ValidationError

from domain.brand import OwnAccount
from domain.errors import ConfigError, RemoteError
from domain.mention import Author, Mention, Standing
from listener.query import parse
from listener.source import Page, Watch
from listener.sources.appstore.settings import AppStoreSettings
from listener.sources.appstore.source import AppStoreSource
from tests.listener.sources.signing import apple_key
from tests.net.replay import Answer, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
APP = "1234567890"
WATCH = Watch("Acme", parse("acme"), (OwnAccount("appstore", APP),))


@pytest.fixture
def source(replay: Replay) -> AppStoreSource:
    return AppStoreSource(settings(replay))


def settings(replay: Replay, **more: object) -> AppStoreSettings:
    given = {
        "apps": {APP: "Acme", "222222": "Globex"},
        "key_id": "K1",
        "issuer_id": "I1",
        "private_key": apple_key(),
        "base_url": replay.url,
        **more,
    }
    return AppStoreSettings.model_validate(given)


def collect(
    source: AppStoreSource, cursor: Mapping[str, Any] | None = None, watch: Watch = WATCH
) -> list[Page]:
    return list(source.collect(watch, cursor, since=None, now=NOW))


def review(number: int, *, answered: bool = False, **changed: object) -> dict[str, object]:
    attributes = {
        "rating": 1,
        "title": "Crashes",
        "body": "Always.",
        "reviewerNickname": "ana",
        "createdDate": f"2026-11-{number:02}T01:00:00-08:00",
        "territory": "USA",
    }
    response = {"type": "customerReviewResponses", "id": f"a{number}"} if answered else None
    return {
        "type": "customerReviews",
        "id": f"r{number}",
        "attributes": {**attributes, **changed},
        "relationships": {"response": {"data": response}},
    }


def response(number: int, state: str = "PUBLISHED") -> dict[str, object]:
    said = {"responseBody": "Fixed in 2.1", "lastModifiedDate": "2026-11-20T11:00:00Z"}
    return {
        "type": "customerReviewResponses",
        "id": f"a{number}",
        "attributes": {**said, "state": state},
    }


def listed(*things: object, included: object = None, after: str = "") -> Answer:
    links = {"self": "https://elsewhere.example.org/"}
    if after:
        links["next"] = f"https://elsewhere.example.org/v1/x?limit=200&cursor={after}"
    return Answer({"data": list(things), "included": included, "links": links})


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for page in pages for mention in page.mentions]


def test_reads_a_review_and_the_answer_to_it(source: AppStoreSource, replay: Replay) -> None:
    replay.plan(listed(review(20, answered=True), included=[response(20)]))
    (found,) = collect(source)
    answer, said = found.mentions
    assert said == Mention(
        source="appstore",
        external_id="r20",
        text="Crashes\n\nAlways.",
        published_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        url=f"https://apps.apple.com/app/id{APP}?see-all=reviews",
        conversation_id="r20",
        author=Author(id="reviewer of r20", handle="", name="ana", location="USA"),
        rating=1.0,
    )
    assert (answer.external_id, answer.parent_id, answer.text) == (
        "r20/answer",
        "r20",
        "Fixed in 2.1",
    )
    assert answer.author == Author(id=APP, handle=APP)
    (asked,) = replay.asked
    assert asked.path == f"/v1/apps/{APP}/customerReviews"
    assert asked.query == {"sort": "-createdDate", "limit": "200", "include": "response"}


def test_a_reviewer_who_takes_the_brands_name_is_not_the_brand(
    source: AppStoreSource, replay: Replay
) -> None:
    replay.plan(listed(review(20, reviewerNickname=APP)))
    (mention,) = collect(source)[0].mentions
    assert not WATCH.own_accounts[0].is_author("appstore", mention.author)
    assert not OwnAccount("", APP).is_author("appstore", mention.author)


def test_an_answer_that_nobody_sees_yet_answers_nothing(
    source: AppStoreSource, replay: Replay
) -> None:
    hidden = response(20, "PENDING_PUBLISH")
    replay.plan(listed(review(20, answered=True), included=[hidden]))
    assert ids(collect(source)) == ["r20"]


def test_each_request_is_signed_for_apple(source: AppStoreSource, replay: Replay) -> None:
    replay.plan(listed())
    collect(source)
    scheme, _, token = replay.asked[0].headers["authorization"].partition(" ")
    public = load_pem_private_key(apple_key().encode(), None).public_key()
    claims = jwt.decode(token, public, ["ES256"], audience="appstoreconnect-v1")  # type: ignore[arg-type]
    assert scheme == "Bearer"
    assert jwt.get_unverified_header(token)["kid"] == "K1"
    assert claims["iss"] == "I1"
    assert claims["exp"] - claims["iat"] <= 1200


def test_follows_the_bookmark_and_never_the_address(source: AppStoreSource, replay: Replay) -> None:
    replay.plan(listed(review(20), after="c1"), listed(review(19)))
    pages = collect(source)
    assert ids(pages) == ["r20", "r19"]
    assert replay.asked[1].path == f"/v1/apps/{APP}/customerReviews"
    assert replay.asked[1].query["cursor"] == "c1"
    replay.plan(listed(review(20), after="c1"), listed(review(5), after="c2"))
    collect(source, pages[-1].cursor)
    assert len(replay.asked) == 2, "a week is looked at again for answers, and no more"


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(review(2, rating=None), "r2: its stars are not 1 to 5", id="no stars"),
        pytest.param(review(2, createdDate=1), "r2: it has no readable createdDate", id="odd date"),
        pytest.param(
            review(2, title=None, body=None), "r2: it has neither title nor body", id="no text"
        ),
        pytest.param({"id": "r2"}, "r2: it has no id or no attributes", id="no attributes"),
        pytest.param(None, "without id: it has no id or no attributes", id="null"),
    ],
)
def test_one_broken_review_is_told_and_the_rest_kept(
    source: AppStoreSource, replay: Replay, broken: object, told: str
) -> None:
    replay.plan(listed(review(20), broken, review(19)))
    (found,) = collect(source)
    assert ids([found]) == ["r20", "r19"]
    assert found.broken == (f"appstore review {told}",)


def test_an_app_that_is_gone_does_not_stop_the_others(replay: Replay) -> None:
    source = AppStoreSource(settings(replay, apps={"111111": "acme", APP: "Acme"}))
    replay.plan(Answer({"errors": []}, 404), listed(review(20)))
    pages = collect(source)
    assert ids(pages) == ["r20"]
    assert [said for page in pages for said in page.broken] == [
        "appstore: there is no such thing (404); check 111111 of sources.appstore.apps"
    ]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        pytest.param(
            "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED", "account holder", id="not signed"
        ),
        pytest.param("FORBIDDEN_ERROR.PLA_NOT_ACCEPTED", "account holder", id="license agreement"),
        pytest.param("FORBIDDEN_ERROR", "give it a role", id="role"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_blames_no_good_key(
    source: AppStoreSource, replay: Replay, code: str, told: str
) -> None:
    replay.plan(Answer({"errors": [{"status": "403", "code": code, "detail": "canary"}]}, 403))
    with pytest.raises(RemoteError, match=rf"\Aappstore: .*{told}") as caught:
        collect(source)
    assert caught.value.permanent
    assert "canary" not in str(caught.value)
    assert "private_key" not in str(caught.value)


def test_a_key_that_apple_does_not_know_is_named(source: AppStoreSource, replay: Replay) -> None:
    replay.plan(Answer({"errors": [{"status": "401", "code": "NOT_AUTHORIZED"}]}, 401))
    with pytest.raises(RemoteError, match=r"check sources\.appstore\.key_id"):
        collect(source)


def test_a_full_page_without_a_next_one_is_a_gap_unless_it_is_all_there_is(
    source: AppStoreSource, replay: Replay
) -> None:
    full = [review(20) | {"id": f"f{number}"} for number in range(200)]
    replay.plan(listed(*full))
    (page,) = collect(source)
    assert page.gap is not None
    assert "a full page and none after it" in page.gap.reason
    replay.plan(Answer({"data": full, "meta": {"paging": {"total": 200, "limit": 200}}}))
    assert collect(source)[0].gap is None


def test_another_brand_has_nothing_here(source: AppStoreSource, replay: Replay) -> None:
    replay.plan(listed(review(20)))
    assert collect(source, watch=Watch("Initech", parse("initech"))) == []
    assert replay.asked == []


def test_a_review_is_gone_when_apple_says_so(source: AppStoreSource, replay: Replay) -> None:
    replay.plan(Answer({"errors": [{"code": "NOT_FOUND"}]}, 404), Answer({"data": review(2)}))
    assert source.recheck(["r1", "r2", "r2/answer"], now=NOW) == {
        "r1": Standing.GONE,
        "r2": Standing.THERE,
    }
    replay.plan(Answer({}, 500))
    with pytest.raises(RemoteError):
        source.recheck(["r1"], now=NOW)


def test_a_future_date_becomes_the_moment_it_was_seen(
    source: AppStoreSource, replay: Replay
) -> None:
    replay.plan(listed(review(20, createdDate=f"{NOW + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}")))
    assert collect(source)[0].mentions[0].published_at == NOW


def test_a_key_of_another_kind_is_a_matter_of_configuration(replay: Replay) -> None:
    with pytest.raises(ValidationError, match="is no private key"):
        settings(replay, private_key="xoxb-1")
    bad = "-----BEGIN PRIVATE KEY-----\ninvented\n-----END PRIVATE KEY-----"
    with pytest.raises(ConfigError, match=r"appstore\.private_key is no key for ES256") as caught:
        AppStoreSource(settings(replay, private_key=bad))
    assert "invented" not in str(caught.value)


def test_a_key_may_come_on_one_line(replay: Replay) -> None:
    AppStoreSource(settings(replay, private_key=apple_key().replace("\n", "\\n")))
