"""What the sources that speak JSON say of trouble: one sentence, and whether to try again."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.errors import ConfigError, RemoteError
from listener.query import parse
from listener.settings import SourceSettings
from listener.source import Page, Source, Watch
from listener.sources import SOURCES
from tests.listener.sources.signing import CANARY, apple_key, google_account
from tests.net.replay import Answer, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WATCH = Watch("Acme", parse("acme"))
REFUSED = Answer({"message": "no"}, 401)


@dataclass(frozen=True, slots=True)
class Case:
    """What a source needs, and where it differs from most."""

    keys: Callable[[], Mapping[str, object]]  # of its table
    empty: Any  # an answer without anything in it
    listing: tuple[str, ...]  # the keys under which an answer has its main list; (): it is one
    omits: bool = False  # the list, when there is nothing in it
    feeds: int = 1  # that are read, each on its own
    tries: int = 1  # at most, of a client library that repeats by itself
    error: object = field(default_factory=lambda: {"message": "no"})  # the body of a refusal
    says: Mapping[int, str] = field(default_factory=dict)  # of a status that it does not name
    reset: str = ""  # the header that tells when its rate limit ends, where there is one
    waits_at_403: bool = True  # a 403 that asks to wait is a rate limit; else it is about the key
    no_key: Answer = REFUSED  # what it answers to a key that it does not know
    look_at: str = ""  # what check() says then; "": check sources.NAME


CASES = {
    "x": Case(
        lambda: {"bearer_token": CANARY},
        {"meta": {"result_count": 0}},
        ("data",),
        says={400: "Bad Request"},
        reset="x-rate-limit-reset",
        waits_at_403=False,
    ),
    "reddit": Case(
        lambda: {"client_id": "an-id", "client_secret": CANARY},
        {"kind": "Listing", "data": {"after": None, "children": []}},
        ("data", "children"),
        tries=3,
        error={"message": "no", "error": 400},
        waits_at_403=False,
        look_at="check client_id",
    ),
    "bluesky": Case(
        lambda: {"handle": "me.example.com", "app_password": CANARY},
        {"posts": []},
        ("posts",),
        error={"error": "InvalidRequest", "message": "no"},
        says={400: "InvalidRequest"},
        reset="ratelimit-reset",
        waits_at_403=False,
    ),
    # Without its token, for which it searches too; test_mastodon.py looks for that in the logs.
    "mastodon": Case(
        lambda: {"servers": ["one.example"], "hashtags": ["acme"]},
        [],
        (),
        error={"error": "no"},
        reset="x-ratelimit-reset",
        waits_at_403=False,
        look_at="give an access_token",
    ),
    "hackernews": Case(dict, {"hits": []}, ("hits",), look_at="refused"),
    "youtube": Case(
        lambda: {"api_key": CANARY, "videos": ["acmeKettle1"], "searches_per_day": 0},
        {"items": []},
        ("items",),
        says={404: "acmeKettle1 of videos is not there"},
        no_key=Answer({"error": {"errors": [{"reason": "keyInvalid"}], "message": CANARY}}, 400),
    ),
    "stackexchange": Case(
        lambda: {"api_key": CANARY},
        {"items": []},
        ("items",),
        no_key=Answer(
            {"error_id": 400, "error_name": "bad_parameter", "error_message": CANARY}, 400
        ),
    ),
    "github": Case(dict, {"items": []}, ("items",), reset="x-ratelimit-reset"),
    "discourse": Case(
        lambda: {
            "servers": ["https://forum.example.org"],
            "api_key": CANARY,
            "api_username": "earshot",
        },
        {"latest_posts": []},
        ("latest_posts",),
        reset="x-ratelimit-reset",
    ),
    "trustpilot": Case(
        lambda: {"brand": "Acme", "business_unit_id": "0" * 24, "api_key": CANARY},
        {"reviews": []},
        ("reviews",),
    ),
    "appstore": Case(
        lambda: {
            "apps": {"1234567890": "Acme"},
            "key_id": "K1",
            "issuer_id": "I1",
            "private_key": apple_key(),
        },
        {"data": []},
        ("data",),
    ),
    "googleplay": Case(
        lambda: {"apps": {"com.example.app": "Acme"}, "service_account": google_account()},
        {},
        ("reviews",),
        omits=True,
    ),
    "facebook": Case(
        lambda: {"brand": "Acme", "page": "1001", "access_token": CANARY, "app_secret": CANARY},
        {"data": []},
        ("data",),
        feeds=2,
    ),
    "instagram": Case(
        lambda: {"brand": "Acme", "account": "1001", "access_token": CANARY, "app_secret": CANARY},
        {"data": []},
        ("data",),
        feeds=2,
    ),
    "threads": Case(
        lambda: {"access_token": CANARY, "app_secret": CANARY}, {"data": []}, ("data",)
    ),
    "linkedin": Case(
        lambda: {"brand": "Acme", "organization": "1001", "access_token": CANARY},
        {"elements": [], "paging": {"start": 0, "count": 50, "links": []}},
        ("elements",),
    ),
}
BLUESKY_SESSION = {
    "did": "did:plc:anaaaaaaaaaaaaaaaaaaaaaa",
    "handle": "me.example.com",
    "accessJwt": f"{CANARY}-access",
    "refreshJwt": f"{CANARY}-refresh",
}
TOKEN = {"access_token": f"{CANARY}-token", "expires_in": 3600}
LOGINS = {
    "/api/v1/access_token": {**TOKEN, "token_type": "bearer", "scope": "*"},
    "/xrpc/com.atproto.server.createSession": BLUESKY_SESSION,
    "/xrpc/com.atproto.server.refreshSession": BLUESKY_SESSION,
    "/token": TOKEN,
    "/api/v2/instance/": {"domain": "one.example"},  # no login, but asked before all else
}
# Made to say all they can, though the sources silence some of them.
LIBRARIES = ("urllib3", "tweepy", "tweepy.client", "praw", "prawcore")


def test_no_source_is_left_out_but_those_that_speak_no_json() -> None:
    assert set(SOURCES) == {*CASES, "rss", "email"}


@pytest.fixture(params=list(CASES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def case(name: str) -> Case:
    return CASES[name]


@pytest.fixture
def settings(name: str, case: Case, replay: Replay) -> SourceSettings:
    """Of a source to which every login is open."""
    replay.fixed = {path: Answer(body) for path, body in LOGINS.items()}
    return SOURCES[name].settings.model_validate({**case.keys(), "base_url": replay.url})


@pytest.fixture
def source(name: str, settings: SourceSettings) -> Source:
    return SOURCES[name].make(settings)


def collect(source: Source, now: datetime = NOW) -> list[Page]:
    return list(source.collect(WATCH, None, since=None, now=now))


def refused(source: Source) -> RemoteError:
    """The error of a pass, which is one sentence that begins with the source's name."""
    with pytest.raises(RemoteError, match=rf"\A{source.name}: .*\Z") as caught:
        pytest.fail(f"this is taken for an answer: {collect(source)}")
    return caught.value


def seconds(wait: timedelta | None) -> float | None:
    return None if wait is None else wait.total_seconds()


@pytest.mark.parametrize(
    ("answer", "permanent", "wait_s", "told"),
    [
        pytest.param((400, {}), True, None, "refused", id="400"),
        pytest.param((401, {}), True, None, "refused", id="401"),
        pytest.param((402, {}), True, None, "", id="402"),
        pytest.param((403, {}), True, None, "refused", id="403"),
        pytest.param((404, {}), True, None, "", id="404"),
        pytest.param((418, {}), True, None, "refused", id="418"),
        pytest.param((302, {"location": "/elsewhere"}), True, None, "", id="302"),
        pytest.param((307, {"location": "http://127.0.0.1:9/"}), True, None, "refused", id="307"),
        pytest.param((429, {}), False, None, "rate limit", id="429 without a word"),
        pytest.param((429, {"retry-after": "7"}), False, 7, "rate limit", id="429"),
        pytest.param(
            (429, {"retry-after": "Fri, 20 Nov 2026 12:00:10 GMT"}),
            False,
            10,
            "rate limit",
            id="429, a date",
        ),
        pytest.param(
            (429, {"retry-after": "4102444800"}), False, 900, "rate limit", id="429 for a century"
        ),
        pytest.param((500, {}), False, None, "fails", id="500"),
        pytest.param((503, {"retry-after": "30"}), False, 30, "fails", id="503"),
        pytest.param((522, {}), False, None, "fails", id="522"),
    ],
)
def test_says_whether_trying_again_can_help(
    source: Source,
    replay: Replay,
    case: Case,
    answer: tuple[int, dict[str, str]],
    *,
    permanent: bool,
    wait_s: int | None,
    told: str,
) -> None:
    status, headers = answer
    replay.plan(Answer(case.error, status, headers))
    error = refused(source)
    assert (error.permanent, seconds(error.retry_after)) == (permanent, wait_s)
    assert case.says.get(status, f"{status}") in str(error)
    assert told in str(error)
    assert case.feeds <= len(replay.asked) <= case.feeds * case.tries, "one refusal is enough"


def test_a_403_that_asks_to_wait_is_a_rate_limit_or_about_the_key(
    source: Source, replay: Replay, case: Case
) -> None:
    replay.plan(Answer(case.error, 403, {"retry-after": "9"}))
    error = refused(source)
    expected = (False, 9) if case.waits_at_403 else (True, None)
    assert (error.permanent, seconds(error.retry_after)) == expected
    assert "403" in str(error)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.reset])
@pytest.mark.parametrize(
    ("reset", "wait_s"),
    [
        pytest.param("1795176060", 60, id="in a minute"),
        pytest.param("4102444800", 900, id="in 2100"),
        pytest.param("1600000000", None, id="in the past"),
        pytest.param("1.5e9", None, id="broken"),
        pytest.param("soon", None, id="odd"),
        pytest.param("9" * 5000, None, id="endless"),
    ],
)
def test_the_end_of_a_rate_limit_is_waited_for_where_it_can_be_read(
    source: Source, replay: Replay, case: Case, reset: str, wait_s: int | None
) -> None:
    replay.plan(Answer(case.error, 429, {case.reset: reset}))
    error = refused(source)
    assert (error.permanent, seconds(error.retry_after)) == (False, wait_s)
    assert "(429)" in str(error)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(Answer(b"{"), "no JSON", id="half a JSON"),
        pytest.param(Answer(b"<html>"), "no JSON", id="HTML"),
        pytest.param(
            Answer(b"<html>", headers={"content-type": "text/html"}),
            "no JSON",
            id="HTML by its name",
        ),
        pytest.param(Answer(b"\xff\xfe\x00"), "no JSON", id="bytes"),
        pytest.param(Answer(b""), "the answer", id="nothing"),
        pytest.param(Answer(b"", 204), "the answer", id="204"),
        pytest.param(None, "no whole answer came", id="cut body"),
        pytest.param(Answer(reset=True), "no whole answer came", id="reset connection"),
        pytest.param(Answer(b"<html>", 502), "fails (502)", id="HTML of a gateway"),
        pytest.param(Answer(b"", 503), "fails (503)", id="an empty 503"),
        pytest.param(Answer([1], 500), "fails (500)", id="an error that is a list"),
    ],
)
def test_a_broken_answer_is_one_line_and_may_be_tried_again(
    source: Source, replay: Replay, case: Case, answer: Answer | None, told: str
) -> None:
    replay.plan(answer or Answer(case.empty, cut=True))
    error = refused(source)
    assert not error.permanent
    assert told in str(error)
    assert case.feeds <= len(replay.asked) <= case.feeds * case.tries


def requests(replay: Replay) -> set[tuple[str, frozenset[str]]]:
    """What was asked: the paths and the names of the parameters, whatever is searched for."""
    return {(asked.path, frozenset(asked.query)) for asked in replay.asked}


def test_what_doctor_asks_is_what_a_pass_asks(source: Source, replay: Replay, case: Case) -> None:
    replay.plan(Answer(case.empty))
    collect(source)
    by_a_pass = requests(replay)
    replay.plan(Answer(case.empty))
    source.check()
    assert replay.asked
    assert requests(replay) <= by_a_pass


def answers_without_a_list(case: Case) -> Iterator[object]:
    """Good answers as far as HTTP and JSON go, in which the main list is something else."""
    odd: tuple[object, ...] = (None, "none", 7, True)
    yield from (*odd, [] if case.listing else {"error": "no"})
    if not case.omits:
        yield from ({}, {"renamed": []})
    for other in (*odd, {}) if case.listing else ():
        body: Any = other
        for key in reversed(case.listing):
            body = {key: body}
        yield {**case.empty, **body}


def test_an_answer_without_its_list_is_never_nothing_there(
    name: str, case: Case, settings: SourceSettings, replay: Replay
) -> None:
    for body in answers_without_a_list(case):
        replay.plan(Answer(body))
        error = refused(SOURCES[name].make(settings))
        assert not error.permanent, body
        assert "the answer" in str(error), body
        assert replay.asked, "not for want of a login"


def test_an_empty_answer_is_a_page_with_nothing_in_it(
    source: Source, replay: Replay, case: Case
) -> None:
    replay.plan(Answer(case.empty))
    pages = collect(source)
    assert len(pages) == case.feeds
    for found in pages:
        assert (found.mentions, found.fetched, found.broken, found.gap) == ((), 0, (), None)


def test_check_says_in_a_sentence_what_works(
    source: Source, replay: Replay, name: str, case: Case
) -> None:
    replay.plan(Answer(case.empty))
    assert source.check().startswith(f"{name}: ")


def test_check_says_what_to_look_at(source: Source, replay: Replay, name: str, case: Case) -> None:
    replay.plan(case.no_key)
    with pytest.raises(RemoteError, match=case.look_at or rf"check sources\.{name}") as caught:
        source.check()
    assert caught.value.permanent


def test_secrets_appear_in_no_error_and_no_log(
    source: Source,
    replay: Replay,
    case: Case,
    settings: SourceSettings,
    *,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for library in (None, *LIBRARIES):
        caplog.set_level(logging.DEBUG, logger=library)
    told = repr(settings)
    refusals = [Answer({}, status) for status in (200, 400, 401, 429, 503)]
    for hours, answer in enumerate([Answer(case.empty), *refusals, Answer(reset=True)]):
        replay.plan(answer)
        try:
            collect(source, NOW + timedelta(hours=hours))
        except RemoteError as error:
            told += repr(error) + repr(error.__cause__)
        assert replay.asked
    printed = capsys.readouterr()
    told += caplog.text + printed.out + printed.err
    assert CANARY not in told
    assert "PRIVATE KEY" not in told
    assert "Bearer" not in told


@pytest.mark.parametrize(
    ("keyed", "key"),
    [
        ("x", "bearer_token"),
        ("reddit", "client_id and client_secret"),
        ("bluesky", "handle and app_password"),
        ("youtube", "api_key"),
        ("discourse", "servers"),
        ("trustpilot", "api_key"),
        ("appstore", "private_key"),
        ("googleplay", "service_account"),
        ("facebook", "access_token"),
        ("instagram", "access_token"),
        ("threads", "access_token"),
        ("linkedin", "access_token"),
        ("email", "base_url"),
    ],
)
def test_a_missing_key_is_a_matter_of_configuration(keyed: str, key: str) -> None:
    kind = SOURCES[keyed]
    with pytest.raises(ConfigError, match=rf"sources\.{keyed}.*{key}"):
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
