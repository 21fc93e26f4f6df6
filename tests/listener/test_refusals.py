"""What the sources that speak JSON say of trouble: one sentence, and whether to try again."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from domain.errors import ConfigError, RemoteError
from listener.query import parse
from listener.settings import SourceSettings
from listener.source import Source, Watch
from listener.sources import SOURCES
from tests.listener.replay import Answer, Replay
from tests.listener.signing import CANARY, apple_key, google_account

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WATCH = Watch("Acme", parse("acme"))
TOKEN_PATH = "/token"


@dataclass(frozen=True, slots=True)
class Case:
    keys: Callable[[], Mapping[str, object]]  # of its table
    empty: object  # an answer without anything in it
    odd: object  # one of another shape
    feeds: int = 1  # that are read, each on its own


CASES = {
    "stackexchange": Case(lambda: {"api_key": CANARY}, {"items": []}, {"items": None}),
    "github": Case(dict, {"items": []}, {"items": {}}),
    "discourse": Case(
        lambda: {
            "servers": ["https://forum.example.org"],
            "api_key": CANARY,
            "api_username": "earshot",
        },
        {"latest_posts": []},
        {"latest_posts": None},
    ),
    "trustpilot": Case(
        lambda: {"brand": "Acme", "business_unit_id": "0" * 24, "api_key": CANARY},
        {"reviews": []},
        {"reviews": {}},
    ),
    "appstore": Case(
        lambda: {
            "apps": {"1234567890": "Acme"},
            "key_id": "K1",
            "issuer_id": "I1",
            "private_key": apple_key(),
        },
        {"data": []},
        {"data": {}},
    ),
    "googleplay": Case(
        lambda: {"apps": {"com.example.app": "Acme"}, "service_account": google_account()},
        {},
        {"reviews": "none"},
    ),
    "facebook": Case(
        lambda: {"brand": "Acme", "page": "1001", "access_token": CANARY},
        {"data": []},
        {"data": {}},
        feeds=2,
    ),
    "instagram": Case(
        lambda: {"brand": "Acme", "account": "1001", "access_token": CANARY},
        {"data": []},
        {"posts": []},
        feeds=2,
    ),
    "threads": Case(lambda: {"access_token": CANARY}, {"data": []}, {"data": None}),
    "linkedin": Case(
        lambda: {"brand": "Acme", "organization": "1001", "access_token": CANARY},
        {"elements": [], "paging": {"start": 0, "count": 50, "links": []}},
        {"elements": {}},
    ),
}


@pytest.fixture(params=list(CASES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(name: str, replay: Replay) -> SourceSettings:
    given = {**CASES[name].keys(), "base_url": replay.url}
    return SOURCES[name].settings.model_validate(given)


@pytest.fixture
def source(name: str, settings: SourceSettings, replay: Replay) -> Source:
    replay.fixed[TOKEN_PATH] = Answer({"access_token": f"{CANARY}-token", "expires_in": 3600})
    return SOURCES[name].make(settings)


def collect(source: Source) -> list[object]:
    return list(source.collect(WATCH, None, since=None, now=NOW))


@pytest.mark.parametrize(
    ("answer", "permanent", "wait_s"),
    [
        pytest.param((401, {}), True, None, id="401"),
        pytest.param((402, {}), True, None, id="402"),
        pytest.param((403, {}), True, None, id="403"),
        pytest.param((403, {"retry-after": "9"}), False, 9, id="403 with a wait"),
        pytest.param((404, {}), True, None, id="404"),
        pytest.param((302, {"location": "/elsewhere"}), True, None, id="302"),
        pytest.param((429, {}), False, None, id="429 without a word"),
        pytest.param((429, {"retry-after": "7"}), False, 7, id="429"),
        pytest.param(
            (429, {"retry-after": "Fri, 20 Nov 2026 12:00:10 GMT"}), False, 10, id="429, a date"
        ),
        pytest.param((429, {"retry-after": "4102444800"}), False, 900, id="429 for a century"),
        pytest.param((500, {}), False, None, id="500"),
        pytest.param((503, {"retry-after": "30"}), False, 30, id="503"),
    ],
)
def test_says_whether_trying_again_can_help(
    source: Source,
    replay: Replay,
    name: str,
    answer: tuple[int, dict[str, str]],
    *,
    permanent: bool,
    wait_s: int | None,
) -> None:
    status, headers = answer
    replay.plan(Answer({"message": "no"}, status, headers))
    with pytest.raises(RemoteError, match=str(status)) as caught:
        collect(source)
    assert caught.value.permanent is permanent
    waits = caught.value.retry_after
    assert (None if waits is None else waits.total_seconds()) == wait_s
    assert str(caught.value).startswith(name)
    assert "\n" not in str(caught.value)
    assert len(replay.asked) == CASES[name].feeds, "one refusal is enough"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(b"{"), id="half a JSON"),
        pytest.param(Answer(b"<html>"), id="HTML"),
        pytest.param(Answer(b""), id="nothing"),
        pytest.param(Answer([]), id="a list"),
        pytest.param(None, id="another shape"),
        pytest.param(Answer({}, cut=True), id="cut body"),
        pytest.param(Answer(reset=True), id="reset connection"),
    ],
)
def test_a_broken_answer_is_one_line_and_may_be_tried_again(
    source: Source, replay: Replay, name: str, answer: Answer | None
) -> None:
    replay.plan(answer or Answer(CASES[name].odd))
    with pytest.raises(RemoteError) as caught:
        collect(source)
    assert not caught.value.permanent
    assert "\n" not in str(caught.value)


# The main list of every source that reads JSON, and what the sources not in CASES need for it.
LISTS = {
    "x": ("data",),
    "reddit": ("data", "children"),
    "bluesky": ("posts",),
    "mastodon": (),  # the answer itself
    "hackernews": ("hits",),
    "youtube": ("items",),
    "stackexchange": ("items",),
    "github": ("items",),
    "discourse": ("latest_posts",),
    "trustpilot": ("reviews",),
    "appstore": ("data",),
    "googleplay": ("reviews",),
    "facebook": ("data",),
    "instagram": ("data",),
    "threads": ("data",),
    "linkedin": ("elements",),
}
WITHOUT_A_LIST = ("googleplay",)  # which leaves it out when it is empty
OTHER_KEYS: Mapping[str, Mapping[str, object]] = {
    "x": {"bearer_token": CANARY},
    "reddit": {"client_id": "an-id", "client_secret": CANARY},
    "bluesky": {"handle": "me.example.com", "app_password": CANARY},
    "mastodon": {"servers": ["one.example"], "hashtags": ["acme"]},
    "hackernews": {},
    "youtube": {"api_key": CANARY, "videos": ["acmeKettle1"], "searches_per_day": 0},
}
LOGINS = {
    "/api/v1/access_token": {"access_token": CANARY, "token_type": "bearer", "expires_in": 3600},
    "/xrpc/com.atproto.server.createSession": {
        "did": "did:plc:anaaaaaaaaaaaaaaaaaaaaaa",
        "handle": "me.example.com",
        "accessJwt": CANARY,
        "refreshJwt": CANARY,
    },
    TOKEN_PATH: {"access_token": f"{CANARY}-token", "expires_in": 3600},
}


def answers_without_a_list(name: str) -> Iterator[object]:
    """Good answers as far as HTTP and JSON go, in which the main list is something else."""
    path = LISTS[name]
    for other in (None, {}, "none", 7, True, [] if path else {"error": "no"}):
        yield other if other != {} or name not in WITHOUT_A_LIST else {"reviews": {}}
    for other in (None, {}, "none", 7, True) if path else ():
        body: object = other
        for key in reversed(path):
            body = {key: body}
        # X counts what it sends, and leaves out the list of nothing.
        yield (
            {**body, "meta": {"result_count": 1}}
            if name == "x" and isinstance(body, dict)
            else body
        )


@pytest.mark.parametrize("listing", list(LISTS))
def test_an_answer_without_its_list_is_never_nothing_there(listing: str, replay: Replay) -> None:
    given = OTHER_KEYS[listing] if listing in OTHER_KEYS else CASES[listing].keys()
    kind = SOURCES[listing]
    replay.fixed = {path: Answer(body) for path, body in LOGINS.items()}
    for body in answers_without_a_list(listing):
        source = kind.make(kind.settings.model_validate({**given, "base_url": replay.url}))
        replay.plan(Answer(body))
        with pytest.raises(RemoteError) as caught:
            pytest.fail(f"{body!r} is taken for {collect(source)}")
        assert not caught.value.permanent, body
        assert str(caught.value).startswith(listing)


def test_an_empty_answer_is_a_page_with_nothing_in_it(
    source: Source, replay: Replay, name: str
) -> None:
    replay.plan(Answer(CASES[name].empty))
    pages = list(source.collect(WATCH, None, since=None, now=NOW))
    assert len(pages) == CASES[name].feeds
    for found in pages:
        assert (found.mentions, found.fetched, found.broken, found.gap) == ((), 0, (), None)


def test_check_says_in_a_sentence_what_works(source: Source, replay: Replay, name: str) -> None:
    replay.plan(Answer(CASES[name].empty))
    assert source.check().startswith(f"{name}: ")


def test_check_says_what_to_look_at(source: Source, replay: Replay, name: str) -> None:
    if name == "stackexchange":
        body: object = {"error_id": 400, "error_name": "bad_parameter", "error_message": CANARY}
        replay.plan(Answer(body, 400))
    else:
        replay.plan(Answer({"message": "no"}, 401))
    with pytest.raises(RemoteError, match=rf"check sources\.{name}") as caught:
        source.check()
    assert caught.value.permanent


def test_secrets_appear_in_no_error_and_no_log(
    source: Source, replay: Replay, caplog: pytest.LogCaptureFixture, settings: SourceSettings
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    told = repr(settings)
    for answer in (Answer({}), Answer({}, 401), Answer({}, 503), Answer(reset=True)):
        replay.plan(answer)
        try:
            collect(source)
        except RemoteError as error:
            told += repr(error) + repr(error.__cause__)
    assert CANARY not in told + caplog.text
    assert "PRIVATE KEY" not in told + caplog.text
    assert "Bearer" not in told + caplog.text


@pytest.mark.parametrize(
    "keyed",
    [
        *("discourse", "trustpilot", "appstore", "googleplay"),
        *("facebook", "instagram", "threads", "linkedin", "email"),
    ],
)
def test_a_missing_key_is_a_matter_of_configuration(keyed: str) -> None:
    kind = SOURCES[keyed]
    with pytest.raises(ConfigError, match=rf"sources\.{keyed}"):
        kind.make(kind.settings())


@pytest.mark.parametrize(
    ("keyed", "table", "key"),
    [
        pytest.param("stackexchange", {"sites": ["../users"]}, "sites", id="site"),
        pytest.param("stackexchange", {"enabled": True, "sites": []}, "sites", id="no site"),
        pytest.param("discourse", {"servers": ["file:///etc"]}, "servers", id="no server"),
        pytest.param("trustpilot", {"business_unit_id": "../x"}, "business_unit_id", id="unit"),
        pytest.param("appstore", {"apps": {"../1": "Acme"}}, "apps", id="app"),
        pytest.param("appstore", {"private_key": CANARY}, "private_key", id="key"),
        pytest.param("googleplay", {"apps": {"com": "Acme"}}, "apps", id="package"),
        pytest.param("googleplay", {"service_account": CANARY}, "service_account", id="account"),
    ],
)
def test_a_wrong_table_names_the_key_and_no_secret(
    keyed: str, table: dict[str, object], key: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        SOURCES[keyed].settings.model_validate(table)
    assert key in str(caught.value)
    assert CANARY not in str(caught.value)
