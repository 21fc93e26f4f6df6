"""Google Play, by the shapes that the documentation of the Reply to Reviews API gives."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ValidationError

from domain.brand import OwnAccount
from domain.errors import ConfigError, RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.query import parse
from listener.source import Page, Rechecks, Watch
from listener.sources.googleplay.settings import GooglePlaySettings
from listener.sources.googleplay.source import GooglePlaySource
from tests.listener.sources.signing import google_account
from tests.net.replay import Answer, Asked, Replay, serve

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
APP = "com.example.app"
WATCH = Watch("Acme", parse("acme"), (OwnAccount("googleplay", APP),))
TOKEN = Answer({"access_token": "canaryToken91c", "token_type": "Bearer", "expires_in": 3599})


@pytest.fixture
def source(replay: Replay) -> GooglePlaySource:
    replay.fixed["/token"] = TOKEN
    return GooglePlaySource(settings(replay))


def settings(replay: Replay, **more: object) -> GooglePlaySettings:
    given = {
        "apps": {APP: "Acme"},
        "service_account": google_account(),
        "base_url": replay.url,
        **more,
    }
    return GooglePlaySettings.model_validate(given)


def collect(
    source: GooglePlaySource, cursor: Mapping[str, Any] | None = None, watch: Watch = WATCH
) -> list[Page]:
    return list(source.collect(watch, cursor, since=None, now=NOW))


def review(number: int, *, reply: str = "", **changed: object) -> dict[str, object]:
    at = int((NINE - timedelta(hours=number)).timestamp())
    said = {
        "text": "Crashes\tAlways.",
        "lastModified": {"seconds": str(at), "nanos": 5},
        "starRating": 1,
        "reviewerLanguage": "en_US",
        "thumbsUpCount": 3,
        "thumbsDownCount": 0,
    }
    comments: list[object] = [{"userComment": {**said, **changed}}]
    if reply:
        answered = {"text": reply, "lastModified": {"seconds": str(at + 3600)}}
        comments.append({"developerComment": answered})
    return {"reviewId": f"r{number}", "authorName": "Ana Ruiz", "comments": comments}


def listed(*things: object, after: str = "") -> Answer:
    paging = {"tokenPagination": {"nextPageToken": after}} if after else {}
    return Answer({"reviews": list(things), **paging})


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for page in pages for mention in page.mentions]


def test_reads_a_review_and_the_answer_to_it(source: GooglePlaySource, replay: Replay) -> None:
    replay.plan(listed(review(0, reply="Fixed in 2.1")))
    (found,) = collect(source)
    answer, said = found.mentions
    assert said == Mention(
        source="googleplay",
        external_id="r0",
        text="Crashes\n\nAlways.",
        published_at=NINE,
        url=f"https://play.google.com/store/apps/details?id={APP}&reviewId=r0",
        lang="en",
        conversation_id="r0",
        author=Author(id="reviewer of r0", handle="", name="Ana Ruiz"),
        engagement=Engagement(likes=3),
        rating=1.0,
        edited_at=NINE,
    )
    assert (answer.external_id, answer.parent_id, answer.text, answer.published_at) == (
        "r0/answer",
        "r0",
        "Fixed in 2.1",
        NINE + timedelta(hours=1),
    )
    assert WATCH.own_accounts[0].is_author("googleplay", answer.author)
    (asked,) = replay.asked
    assert asked.path == f"/androidpublisher/v3/applications/{APP}/reviews"
    assert asked.query == {"maxResults": "100"}
    assert asked.headers["authorization"] == "Bearer canaryToken91c"


def test_an_answer_without_an_own_account_is_no_mention(
    source: GooglePlaySource, replay: Replay
) -> None:
    replay.plan(listed(review(0, reply="Fixed")))
    assert ids(collect(source, watch=Watch("Acme", parse("acme")))) == ["r0"]


def test_reads_the_whole_week_each_time_because_answers_come_late(
    source: GooglePlaySource, replay: Replay
) -> None:
    replay.plan(listed(review(0), after="t2"), listed(review(150)))
    pages = collect(source)
    assert ids(pages) == ["r0", "r150"]
    assert replay.asked[1].query["token"] == "t2"
    replay.plan(listed(review(0), after="t2"), listed(review(150, reply="Fixed")))
    again = collect(source, pages[-1].cursor)
    assert ids(again) == ["r0", "r150/answer", "r150"]
    assert all(page.gap is None for page in (*pages, *again))


def test_more_than_a_week_without_a_look_is_a_gap(source: GooglePlaySource, replay: Replay) -> None:
    replay.plan(listed())
    cursor = {"asks": {APP: {"seen_until": "2026-11-10T12:00:00Z"}}}
    (found,) = collect(source, cursor)
    assert found.gap is not None
    assert found.gap.since == datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
    assert found.gap.until == NOW - timedelta(days=7)
    assert collect(source, found.cursor)[0].gap is None


def test_a_full_page_without_a_token_is_a_gap(source: GooglePlaySource, replay: Replay) -> None:
    full = [review(number % 20) | {"reviewId": f"f{number}"} for number in range(100)]
    replay.plan(listed(*full, after="t2"), listed(*full))
    first, second = collect(source)
    assert (first.gap, second.fetched) == (None, 100)
    assert second.gap is not None
    assert second.gap.since == NOW - timedelta(days=7)
    assert "a full page and none after it" in second.gap.reason
    replay.plan(listed(*full, after="t2"), listed(*full[:99]))
    assert [page.gap for page in collect(source)] == [None, None], "it proves the end"


def test_a_quiet_week_is_no_gap(source: GooglePlaySource, replay: Replay) -> None:
    replay.plan(Answer({}))
    cursor = {"asks": {APP: {"seen_until": "2026-11-20T11:00:00Z"}}}
    assert collect(source, cursor)[0].gap is None


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(review(2, starRating=0), "r2: its stars are not 1 to 5", id="no stars"),
        pytest.param(review(2, text=None), "r2: it has no text", id="no text"),
        pytest.param(
            review(2, lastModified={"seconds": "soon"}),
            "r2: it has no readable lastModified",
            id="odd date",
        ),
        pytest.param({"reviewId": "r2", "comments": None}, "r2: it has no text", id="no comments"),
        pytest.param({}, "without id: it has no reviewId", id="empty"),
    ],
)
def test_one_broken_review_is_told_and_the_rest_kept(
    source: GooglePlaySource, replay: Replay, broken: object, told: str
) -> None:
    replay.plan(listed(review(1), broken, review(3)))
    (found,) = collect(source)
    assert ids([found]) == ["r1", "r3"]
    assert found.broken == (f"googleplay review {told}",)


def test_another_brand_has_nothing_here(source: GooglePlaySource, replay: Replay) -> None:
    replay.plan(listed(review(0)))
    assert collect(source, watch=Watch("Globex", parse("globex"))) == []
    assert replay.asked == []


# -- refusals


def cause(reason: str) -> dict[str, object]:
    """As Google writes it today, with what it says of many causes."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}
    return {"code": 403, "status": "PERMISSION_DENIED", "message": "canary", "details": [info]}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(cause("SERVICE_DISABLED"), "enable the Google Play Android", id="not enabled"),
        pytest.param(
            {"code": 403, "errors": [{"reason": "accessNotConfigured"}]}, "enable", id="old form"
        ),
        pytest.param({"errors": [{"reason": "projectNotLinked"}]}, "link the", id="not linked"),
        pytest.param(cause("CONSUMER_SUSPENDED"), "closed or suspended", id="project closed"),
        pytest.param({"status": "PERMISSION_DENIED"}, "permit it to reply to reviews", id="bare"),
        pytest.param({"errors": [{"reason": "forbidden"}]}, "permit it to reply", id="not allowed"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_blames_no_good_key(
    source: GooglePlaySource, replay: Replay, error: dict[str, object], told: str
) -> None:
    replay.plan(Answer({"error": error}, 403))
    with pytest.raises(
        RemoteError, match=rf"\Agoogleplay: {APP}: .*{told}.*\(403[ \w]*\)\Z"
    ) as caught:
        collect(source)
    assert caught.value.permanent
    assert "canary" not in str(caught.value)
    assert "check sources.googleplay.service_account" not in str(caught.value)


def test_a_limit_in_todays_form_passes(source: GooglePlaySource, replay: Replay) -> None:
    replay.plan(Answer({"error": cause("RATE_LIMIT_EXCEEDED")}, 403, {"retry-after": "9"}))
    with pytest.raises(RemoteError, match="quota is used up") as caught:
        collect(source)
    assert caught.value.retry_after == timedelta(seconds=9)


def test_an_app_that_is_not_there_is_named(source: GooglePlaySource, replay: Replay) -> None:
    replay.plan(Answer({"error": {"code": 404}}, 404))
    with pytest.raises(RemoteError, match=rf"check {APP} of sources\.googleplay\.apps"):
        source.check()


def test_an_app_that_is_refused_does_not_hide_a_review_of_another(replay: Replay) -> None:
    replay.fixed["/token"] = TOKEN
    apps = {"com.example.lid": "Acme", APP: "Acme"}
    source = GooglePlaySource(settings(replay, apps=apps))
    replay.plan(Answer({"error": {"status": "PERMISSION_DENIED"}}, 403), Answer(OLD))
    assert source.recheck(["r200"], now=NOW) == {"r200": Standing.THERE}
    replay.plan(Answer({"error": {"status": "PERMISSION_DENIED"}}, 403), NOT_THERE)
    with pytest.raises(RemoteError, match="may not read it"):
        source.recheck(["r7"], now=NOW)


# -- deletions

NOT_THERE = Answer({"error": {"code": 404, "errors": [{"reason": "reviewNotFound"}]}}, 404)
OLD, NEW = review(200), review(1)


def kept(*found: dict[str, object]) -> dict[str, Answer]:
    """What Google finds, by the last part of its address."""
    return {str(one["reviewId"]): Answer(one) for one in found}


def serve_kept(replay: Replay, found: Mapping[str, Answer]) -> None:
    def answer(asked: Asked) -> Answer:
        return found.get(asked.path.rpartition("/")[2], NOT_THERE)

    replay.by_query = answer


def test_what_google_finds_no_more_is_gone_while_it_finds_another_old_one(
    source: GooglePlaySource, replay: Replay
) -> None:
    serve_kept(replay, kept(OLD, NEW))
    assert source.recheck(["r200", "r1"], now=NOW) == {
        "r200": Standing.THERE,
        "r1": Standing.THERE,
    }
    assert source.recheck(["r7", "r7/answer"], now=NOW) == {"r7": Standing.GONE}
    assert [asked.path.rpartition("/")[2] for asked in replay.asked] == ["r200", "r1", "r7", "r200"]
    assert replay.asked[0].path == f"/androidpublisher/v3/applications/{APP}/reviews/r200"
    assert isinstance(source, Rechecks)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(kept(NEW), kept(NEW), id="no older one was ever found"),
        pytest.param(kept(OLD), {}, id="nothing is found any more"),
        pytest.param(kept(OLD), kept(NEW), id="the older one has gone too"),
    ],
)
def test_what_is_not_found_may_only_be_too_old(
    source: GooglePlaySource,
    replay: Replay,
    before: Mapping[str, Answer],
    after: Mapping[str, Answer],
) -> None:
    serve_kept(replay, before)
    source.recheck(list(before), now=NOW)
    serve_kept(replay, after)
    assert source.recheck(["r7"], now=NOW) == {}


def test_a_review_is_looked_for_in_every_app(replay: Replay) -> None:
    replay.fixed["/token"] = TOKEN
    apps = {APP: "Acme", "com.example.lid": "Acme"}
    source = GooglePlaySource(settings(replay, apps=apps))
    replay.plan(NOT_THERE, Answer(OLD))
    assert source.recheck(["r200"], now=NOW) == {"r200": Standing.THERE}
    assert "/com.example.lid/" in replay.asked[1].path


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(b"<html>", 404), id="a gateway's 404"),
        pytest.param(
            Answer({"error": {"errors": [{"reason": "applicationNotFound"}]}}, 404), id="no app"
        ),
        pytest.param(Answer({}, 403), id="403"),
        pytest.param(Answer({}, 503), id="503"),
        pytest.param(Answer({}), id="empty"),
        pytest.param(Answer(NEW), id="another review"),
        pytest.param(Answer(reset=True), id="reset connection"),
    ],
)
def test_an_error_is_no_deletion(source: GooglePlaySource, replay: Replay, answer: Answer) -> None:
    serve_kept(replay, kept(OLD))
    source.recheck(["r200"], now=NOW)
    serve_kept(replay, {**kept(OLD), "r7": answer})
    with pytest.raises(RemoteError):
        source.recheck(["r7"], now=NOW)


# -- logging in


def test_one_signed_request_gives_a_token_for_many(replay: Replay) -> None:
    with serve() as door:
        door.plan(TOKEN)
        replay.plan(listed(), listed())
        source = GooglePlaySource(settings(replay, auth_url=f"{door.url}/auth"))
        collect(source)
        collect(source)
    (asked,) = door.asked
    assert (asked.method, asked.path) == ("POST", "/auth/token")
    fields = {key: value[0] for key, value in parse_qs(asked.body).items()}
    assert fields["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    key = json.loads(google_account())["private_key"].encode()
    claims = jwt.decode(
        fields["assertion"],
        load_pem_private_key(key, None).public_key(),  # type: ignore[arg-type]
        ["RS256"],
        audience="https://oauth2.googleapis.com/token",
    )
    assert claims["iss"] == "earshot@example.iam.gserviceaccount.com"
    assert claims["scope"] == "https://www.googleapis.com/auth/androidpublisher"


@pytest.mark.parametrize(
    ("answer", "permanent", "words"),
    [
        pytest.param(
            Answer({"error": "invalid_grant", "error_description": "x"}, 400),
            True,
            "400 invalid_grant",
            id="refused",
        ),
        pytest.param(
            Answer({"error": "invalid_grant", "error_description": "Check your iat value"}, 400),
            True,
            "check the clock of this machine",
            id="clock",
        ),
        pytest.param(Answer({}, 500), False, "500", id="500"),
        pytest.param(Answer({}, 429, {"retry-after": "5"}), False, "429", id="429"),
        pytest.param(Answer({"access_token": "a\r\nb"}), False, "no token", id="two lines"),
        pytest.param(Answer({}), False, "no token", id="nothing"),
        pytest.param(Answer(b"<html>"), False, "no JSON", id="HTML"),
        pytest.param(Answer(reset=True), False, "no whole answer", id="reset connection"),
    ],
)
def test_trouble_at_the_door(
    source: GooglePlaySource, replay: Replay, answer: Answer, *, permanent: bool, words: str
) -> None:
    replay.fixed["/token"] = answer
    with pytest.raises(RemoteError, match=words) as caught:
        collect(source)
    assert caught.value.permanent is permanent


def test_a_used_up_quota_passes(source: GooglePlaySource, replay: Replay) -> None:
    error = {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}
    replay.plan(Answer({"error": error}, 403))
    with pytest.raises(RemoteError, match="quota is used up") as caught:
        collect(source)
    assert not caught.value.permanent


def test_an_account_of_another_kind_is_a_matter_of_configuration(replay: Replay) -> None:
    for odd in ("xoxb-1", "[]", '{"client_email": "a"}'):
        with pytest.raises(ValidationError, match="no key of a service account"):
            settings(replay, service_account=odd)
    account = json.dumps({**json.loads(google_account()), "private_key": "invented"})
    with pytest.raises(ConfigError, match="private_key cannot be read") as caught:
        GooglePlaySource(settings(replay, service_account=account))
    assert "invented" not in str(caught.value)
