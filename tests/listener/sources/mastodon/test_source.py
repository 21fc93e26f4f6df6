import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.brand import OwnAccount
from domain.errors import ConfigError, RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.query import parse
from listener.source import Page, Rechecks, Watch
from listener.sources import SOURCES
from listener.sources.mastodon.posts import read_statuses
from listener.sources.mastodon.settings import MastodonSettings
from listener.sources.mastodon.source import MastodonSource
from listener.texts import AUTOMATED
from tests.net.replay import Answer, Asked, Replay, serve

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CANARY = "canaryToken7f3a"
TAG = "/api/v1/timelines/tag/acme"
SEARCH = "/api/v2/search"
LOOKUP = "/api/v1/accounts/lookup"
WATCH = Watch("Acme", parse("acme"))
OWN = Watch("Acme", parse("kettle"), (OwnAccount("mastodon", "help@one.example"),))


def settings(replay: Replay, **more: object) -> MastodonSettings:
    given = {"base_url": replay.url, "hashtags": ["#Acme"], "servers": ["one.example"], **more}
    return MastodonSettings.model_validate(given)


INSTANCE = "/api/v2/instance/"


@pytest.fixture(autouse=True)
def domain(replay: Replay) -> None:
    """What every server is asked first: how its people are called."""
    replay.fixed[INSTANCE] = Answer({"domain": "one.example"})


@pytest.fixture
def source(replay: Replay) -> MastodonSource:
    return MastodonSource(settings(replay))


def collect(
    source: MastodonSource,
    cursor: Mapping[str, Any] | None = None,
    *,
    since: datetime | None = None,
    watch: Watch = WATCH,
    now: datetime = NOW,
) -> list[Page]:
    return list(source.collect(watch, cursor, since=since, now=now))


def status(number: int, **changed: object) -> dict[str, Any]:
    user = "https://one.example/@ana"
    return {
        "id": str(number),
        "uri": f"https://one.example/users/ana/statuses/{number}",
        "created_at": (NINE + timedelta(minutes=number)).isoformat(),
        "visibility": "public",
        "content": f"<p>acme {number}</p>",
        "account": {"id": "1", "acct": "ana", "url": user},
        **changed,
    }


def listed(*statuses: object, behind: int | None = None) -> Answer:
    link = (
        f'<https://one.example/api?max_id={behind}>; rel="next", <https://x?min_id=9>; rel="prev"'
    )
    return Answer(list(statuses), headers={"Link": link} if behind else {})


def numbered(numbers: range, behind: int | None = None) -> Answer:
    return listed(*map(status, numbers), behind=behind)


def ids(pages: list[Page]) -> list[str]:
    return [m.external_id.rpartition("/")[2] for page in pages for m in page.mentions]


# -- what is read


@pytest.fixture
def mentions(
    source: MastodonSource, replay: Replay, recorded: Callable[[str], Any]
) -> dict[str, Mention]:
    replay.plan(Answer(recorded("mastodon_tag.json")))
    (page,) = collect(source)
    assert (page.broken, page.gap, page.fetched) == ((), None, 5)
    return {mention.url.split("/")[3]: mention for mention in page.mentions}


def test_reads_a_status_as_a_reader_sees_it(mentions: dict[str, Mention]) -> None:
    uri = "https://one.example/users/ana/statuses/115582000000000006"
    assert mentions["@ana"] == Mention(
        source="mastodon",
        external_id=uri,
        text="hot water\n\nMy kettle & I :blob: "
        "https://shop.example/kettles/a-very-long-address-of-one-kettle\n\nNever again!\n#Acme",
        published_at=datetime(2026, 11, 20, 11, 0, 0, 486_000, tzinfo=UTC),
        url="https://one.example/@ana/115582000000000006",
        lang="en",
        conversation_id=uri,
        author=Author(
            id="https://one.example/@ana",
            handle="ana@one.example",
            name="Ana :blob:",
            bio="Tea.\nBerlin",
            url="https://one.example/@ana",
            followers=76,
            created_at=datetime(2022, 10, 28, tzinfo=UTC),
        ),
        engagement=Engagement(likes=18, reposts=4, replies=2),
        edited_at=datetime(2026, 11, 20, 11, 5, 0, 779_000, tzinfo=UTC),
    )


def test_answers_and_quotes_find_what_they_are_about(mentions: dict[str, Mention]) -> None:
    bo, cy, di = mentions["@bo"], mentions["kettles"], mentions["@di"]
    assert (bo.parent_id, bo.conversation_id) == (mentions["@ana"].external_id, None)
    assert (bo.text, bo.lang) == ("@ana mine too #Acme", "de")
    assert bo.author is not None
    assert bo.author.handle == "bo@two.example"
    assert cy.parent_id is not None
    assert cy.parent_id.endswith("/statuses/115581970000000009"), "only its number here is known"
    assert (cy.lang, cy.conversation_id) == (None, None)
    assert di.parent_id == "https://two.example/users/bo/statuses/1", "a quote"
    assert (di.text, di.conversation_id) == ("Look #Acme", di.external_id)


def test_who_is_named_by_at_is_told_by_the_whole_handle(
    source: MastodonSource, replay: Replay
) -> None:
    named = [
        {"id": "7", "username": "acme", "acct": "acme", "url": "https://one.example/@acme"},
        {"id": "8", "username": "di", "acct": "di@two.example", "url": "https://two.example/@di"},
        {"id": "9"},
        "odd",
    ]
    replay.plan(listed(status(2, mentions=named), status(1, mentions=None)), listed())

    found = [mention.addressed for one in collect(source) for mention in one.mentions]

    acme = ("https://one.example/@acme", "@acme@one.example")
    assert found == [(*acme, "https://two.example/@di", "@di@two.example"), ()]


def test_what_is_not_for_everybody_is_not_read(mentions: dict[str, Mention]) -> None:
    assert not [text for text in (m.text for m in mentions.values()) if "only for you" in text]


def test_the_same_post_has_the_same_name_on_every_server(
    replay: Replay, recorded: Callable[[str], Any]
) -> None:
    here = recorded("mastodon_tag.json")[0]
    there = {
        **here,
        "id": "9",
        "account": {**here["account"], "id": "7", "acct": "ana@one.example"},
    }
    with serve() as other:
        replay.plan(listed(here))
        other.plan(listed(there))
        both = MastodonSettings(servers=(replay.url, other.url), hashtags=("acme",))
        one, two = collect(MastodonSource(both))
    assert one.mentions == two.mentions


def test_a_repost_is_told_from_a_post(source: MastodonSource, replay: Replay) -> None:
    replay.plan(listed(status(2, content="", reblog=status(1))))
    (mention,) = collect(source)[0].mentions
    assert mention.is_repost
    assert (mention.text, mention.parent_id) == ("acme 1", status(1)["uri"])


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(None, "status without uri: it is no status", id="null"),
        pytest.param(status(2, uri=None), "status without uri: it has no uri", id="no uri"),
        pytest.param(status(2, content=None), "/2: it has no content", id="no content"),
        pytest.param(status(2, created_at=None), "/2: it has no readable created_at", id="no date"),
        pytest.param(status(2, created_at="soon"), "/2: it has no readable created_at", id="word"),
        pytest.param(
            status(2, created_at="2026-11-20T12:00:00+99:00"),
            "/2: it has no readable created_at",
            id="a zone that is none",
        ),
    ],
)
def test_one_broken_status_is_told_and_the_rest_kept(
    source: MastodonSource, replay: Replay, broken: object, told: str
) -> None:
    replay.plan(listed(status(3), broken, status(1)))
    (page,) = collect(source)
    assert ids([page]) == ["3", "1"]
    (sentence,) = page.broken
    assert sentence.startswith("mastodon ")
    assert sentence.endswith(told)
    assert page.fetched == 3


@pytest.mark.parametrize("date", [None, "soon", "1970-01-01T00:00:00Z", 0])
def test_the_number_of_a_status_tells_its_date(
    source: MastodonSource, replay: Replay, date: object
) -> None:
    number = int(NINE.timestamp() * 1000) << 16
    replay.plan(listed(status(2, id=str(number), created_at=date)))
    (mention,) = collect(source)[0].mentions
    assert mention.published_at == NINE


def test_odd_values_cost_nothing_but_themselves(source: MastodonSource, replay: Replay) -> None:
    odd: dict[str, object] = {"account": "ana", "language": 7, "favourites_count": "many"}
    ahead = status(2, created_at="2030-01-01T00:00:00Z", spoiler_text=None, quote=[], **odd)
    replay.plan(listed({**ahead, "content": "nul \0 <p>&#0;", "url": "javascript:alert(1)"}))
    (mention,) = collect(source)[0].mentions
    assert (mention.author, mention.lang, mention.engagement.likes) == (None, None, None)
    assert (mention.published_at, mention.text) == (NOW, "nul\n\n\ufffd")
    assert mention.url == mention.external_id


# -- own accounts


def own_answers(asked: Asked) -> Answer:
    if asked.path == LOOKUP:
        return Answer({"id": "42", "acct": "help"})
    if asked.path == "/api/v1/accounts/42/statuses":
        return listed(
            status(90, in_reply_to_id="80", in_reply_to_account_id="1"),
            status(85, in_reply_to_id="90", visibility="private"),
            status(-9999, in_reply_to_id="3"),
        )
    if asked.path == "/api/v1/statuses/90/context":
        return Answer({"ancestors": [status(70), status(80)], "descendants": []})
    return listed()


def test_own_answers_carry_the_names_of_what_they_answer(
    source: MastodonSource, replay: Replay
) -> None:
    replay.by_query = own_answers
    replay.plan()
    own, tagged = collect(source, watch=OWN)
    assert [asked.path for asked in replay.asked] == [
        LOOKUP,
        "/api/v1/accounts/42/statuses",
        "/api/v1/statuses/90/context",
        TAG,
    ]
    assert replay.asked[0].query == {"acct": "help@one.example"}
    assert replay.asked[1].query == {"exclude_reblogs": "1", "limit": "40"}
    first = own.mentions[0]
    assert (first.parent_id, first.conversation_id) == (status(80)["uri"], status(70)["uri"])
    assert ids([own]) == ["90", "-9999"], "private answers are nobody's business"
    assert tagged.mentions == ()


def test_an_answer_whose_thread_is_gone_is_still_an_answer(
    source: MastodonSource, replay: Replay
) -> None:
    gone = {"/api/v1/statuses/90/context": Answer({"error": "Record not found"}, 404)}
    replay.by_query = lambda asked: gone.get(asked.path) or own_answers(asked)
    replay.plan()
    parent_id = collect(source, watch=OWN)[0].mentions[0].parent_id
    assert parent_id is not None
    assert parent_id.endswith("/statuses/80")


@pytest.mark.parametrize("network", ["mastodon", ""])
def test_an_own_account_that_is_unknown_does_not_stop_the_rest(
    source: MastodonSource, replay: Replay, network: str
) -> None:
    replay.plan(Answer({"error": "Record not found"}, 404), listed(status(1)))
    own = OwnAccount(network, "acme@two.example")
    pages = collect(source, watch=Watch("Acme", parse("acme"), (own,)))
    told = f"mastodon: own account acme@two.example is not known to {replay.url[7:]}"
    assert pages[0].broken == ((told,) if network else ()), "one of any network need not be here"
    assert ids(pages) == ["1"]


@pytest.mark.parametrize(
    ("account", "author"),
    [
        pytest.param("acme@one.example", "ACME@one.example", id="a handle"),
        pytest.param("https://one.example/@acme", "acme@one.example", id="an id"),
    ],
)
def test_an_own_account_is_known_by_its_whole_name(
    source: MastodonSource, replay: Replay, account: str, author: str
) -> None:
    there = {"id": "1", "acct": author, "url": "https://one.example/@acme"}
    replay.by_query = lambda asked: (
        Answer({"id": "1"}) if asked.path == LOOKUP else listed(status(1, account=there))
    )
    replay.plan()
    own = OwnAccount("mastodon", account)
    page = collect(source, watch=Watch("Acme", parse("acme"), (own,)))[0]
    assert replay.asked[0].query == {"acct": "acme@one.example"}
    assert own.is_author("mastodon", page.mentions[0].author)


def test_an_own_account_without_its_server_is_refused() -> None:
    watch = Watch("Acme", parse("acme"), (OwnAccount("mastodon", "acme"), OwnAccount("", "acme")))
    with pytest.raises(ConfigError, match="own account 'acme': write it as user@server"):
        SOURCES["mastodon"].asks(watch)


# -- what is asked


def test_asks_for_the_hashtags_of_the_settings_and_of_the_query(replay: Replay) -> None:
    replay.plan(listed())
    collect(MastodonSource(settings(replay)), watch=Watch("Acme", parse("#Leak OR #acme OR pot")))
    assert [asked.path for asked in replay.asked] == [TAG, "/api/v1/timelines/tag/leak"]
    assert replay.asked[0].query == {"limit": "40"}
    assert "authorization" not in replay.asked[0].headers


def test_the_hashtags_of_all_are_read_once_a_pass(source: MastodonSource, replay: Replay) -> None:
    replay.plan(listed())
    for watch in (WATCH, Watch("Globex", parse("globex"))):
        collect(source, watch=watch)
    assert len(replay.asked) == 1
    collect(source, now=NOW + timedelta(minutes=15))
    assert len(replay.asked) == 2


def test_searches_where_a_token_is_given(replay: Replay) -> None:
    source = MastodonSource(settings(replay, access_token=CANARY, hashtags=[]))
    many = [status(number) for number in range(99, 59, -1)]
    replay.plan(Answer({"statuses": many}), Answer({"statuses": [status(1)]}), listed())
    pages = collect(source, watch=Watch("Acme", parse('"acme pot"')))
    assert [asked.path for asked in replay.asked] == [SEARCH, SEARCH]
    first, second = (asked.query for asked in replay.asked)
    assert first == {"q": '"acme pot"', "type": "statuses", "limit": "40"}
    assert second["offset"] == "40"
    assert replay.asked[0].headers["authorization"] == f"Bearer {CANARY}"
    assert len(ids(pages)) == 41


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        pytest.param("acme OR apex", ("acme", "apex"), id="it knows no OR"),
        pytest.param('#acme "a b" -jobs', ('#acme "a b"',), id="the rest is matched here"),
    ],
)
def test_what_mastodon_is_asked(query: str, asked: tuple[str, ...]) -> None:
    compiled = SOURCES["mastodon"].asks(Watch("Acme", parse(query)))
    assert compiled.asks == asked
    assert compiled.left_here, "a hashtag timeline answers no query"


def test_a_query_too_long_to_search_for_still_has_its_hashtags() -> None:
    compiled = SOURCES["mastodon"].asks(
        Watch("Acme", parse("#acme OR " + " OR ".join(f"word{n}" for n in range(40))))
    )
    assert compiled.asks == ()
    assert "30 searches do not hold this" in compiled.left_here[0]


def test_a_token_goes_to_the_first_server_alone(replay: Replay) -> None:
    with serve() as other:
        for server in (replay, other):
            server.by_query = lambda asked: (
                Answer({"statuses": []}) if asked.path == SEARCH else listed(status(1))
            )
            server.fixed[INSTANCE] = Answer({"domain": "one.example"})
            server.plan()
        made = {"servers": [replay.url, other.url], "access_token": CANARY, "base_url": None}
        source = MastodonSource(settings(replay, **made))
        collect(source)
        assert [asked.path for asked in replay.asked] == [TAG, SEARCH]
        assert [asked.path for asked in other.asked] == [TAG]
        assert CANARY not in str(other.asked)
        said = source.check()
    assert said == (
        f"mastodon: {replay.url[7:]} answers (hashtags, its search finds nothing); "
        f"{other.url[7:]} answers (hashtags)"
    )


# -- the walk


def test_walks_back_by_max_id_and_goes_on_after_a_crash(
    source: MastodonSource, replay: Replay
) -> None:
    replay.plan(numbered(range(60, 50, -1), 51), Answer({}, 503))
    walk = source.collect(WATCH, None, since=None, now=NOW)
    first = next(walk)
    with pytest.raises(RemoteError):
        list(walk)
    replay.plan(numbered(range(50, 40, -1)), numbered(range(70, 30, -1)))
    later = collect(source, json.loads(json.dumps(first.cursor)), now=NOW + timedelta(minutes=15))
    assert [asked.query.get("max_id") for asked in replay.asked] == ["51", None]
    assert {str(n) for n in range(41, 71)} <= {*ids([first]), *ids(later)}


def test_a_backfill_that_is_killed_goes_on_where_it_was(
    source: MastodonSource, replay: Replay
) -> None:
    pages = [numbered(range(n, n - 10, -1), n - 9) for n in (60, 50, 40)]
    since, minute = NINE - timedelta(days=1), timedelta(minutes=1)
    replay.plan(*pages, numbered(range(30, 20, -1)))
    collect(source, since=since)
    assert len(replay.asked) == 4
    replay.plan(*pages)
    walk = source.collect(WATCH, None, since=since, now=NOW + minute)
    cut = [next(walk) for _ in range(3)][-1].cursor

    replay.plan(numbered(range(30, 20, -1)), numbered(range(70, 30, -1)))
    again = collect(source, cut, since=since + minute, now=NOW + 2 * minute)

    assert [asked.query.get("max_id") for asked in replay.asked] == ["31", None]
    assert ids(again)[:10] == [str(n) for n in range(30, 20, -1)]


def test_a_full_page_without_a_link_is_not_the_last(source: MastodonSource, replay: Replay) -> None:
    replay.plan(numbered(range(80, 40, -1)), numbered(range(40, 30, -1)))
    assert len(ids(collect(source))) == 50
    assert [asked.query.get("max_id") for asked in replay.asked] == [None, "41"]


def test_an_empty_page_is_all_there_is(source: MastodonSource, replay: Replay) -> None:
    replay.plan(listed())
    (page,) = collect(source)
    assert (page.mentions, page.gap, page.broken) == ((), None, ())


def test_check_says_what_there_is_to_do(replay: Replay) -> None:
    replay.plan(listed(status(1)))
    told = MastodonSource(settings(replay, hashtags=[])).check()
    assert told.endswith("only #tags of the brands' queries are read")


def test_a_server_that_fails_does_not_stop_the_others(replay: Replay) -> None:
    with serve() as other:
        replay.plan(Answer({}, 500))
        other.plan(listed(status(1)))
        two = {"servers": [replay.url, other.url], "base_url": None, "hashtags": ["acme", "pot"]}
        pages = collect(MastodonSource(settings(replay, **two)))
    assert ids(pages) == ["1", "1"]
    assert pages[-1].broken == (f"mastodon: {replay.url[7:]}: the service fails (500)",)
    assert set(pages[-1].cursor["asks"]) == {other.url}
    assert len(replay.asked) == 1, "what is down is not asked for its other hashtags"


def test_a_search_that_is_refused_does_not_stop_the_hashtags(replay: Replay) -> None:
    source = MastodonSource(settings(replay, access_token=CANARY))
    refused = Answer({"error": "This action is outside the authorized scopes"}, 403)
    replay.by_query = lambda asked: refused if asked.path == SEARCH else listed(status(1))
    replay.plan()
    pages = collect(source)
    assert ids(pages) == ["1"]
    assert "(403): This action is outside the authorized scopes; check" in pages[-1].broken[0]
    assert "check sources.mastodon.access_token" in pages[-1].broken[0]


DOMAIN_OWN = Watch("Acme", parse("kettle"), (OwnAccount("mastodon", "help@acme.example"),))


def test_people_of_a_server_on_another_host_are_called_by_its_domain(
    source: MastodonSource, replay: Replay
) -> None:
    replay.fixed[INSTANCE] = Answer({"domain": "acme.example"})
    account = {"id": "42", "acct": "help", "url": "https://social.acme.example/@help"}
    replay.by_query = lambda asked: (
        Answer({"id": "42"}) if asked.path == LOOKUP else listed(status(1, account=account))
    )
    replay.plan()
    pages = collect(source, watch=DOMAIN_OWN)
    author = pages[0].mentions[0].author
    assert replay.asked[0].query == {"acct": "help@acme.example"}
    assert author is not None
    assert author.handle == "help@acme.example"
    assert DOMAIN_OWN.own_accounts[0].is_author("mastodon", author)
    by_host = OwnAccount("mastodon", "help@social.acme.example")
    assert by_host.is_author("mastodon", author), "as it was written before"
    assert not OwnAccount("mastodon", "help@other.example").is_author("mastodon", author)


@pytest.mark.parametrize(
    ("instance", "handle"),
    [
        pytest.param(Answer({"uri": "https://acme.example"}), "ana@acme.example", id="an address"),
        pytest.param(Answer({}), "ana@one.example", id="not told"),
        pytest.param(Answer({"uri": "a b"}), "ana@one.example", id="odd"),
    ],
)
def test_servers_that_do_not_name_their_domain_are_asked_as_old_ones(
    source: MastodonSource, replay: Replay, instance: Answer, handle: str
) -> None:
    replay.fixed |= {INSTANCE: Answer({"error": "no"}, 404), "/api/v1/instance/": instance}
    replay.plan(listed(status(1)))
    author = collect(source)[0].mentions[0].author
    assert author is not None
    assert author.handle == handle


def test_pictures_and_polls_are_read_with_the_words(source: MastodonSource, replay: Replay) -> None:
    shown = status(
        1,
        content="<p>Which?</p>",
        media_attachments=[{"description": "my acme"}, {"description": None}, 7],
        poll={"options": [{"title": "Acme"}, {"title": "Globex"}]},
    )
    replay.plan(listed(shown, status(2, media_attachments=None, poll=[])))
    texts = [one.text for page in collect(source) for one in page.mentions]
    assert texts == ["Which?\n\n[Picture: my acme]\n\n[Choice: Acme]\n\n[Choice: Globex]", "acme 2"]


def test_hears_that_an_account_is_a_bot(source: MastodonSource, replay: Replay) -> None:
    account = {"id": "1", "acct": "ana", "url": "https://one.example/@ana", "note": "<p>Hi</p>"}
    replay.plan(listed(status(1, account={**account, "bot": True})))
    author = collect(source)[0].mentions[0].author
    assert author is not None
    assert author.bio == f"{AUTOMATED}\n\nHi"


# -- trouble


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param(401, "401.*give an access_token", id="members only"),
        pytest.param(403, "403.*access_token", id="403"),
        pytest.param(422, "422.*access_token", id="422"),
        pytest.param(402, "refused .402.: no$", id="402"),
        pytest.param(404, "check sources.mastodon.servers", id="404"),
        pytest.param(302, "elsewhere", id="302"),
    ],
)
def test_a_refusal_says_what_to_look_at(
    source: MastodonSource, replay: Replay, code: int, words: str
) -> None:
    replay.plan(Answer({"error": "no"}, code))
    with pytest.raises(RemoteError, match=words) as caught:
        collect(source)
    assert caught.value.permanent
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("reset", "wait_s"),
    [("2026-11-20T12:01:00.346927Z", 60.346927), ("2100-01-01T00:00:00Z", 900)],
)
def test_the_reset_of_its_rate_limit_is_a_date(
    source: MastodonSource, replay: Replay, reset: str, wait_s: float
) -> None:
    replay.plan(Answer({"error": "no"}, 429, {"x-ratelimit-reset": reset}))
    with pytest.raises(RemoteError, match="rate limited") as caught:
        collect(source)
    assert caught.value.retry_after == timedelta(seconds=wait_s)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"x-ratelimit-reset": "in a while"}, id="no date"),
        pytest.param({"x-ratelimit-reset": "99999999999999999999"}, id="beyond all years"),
        pytest.param({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, id="in the past"),
        pytest.param({"deprecation": "true"}, id="deprecated"),
    ],
)
def test_odd_headers_never_cost_a_good_page(
    source: MastodonSource, replay: Replay, headers: dict[str, str]
) -> None:
    replay.plan(Answer([status(1)], headers=headers))
    assert ids(collect(source)) == ["1"]


def test_secrets_appear_in_no_error_and_no_log(
    replay: Replay, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    given = settings(replay, access_token=CANARY)
    source = MastodonSource(given)
    caplog.set_level(logging.DEBUG)
    told = repr(given)
    for answer in (listed(status(1)), Answer({}, 401), Answer({}, 503), Answer(reset=True)):
        replay.plan(answer)
        try:
            collect(source)
        except RemoteError as error:
            told += repr(error) + repr(error.__cause__)
    printed = capsys.readouterr()
    assert CANARY not in told + caplog.text + printed.out + printed.err


@pytest.mark.parametrize(
    ("table", "key"),
    [
        pytest.param({"servers": ["ftp://one.example"]}, "servers", id="another scheme"),
        pytest.param({"servers": ["https://me:s3cret@one.example"]}, "servers", id="a password"),
        pytest.param({"hashtags": ["two words"]}, "hashtags", id="two words"),
        pytest.param({"hashtags": ["2026"]}, "hashtags", id="a number"),
        pytest.param({"hashtags": ["../../accounts"]}, "hashtags", id="a path"),
        pytest.param({"enabled": True, "servers": []}, "servers", id="no server"),
    ],
)
def test_a_wrong_table_names_its_key(table: dict[str, object], key: str) -> None:
    with pytest.raises(ValidationError, match=key) as caught:
        MastodonSettings.model_validate(table)
    assert "s3cret" not in str(caught.value)


def test_servers_and_hashtags_may_be_written_as_people_do() -> None:
    made = MastodonSettings.model_validate(
        {"servers": ["one.example", "http://two.example/"], "hashtags": ["#Crème", "acme_2"]}
    )
    assert made.servers == ("https://one.example", "http://two.example")
    assert made.hashtags == ("crème", "acme_2")


def test_without_a_server_there_is_nothing_to_ask() -> None:
    with pytest.raises(ConfigError, match="name at least one server"):
        MastodonSource(MastodonSettings(servers=()))


# -- what has become of posts


def test_tells_what_is_gone_of_the_servers_own_posts(
    source: MastodonSource, replay: Replay
) -> None:
    gone = Answer({"error": "Record not found"}, 404)
    answers = {"1": Answer(status(1)), "2": gone, "3": Answer(status(7)), "lookup": gone}
    replay.by_query = lambda asked: answers[asked.path.rpartition("/")[2]]
    replay.plan()
    assert isinstance(source, Rechecks)
    here = [status(number)["uri"] for number in (1, 2, 3)]
    elsewhere = ["https://two.example/users/bo/statuses/2", "https://one.example/objects/x", ""]
    assert source.recheck([*here, *elsewhere], now=NOW) == {
        here[0]: Standing.THERE,
        here[1]: Standing.GONE,
    }
    replay.by_query = None
    replay.plan(Answer({}, 500))
    with pytest.raises(RemoteError):
        source.recheck(here, now=NOW)


@pytest.mark.parametrize(
    ("post", "account", "standing"),
    [
        (404, Answer({"id": "1", "suspended": True}), Standing.HIDDEN),
        (404, Answer({"id": "1"}), Standing.GONE),
        (404, Answer({"error": "Gone"}, 410), Standing.GONE),
        (404, Answer({"error": "for members"}, 401), Standing.GONE),
        (410, Answer({"error": "Gone"}, 410), Standing.GONE),
    ],
    ids=["suspended", "its account stands", "its account is gone", "not told", "410"],
)
def test_the_posts_of_a_suspended_account_may_come_back(
    source: MastodonSource, replay: Replay, post: int, account: Answer, standing: Standing
) -> None:
    gone = Answer({"error": "Record not found"}, post)
    replay.by_query = lambda asked: account if asked.path.endswith("lookup") else gone
    replay.plan()
    here = [status(number)["uri"] for number in (1, 2)]
    assert source.recheck(here, now=NOW) == dict.fromkeys(here, standing)
    assert len(replay.asked) == 3, "the account once"


def test_while_an_account_cannot_be_asked_after_nothing_is_certain(
    source: MastodonSource, replay: Replay
) -> None:
    gone = Answer({"error": "Record not found"}, 404)
    failing = Answer({}, 503)
    replay.by_query = lambda asked: failing if asked.path.endswith("lookup") else gone
    replay.plan()
    with pytest.raises(RemoteError):
        source.recheck([status(1)["uri"]], now=NOW)


@pytest.mark.parametrize(
    "said",
    [{"visibility": "private"}, {"account": {"acct": "ana", "suspended": True}}],
    ids=["made private", "suspended"],
)
def test_what_is_not_for_everybody_is_neither_collected_nor_said_to_stand(
    source: MastodonSource, replay: Replay, said: dict[str, object]
) -> None:
    replay.plan(Answer({**status(1), **said}))
    uri = status(1)["uri"]
    assert source.recheck([uri], now=NOW) == {uri: Standing.HIDDEN}
    statuses = [{**status(1), **said}]
    assert read_statuses(statuses, "one.example", NOW, domain="one.example") == ([], [])
