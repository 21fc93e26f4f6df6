import json
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
from listener.sources.bluesky.posts import text_of
from listener.sources.bluesky.settings import BlueskySettings
from listener.sources.bluesky.source import BlueskySource
from listener.texts import AUTOMATED
from tests.net.replay import Answer, Asked, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CANARY = "canary-pass-7f3a"
KEYS = {"accessJwt": "canaryAccess91c", "refreshJwt": "canaryRefresh55d"}
LOGIN = "/xrpc/com.atproto.server.createSession"
RENEW = "/xrpc/com.atproto.server.refreshSession"
SEARCH = "/xrpc/app.bsky.feed.searchPosts"
FEED = "/xrpc/app.bsky.feed.getAuthorFeed"
POSTS = "/xrpc/app.bsky.feed.getPosts"
WATCH = Watch("Acme", parse("acme -jobs"))
WITH_OWN = Watch(
    "Acme",
    parse("acme"),
    (
        OwnAccount("bluesky", "acme.example.com"),
        OwnAccount("", "acme"),
        OwnAccount("x", "acme.com"),
    ),
)
DID = "did:plc:anaaaaaaaaaaaaaaaaaaaaaa"


def session(**more: object) -> Answer:
    # Where the account lives: the library would go there with all that follows.
    doc = {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": DID,
        "service": [
            {
                "id": "#atproto_pds",
                "type": "AtprotoPersonalDataServer",
                "serviceEndpoint": "http://127.0.0.1:9",
            }
        ],
    }
    return Answer({"did": DID, "handle": "me.example.com", "didDoc": doc, **KEYS, **more})


def settings(replay: Replay, **more: object) -> BlueskySettings:
    given = {"handle": "@me.example.com", "app_password": CANARY, "base_url": replay.url, **more}
    return BlueskySettings.model_validate(given)


@pytest.fixture
def source(replay: Replay) -> BlueskySource:
    replay.fixed[LOGIN] = session()
    return BlueskySource(settings(replay))


def collect(
    source: BlueskySource,
    cursor: Mapping[str, Any] | None = None,
    *,
    since: datetime | None = None,
    watch: Watch = WATCH,
) -> list[Page]:
    return list(source.collect(watch, cursor, since=since, now=NOW))


def post(number: int, **changed: object) -> dict[str, Any]:
    at = (NINE + timedelta(minutes=number)).isoformat()
    return {
        "uri": f"at://{DID}/app.bsky.feed.post/p{number}",
        "author": {"did": DID, "handle": "ana.example.com"},
        "record": {"text": f"acme {number}", "createdAt": at},
        "indexedAt": at,
        **changed,
    }


def found(*posts: object, cursor: str | None = None) -> Answer:
    return Answer({"posts": list(posts), **({"cursor": cursor} if cursor else {})})


def numbered(numbers: range, cursor: str | None = None) -> Answer:
    return found(*map(post, numbers), cursor=cursor)


def ids(pages: list[Page]) -> list[str]:
    return [m.external_id.rpartition("/")[2] for page in pages for m in page.mentions]


# -- what is read


@pytest.mark.parametrize(
    ("embed", "shown"),
    [
        pytest.param(
            {"external": {"title": "Acme fails", "description": "Again", "uri": "https://a.test/"}},
            "[Link: Acme fails – Again – https://a.test/]",
            id="a card",
        ),
        pytest.param(
            {"images": [{"alt": "my acme"}, {"alt": ""}, {"alt": "a\nlid"}]},
            "[Picture: my acme]\n\n[Picture: a lid]",
            id="pictures",
        ),
        pytest.param({"alt": "acme burns"}, "[Film: acme burns]", id="a film"),
        pytest.param(
            {"record": {"record": {"uri": "x"}}, "media": {"images": [{"alt": "acme"}]}},
            "[Picture: acme]",
            id="pictures beside a quote",
        ),
        pytest.param({"external": {"title": 7}, "images": "x", "media": []}, "", id="odd"),
    ],
)
@pytest.mark.parametrize("own", ["", "look"])
def test_what_is_shown_below_a_post_is_read_with_it(
    source: BlueskySource, replay: Replay, embed: dict[str, object], shown: str, own: str
) -> None:
    record = {"text": own, "createdAt": NINE.isoformat(), "embed": embed}
    replay.plan(found(post(1, record=record)))
    (page,) = collect(source)
    assert page.mentions[0].text == "\n\n".join(filter(None, [own, shown]))


@pytest.mark.parametrize(("neg", "bio"), [(False, AUTOMATED), (True, "")])
def test_hears_that_an_account_calls_itself_automated(
    source: BlueskySource, replay: Replay, *, neg: bool, bio: str
) -> None:
    author = {"did": DID, "handle": "ana.example.com", "labels": [{"val": "bot", "neg": neg}]}
    replay.plan(found(post(1, author=author)))
    mention = collect(source)[0].mentions[0]
    assert mention.author is not None
    assert mention.author.bio == bio


@pytest.fixture
def mentions(
    source: BlueskySource, replay: Replay, recorded: Callable[[str], Any]
) -> dict[str, Mention]:
    replay.plan(Answer(recorded("bluesky_page.json")))
    (page,) = collect(source)
    assert (page.broken, page.gap, page.fetched) == ((), None, 6)
    return {mention.external_id[-1]: mention for mention in page.mentions}


def test_reads_a_post_as_a_reader_sees_it(mentions: dict[str, Mention]) -> None:
    assert mentions["7"] == Mention(
        source="bluesky",
        external_id=f"at://{DID}/app.bsky.feed.post/3l7",
        text="Acme ✨ kettles 📈 leak: https://kettle.example/reviews/acme-pour-over-2026 "
        "see also here #kettles",
        published_at=datetime(2026, 11, 20, 11, 0, 0, 574_000, tzinfo=UTC),
        url="https://bsky.app/profile/ana.bsky.social/post/3l7",
        lang="en",
        conversation_id=f"at://{DID}/app.bsky.feed.post/3l7",
        author=Author(
            id=DID,
            handle="ana.bsky.social",
            name="Ana ☕",
            created_at=datetime(2023, 8, 13, 15, 9, 13, 807_000, tzinfo=UTC),
        ),
        engagement=Engagement(likes=4, reposts=2, replies=1),
    )


def test_answers_quotes_and_odd_posts_find_their_place(mentions: dict[str, Mention]) -> None:
    root = f"at://{DID}/app.bsky.feed.post/3lroot"
    assert (
        mentions["6"].parent_id
        == "at://did:plc:boaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3lparent"
    )
    assert (mentions["6"].conversation_id, mentions["6"].lang) == (root, None)
    assert (mentions["5"].parent_id, mentions["5"].conversation_id) == (
        root,
        mentions["5"].external_id,
    )
    assert mentions["5"].author is not None
    assert mentions["5"].author.handle == "", "handle.invalid is no handle"
    assert "/profile/did:plc:cy" in mentions["5"].url
    assert mentions["4"].parent_id == root, "a quote with pictures"
    assert mentions["3"].text == (
        "acme, dated long ago\n\n[Link: Acme recalls kettles – https://news.example/1]"
    ), "what names the brand in a link card is shown with it"
    assert "2" not in mentions, "what moderation has withdrawn is not read"


def test_a_date_that_cannot_be_true_gives_way_to_when_it_was_first_seen(
    mentions: dict[str, Mention],
) -> None:
    assert mentions["4"].published_at == datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    assert mentions["3"].published_at == datetime(2026, 11, 20, 10, 20, tzinfo=UTC)


def facet(begins: object, ends: object, uri: object = "https://e.org/long") -> dict[str, object]:
    feature = {"$type": "app.bsky.richtext.facet#link", "uri": uri}
    return {"index": {"byteStart": begins, "byteEnd": ends}, "features": [feature]}


@pytest.mark.parametrize(
    ("facets", "text"),
    [
        pytest.param([facet(6, 17)], "é ☕https://e.org/long é", id="UTF-8 bytes"),
        pytest.param([facet(6, 17), facet(6, 17)], "é ☕https://e.org/long é", id="twice"),
        pytest.param([facet(5, 17)], "é ☕e.org/lo… é", id="through a character"),
        pytest.param([facet(6, 999)], "é ☕e.org/lo… é", id="beyond the end"),
        pytest.param([facet(17, 6)], "é ☕e.org/lo… é", id="backwards"),
        pytest.param([facet(-9, 17)], "é ☕e.org/lo… é", id="negative"),
        pytest.param([facet("6", None)], "é ☕e.org/lo… é", id="no numbers"),
        pytest.param([facet(6, 17, "javascript:1")], "é ☕e.org/lo… é", id="no web address"),
        pytest.param([facet(6, 17, "https://evil")], "é ☕e.org/lo… é", id="another site"),
        pytest.param([None, {"features": 1}, {"index": []}], "é ☕e.org/lo… é", id="odd"),
        pytest.param("x", "é ☕e.org/lo… é", id="no list"),
    ],
)
def test_a_facet_changes_only_a_link_that_is_shown_shortened(facets: object, text: str) -> None:
    assert text_of({"text": "é ☕e.org/lo… é", "facets": facets}) == text


def test_own_answers_are_read_first_and_reposts_are_not_theirs(
    source: BlueskySource, replay: Replay, recorded: Callable[[str], Any]
) -> None:
    replay.plan(Answer(recorded("bluesky_feed.json")), Answer(recorded("bluesky_page.json")))
    own, page = collect(source, watch=WITH_OWN)
    assert [(asked.path, asked.query.get("actor")) for asked in replay.asked] == [
        (FEED, "acme.example.com"),
        (SEARCH, None),
    ]
    assert replay.asked[0].query["filter"] == "posts_with_replies"
    (answer,) = own.mentions
    assert answer.parent_id == answer.conversation_id == page.mentions[0].external_id
    assert WITH_OWN.own_accounts[0].is_author("bluesky", answer.author)
    assert own.fetched == 2
    assert set(page.cursor["asks"]) == {"@acme.example.com", "acme"}


@pytest.mark.parametrize("own", [OwnAccount("bluesky", "acme.com"), OwnAccount("", "acme.com")])
def test_an_own_account_that_is_not_there_does_not_stop_the_search(
    source: BlueskySource, replay: Replay, own: OwnAccount
) -> None:
    refused = Answer({"error": "InvalidRequest", "message": "Profile not found"}, 400)
    replay.plan(refused, found(post(1)))
    pages = collect(source, watch=Watch("Acme", parse("acme"), (own,)))
    told = "bluesky: own account acme.com is not there or not shown (InvalidRequest)"
    assert pages[0].broken == ((told,) if own.source else ()), "one of any network need not be here"
    assert ids(pages) == ["p1"]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param({"uri": None}, "post without uri: it has no address of a post", id="no uri"),
        pytest.param(
            {"uri": "at://x/y/z"}, "at://x/y/z: it has no address of a post", id="no post"
        ),
        pytest.param({"record": None}, "/p2: it has no text", id="no record"),
        pytest.param({"record": {"text": 7}}, "/p2: it has no text", id="no text"),
        pytest.param(
            {"record": {"text": "a"}, "indexedAt": "soon"},
            "/p2: it has no readable createdAt and indexedAt",
            id="no date",
        ),
    ],
)
def test_one_broken_post_is_told_and_the_rest_kept(
    source: BlueskySource, replay: Replay, broken: dict[str, object], told: str
) -> None:
    replay.plan(found(post(3), post(2, **broken), None, post(1)))
    (page,) = collect(source)
    assert ids([page]) == ["p3", "p1"]
    assert page.broken[0].endswith(told)
    assert page.broken[1] == "bluesky post without uri: it has no address of a post"
    assert page.fetched == 4


def test_odd_values_cost_nothing_but_themselves(source: BlueskySource, replay: Replay) -> None:
    record = {"text": "nul \0 \ud83d.", "createdAt": post(1)["indexedAt"], "langs": [None, "EN"]}
    odd = {"author": [], "likeCount": "7", "labels": [{"val": 1}, 2], "embed": 3}
    replay.plan(found(post(1, record={**record, "reply": 4, "embed": {"record": "x"}}, **odd)))
    mention = collect(source)[0].mentions[0]
    assert (mention.text, mention.lang) == ("nul  \ufffd.", "en")
    assert (mention.author, mention.parent_id, mention.engagement.likes) == (None, None, None)
    assert mention.url == f"https://bsky.app/profile/{DID}/post/p1"


# -- what is asked


def test_asks_for_the_latest_posts_of_a_stretch(source: BlueskySource, replay: Replay) -> None:
    replay.plan(found())
    (page,) = collect(source)
    (asked,) = replay.asked
    assert asked.path == SEARCH
    assert asked.query == {
        "q": "acme",
        "sort": "latest",
        "since": "2026-11-19T12:00:00Z",
        "limit": "100",
    }
    assert asked.headers["authorization"] == f"Bearer {KEYS['accessJwt']}"
    assert (page.mentions, page.gap, page.backlog) == ((), None, True)


@pytest.mark.parametrize(
    ("query", "asked", "left"),
    [
        pytest.param("acme kettle", ["acme kettle"], (), id="both words"),
        pytest.param('"acme kettle"', ['"acme kettle"'], (), id="a phrase"),
        pytest.param("#acme", ["#acme"], (), id="a tag"),
        pytest.param("acme OR apex", ["acme", "apex"], (), id="it knows no OR"),
        pytest.param("acme -jobs", ["acme"], ("-jobs",), id="nor surely a minus"),
        pytest.param("acme lang:de", ["acme"], ("lang:",), id="nor posts without a language"),
    ],
)
def test_what_bluesky_is_asked(query: str, asked: list[str], left: tuple[str, ...]) -> None:
    compiled = SOURCES["bluesky"].asks(Watch("Acme", parse(query)))
    assert (list(compiled.asks), compiled.left_here) == (asked, left)


def test_languages_are_told_apart_here() -> None:
    watch = Watch("Acme", parse("acme"), languages=("de",))
    assert SOURCES["bluesky"].asks(watch).left_here == ("lang:",)


@pytest.mark.parametrize("account", ["acme", "acme@mastodon.social", "a cme.com"])
def test_an_own_account_is_a_whole_handle(account: str) -> None:
    watch = Watch("Acme", parse("acme"), (OwnAccount("bluesky", account),))
    with pytest.raises(ConfigError, match="write the whole handle, such as"):
        SOURCES["bluesky"].asks(watch)


# -- the walk


def test_walks_back_to_what_is_known_and_each_search_has_its_own_mark(
    source: BlueskySource, replay: Replay
) -> None:
    watch = Watch("Acme", parse("acme OR apex"))
    replay.plan(numbered(range(50, 40, -1)), numbered(range(20, 10, -1)))
    cursor = json.loads(json.dumps(collect(source, watch=watch)[-1].cursor))
    assert cursor["asks"]["acme"] == {"newest_at": "2026-11-20T09:50:00Z"}
    replay.plan(
        numbered(range(99, 60, -1), "100"),
        numbered(range(60, 30, -1), "200"),
        numbered(range(25, 2, -1)),
    )
    pages = collect(source, cursor, watch=watch)
    assert [asked.query.get("cursor") for asked in replay.asked] == [None, "100", None]
    assert replay.asked[0].query["since"] == "2026-11-20T09:35:00Z"
    assert [page.gap for page in pages] == [None] * 3
    assert pages[-1].cursor["asks"]["apex"] == {"newest_at": "2026-11-20T09:25:00Z"}


def test_a_crash_between_pages_loses_nothing(source: BlueskySource, replay: Replay) -> None:
    replay.plan(numbered(range(60, 50, -1), "100"), Answer({}, 503))
    walk = source.collect(WATCH, None, since=None, now=NOW)
    first = next(walk)
    with pytest.raises(RemoteError):
        next(walk)
    replay.plan(numbered(range(70, 50, -1), "100"), numbered(range(50, 40, -1)))
    later = collect(source, json.loads(json.dumps(first.cursor)))
    assert "cursor" not in replay.asked[0].query, "a count from the newest means another now"
    assert {f"p{n}" for n in range(41, 71)} == set(ids(later))


def test_a_search_that_ends_at_its_limit_is_a_gap(source: BlueskySource, replay: Replay) -> None:
    def page(asked: Asked) -> Answer:
        begins = int(asked.query.get("cursor", "0"))
        return numbered(
            range(-begins, -begins - 100, -1), str(begins + 100) if begins < 9900 else None
        )

    replay.by_query = page
    replay.plan()
    pages = collect(source, since=datetime(2026, 1, 1, tzinfo=UTC))
    assert len(pages) == 100
    assert pages[-1].gap is not None
    assert pages[-1].gap.since == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_cursor_that_repeats_itself_ends(source: BlueskySource, replay: Replay) -> None:
    replay.plan(numbered(range(50, 40, -1), "same"))
    pages = collect(source)
    assert len(pages) == 2
    assert pages[-1].gap is not None


# -- logging in


def test_one_login_serves_many_passes_and_stays_at_the_base_url(replay: Replay) -> None:
    source = BlueskySource(settings(replay))
    replay.plan(session(), found())
    collect(source)
    collect(source)
    assert [asked.path for asked in replay.asked] == [LOGIN, SEARCH, SEARCH]
    given = json.loads(replay.asked[0].body)
    assert given == {"identifier": "me.example.com", "password": CANARY}


@pytest.mark.parametrize(
    ("status", "error"), [(400, "ExpiredToken"), (401, "InvalidToken"), (401, "AuthMissing")]
)
def test_an_old_session_is_renewed_by_its_own_key(replay: Replay, status: int, error: str) -> None:
    source = BlueskySource(settings(replay))
    replay.plan(session(), found())
    collect(source)
    renewed = session(accessJwt="second", refreshJwt="secondRefresh")
    replay.plan(Answer({"error": error}, status), renewed, found(post(1)))
    assert ids(collect(source)) == ["p1"]
    assert [asked.path for asked in replay.asked] == [SEARCH, RENEW, SEARCH]
    sent = [asked.headers["authorization"] for asked in replay.asked]
    assert sent == [f"Bearer {key}" for key in (KEYS["accessJwt"], KEYS["refreshJwt"], "second")]


def test_a_key_that_renews_no_more_is_replaced_by_a_new_login(replay: Replay) -> None:
    source = BlueskySource(settings(replay))
    replay.plan(session(), found())
    collect(source)
    expired = Answer({"error": "ExpiredToken"}, 400)
    replay.plan(expired, expired, session(accessJwt="third"), found(post(1)))
    assert ids(collect(source)) == ["p1"]
    assert [asked.path for asked in replay.asked] == [SEARCH, RENEW, LOGIN, SEARCH]
    assert "authorization" not in replay.asked[2].headers
    assert replay.asked[3].headers["authorization"] == "Bearer third"


def test_a_session_that_is_refused_anew_ends_the_pass(
    source: BlueskySource, replay: Replay
) -> None:
    replay.fixed[RENEW] = session()
    replay.plan(Answer({"error": "InvalidToken"}, 401))
    for _ in range(2):
        with pytest.raises(RemoteError, match="login is refused") as caught:
            collect(source)
        assert caught.value.permanent
    assert len(replay.asked) == 3, "the second pass renews the session once"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            Answer({"error": "AuthenticationRequired"}, 401),
            (True, None, r"login is refused \(401 AuthenticationRequired\); check sources.bluesky"),
            id="wrong password",
        ),
        pytest.param(
            Answer({"error": "AuthFactorTokenRequired"}, 401),
            (True, None, "make an app password"),
            id="the account's own password",
        ),
        pytest.param(
            Answer({"error": "AccountTakedown"}, 401), (True, None, "AccountTakedown"), id="gone"
        ),
        pytest.param(
            Answer({"error": "RateLimitExceeded"}, 429, {"ratelimit-reset": "1795348800"}),
            (False, 900, "logging in is rate limited"),
            id="too many logins",
        ),
        pytest.param(Answer({}, 500), (False, None, "500"), id="500"),
        pytest.param(Answer({"surprise": 1}), (False, None, "no sense"), id="another shape"),
        pytest.param(Answer([]), (False, None, "no sense"), id="a list"),
        pytest.param(Answer(b"<html>"), (False, None, "no JSON"), id="HTML"),
        pytest.param(Answer(reset=True), (False, None, "no whole answer"), id="reset connection"),
    ],
)
def test_trouble_at_the_door(
    source: BlueskySource, replay: Replay, answer: Answer, expected: tuple[bool, int | None, str]
) -> None:
    permanent, wait_s, words = expected
    replay.fixed[LOGIN] = answer
    replay.plan(found())
    with pytest.raises(RemoteError, match=words) as caught:
        collect(source)
    waits = caught.value.retry_after
    assert caught.value.permanent is permanent
    assert (None if waits is None else waits.total_seconds()) == wait_s
    assert not replay.asked


def test_check_says_that_search_answers(source: BlueskySource, replay: Replay) -> None:
    replay.plan(found())
    assert source.check() == "bluesky: search answers and the app password is accepted"


# -- trouble


@pytest.mark.parametrize(
    ("status", "permanent", "words"),
    [
        pytest.param(206, False, r"the answer holds nothing \(206\)", id="206"),
        pytest.param(400, True, r"refused \(400 InvalidRequest\)", id="400"),
        pytest.param(402, True, r"refused \(402 InvalidRequest\)", id="402"),
        pytest.param(403, True, "403 InvalidRequest.; check sources", id="403"),
        pytest.param(404, True, "check sources.bluesky.base_url", id="404"),
        pytest.param(307, True, "check sources.bluesky.base_url", id="elsewhere"),
    ],
)
def test_a_refusal_says_what_to_look_at(
    source: BlueskySource, replay: Replay, status: int, words: str, *, permanent: bool
) -> None:
    replay.plan(Answer({"error": "InvalidRequest", "message": "no"}, status))
    with pytest.raises(RemoteError, match=words) as caught:
        collect(source)
    assert caught.value.permanent is permanent
    assert len(replay.asked) == 1


@pytest.mark.parametrize("handle", ["acme", "acme@example.com", "https://bsky.app/profile/a.com"])
def test_a_handle_is_a_whole_domain(handle: str) -> None:
    with pytest.raises(ValidationError, match="write the whole handle"):
        BlueskySettings(handle=handle)


# -- what has become of posts


def test_tells_what_is_gone_from_what_is_only_away(source: BlueskySource, replay: Replay) -> None:
    assert isinstance(source, Rechecks)
    at = {n: f"at://did:plc:{n}/app.bsky.feed.post/1" for n in ("a", "b", "c", "d", "e")}
    hidden = {"uri": at["b"], "labels": [{"val": "!takedown"}]}
    errors = {"did:plc:d": "AccountDeactivated", "did:plc:e": "InvalidRequest"}

    def answer(asked: Asked) -> Answer:
        if asked.path == POSTS:
            return Answer({"posts": [{"uri": at["a"]}, hidden]})
        error = errors.get(asked.query["actor"])
        return Answer({"error": error}, 400) if error else Answer({"did": "x"})

    replay.by_query = answer
    replay.plan()
    assert source.recheck([*at.values(), "imported-7"], now=NOW) == {
        at["a"]: Standing.THERE,
        at["b"]: Standing.HIDDEN,
        at["c"]: Standing.GONE,
        at["d"]: Standing.HIDDEN,
        at["e"]: Standing.GONE,
    }


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ({"notFound": True, "$type": "app.bsky.feed.defs#notFoundPost"}, Standing.GONE),
        ({"blocked": True, "$type": "app.bsky.feed.defs#blockedPost"}, Standing.HIDDEN),
        ({"author": {"did": "x", "viewer": {"blockedBy": True}}}, Standing.HIDDEN),
        ({"author": {"did": "x", "labels": [{"val": "!suspend"}]}}, Standing.HIDDEN),
        ({"labels": [{"val": "!takedown", "neg": True}]}, Standing.THERE),
        ({"labels": [{"val": "spam"}]}, Standing.THERE),
    ],
    ids=str,
)
def test_what_bluesky_tells_of_a_post(
    source: BlueskySource, replay: Replay, said: dict[str, object], standing: Standing
) -> None:
    uri = f"at://{DID}/app.bsky.feed.post/1"
    replay.plan(Answer({"posts": [{"uri": uri, **said}]}))
    assert source.recheck([uri], now=NOW) == {uri: standing}


@pytest.mark.parametrize(
    "profile",
    [{"viewer": {"blockedBy": True}}, {"labels": [{"val": "!hide"}]}],
    ids=["blocks us", "taken away"],
)
def test_what_is_missing_because_its_account_is_not_shown_may_come_back(
    source: BlueskySource, replay: Replay, profile: dict[str, object]
) -> None:
    uri = f"at://{DID}/app.bsky.feed.post/1"
    replay.plan(Answer({"posts": []}), Answer({"did": DID, **profile}))
    assert source.recheck([uri], now=NOW) == {uri: Standing.HIDDEN}


@pytest.mark.parametrize("answer", [Answer({}, 500), Answer({"error": "X"}, 400), Answer({})])
def test_a_failure_is_no_deletion(source: BlueskySource, replay: Replay, answer: Answer) -> None:
    replay.plan(answer)
    with pytest.raises(RemoteError):
        source.recheck([f"at://{DID}/app.bsky.feed.post/1"], now=NOW)


def test_nothing_is_asked_for_nothing(source: BlueskySource, replay: Replay) -> None:
    replay.plan(found())
    assert source.recheck(["imported-7"], now=NOW) == {}
    assert not replay.asked
