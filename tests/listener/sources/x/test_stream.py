"""X's filtered stream, by the real tweepy against a server that pushes line after line."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event, Timer
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.errors import ConfigError, RemoteError
from domain.mention import Mention
from listener.query import parse
from listener.source import Page, Streams, Watch
from listener.sources.x.settings import XSettings
from listener.sources.x.source import XSource
from net import hangup, wire
from tests.listener.sources.x.test_spend import Coins
from tests.net.replay import Answer, Asked, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CANARY = "AAAAcanaryBearer7f3a"
STREAM, RULES = "/2/tweets/search/stream", "/2/tweets/search/stream/rules"
ACME = Watch("Acme", parse("acme -jobs"), (OwnAccount("x", "acme_help"),))
ACME_RULE = "((acme -jobs) OR from:acme_help OR to:acme_help) -is:retweet"
SPENT = r"x: 3\.000 is too much"


class X:
    """The app's rules as X keeps them, and what its stream sends."""

    def __init__(self, replay: Replay) -> None:
        self.rules: list[dict[str, str]] = []
        self.changed: list[dict[str, Any]] = []
        self.refused: Answer | None = None  # what adding is answered with
        self.sends: list[Answer] = []
        self.replay = replay
        replay.plan()
        replay.by_query = self.answer

    def answer(self, asked: Asked) -> Answer:
        if asked.path == STREAM:
            return self.sends.pop(0)
        if asked.method == "POST":
            return self._change(json.loads(asked.body))
        meta = {"sent": "2026-11-20T12:00:00.000Z", "result_count": len(self.rules)}
        return Answer({"meta": meta} | ({"data": self.rules} if self.rules else {}))

    def _change(self, asked: dict[str, Any]) -> Answer:
        self.changed.append(asked)
        if "delete" in asked:
            gone = asked["delete"]["ids"]
            self.rules = [rule for rule in self.rules if rule["id"] not in gone]
            return Answer({"meta": {"summary": {"deleted": len(gone), "not_deleted": 0}}})
        if self.refused is not None:
            return self.refused
        added = [{"id": str(900 + n), **rule} for n, rule in enumerate(asked["add"])]
        self.rules += added
        summary = {"created": len(added), "not_created": 0, "valid": len(added), "invalid": 0}
        return Answer({"data": added, "meta": {"summary": summary}}, 201)

    def pushes(self, *lines: bytes | dict[str, Any]) -> None:
        """One more connection that sends these and then ends in good order."""
        said = [line if isinstance(line, bytes) else line_of(line) for line in lines]
        self.sends.append(Answer(iter(said)))

    @property
    def values(self) -> list[str]:
        return [rule["value"] for rule in self.rules]

    @property
    def connected(self) -> list[Asked]:
        return [asked for asked in self.replay.asked if asked.path == STREAM]


def line_of(record: object) -> bytes:
    return json.dumps(record).encode() + b"\r\n"


def record(number: int, tag: str = "earshot:Acme", **changed: object) -> dict[str, Any]:
    post = {
        "id": str(1991450000000000000 + number),
        "text": f"acme {number}",
        "author_id": "501",
        "created_at": "2026-11-20T11:59:57.000Z",
        "edit_history_tweet_ids": [str(1991450000000000000 + number)],
        **changed,
    }
    users = [{"id": "501", "username": "ana"}]
    rules = [{"id": "900", "tag": tag}]
    return {"data": post, "includes": {"users": users}, "matching_rules": rules}


@pytest.fixture
def x(replay: Replay) -> X:
    return X(replay)


Make = Callable[..., XSource]
Listen = Callable[..., list[Page]]


@pytest.fixture
def make(replay: Replay) -> Make:
    def made(budget: Coins | None = None) -> XSource:
        table = {"bearer_token": CANARY, "base_url": replay.url, "stream": True}
        source = XSource(XSettings.model_validate(table))
        if budget is not None:
            source.pays_from(budget)
        return source

    return made


@pytest.fixture
def listen(make: Make) -> Listen:
    """What one connection brings, after the page that says it was made."""

    def listened(*watches: Watch) -> list[Page]:
        pages: list[Page] = []
        stream(make(), watches or (ACME,), pages.append)
        assert pages[0] == Page((), {}, 0)
        return pages[1:]

    return listened


def stream(
    source: XSource,
    watches: Sequence[Watch] = (ACME,),
    take: Callable[[Page], None] = lambda _: None,
    stop: Event | None = None,
) -> None:
    source.stream(watches, None, take=take, stop=stop or Event(), clock=lambda: NOW)


@pytest.fixture
def held() -> Iterator[Event]:
    """Set at the end, so that no server waits on."""
    event = Event()
    yield event
    event.set()


def mentions(pages: Sequence[Page]) -> list[Mention]:
    return [mention for page in pages for mention in page.mentions]


def test_it_streams_when_its_settings_ask_for_it(make: Make) -> None:
    source = make()
    assert isinstance(source, Streams)
    assert source.streaming
    assert not XSource(XSettings.model_validate({"bearer_token": "invented"})).streaming


# -- the rules


def test_each_brand_has_a_rule_of_its_own(x: X, listen: Listen) -> None:
    x.pushes()
    listen(ACME, Watch("Apex", parse("apex OR zenith"), (), ("en", "id")))
    assert x.rules == [
        {"id": "900", "value": ACME_RULE, "tag": "earshot:Acme"},
        {
            "id": "901",
            "value": "((apex OR zenith) (lang:en OR lang:in)) -is:retweet",
            "tag": "earshot:Apex",
        },
    ]


def test_what_two_brands_ask_alike_is_one_rule(x: X, listen: Listen) -> None:
    x.pushes()
    listen(Watch("Acme", parse("kettle")), Watch("Apex", parse("kettle")))
    assert x.values == ["(kettle) -is:retweet"]


def test_only_what_differs_is_changed_and_others_rules_are_left_alone(x: X, listen: Listen) -> None:
    theirs = {"id": "1", "value": "cats", "tag": "weekend project"}
    untagged = {"id": "2", "value": "dogs"}
    wanted = {"id": "3", "value": "(kettle) -is:retweet", "tag": "earshot:before it was renamed"}
    x.rules = [theirs, untagged, wanted, {"id": "4", "value": "(pot)", "tag": "earshot:Acme"}]
    x.pushes()
    listen(Watch("Kettles", parse("kettle")), Watch("Apex", parse("apex")))
    assert x.changed == [
        {"delete": {"ids": ["4"]}},
        {"add": [{"value": "(apex) -is:retweet", "tag": "earshot:Apex"}]},
    ]
    assert x.rules[:3] == [theirs, untagged, wanted]


def test_nothing_is_changed_where_nothing_differs(x: X, listen: Listen) -> None:
    for _ in range(2):
        x.pushes()
        listen()
    assert len(x.changed) == 1


def test_a_rule_is_twice_as_long_as_a_search_and_no_longer(x: X, listen: Listen) -> None:
    x.pushes()
    names = " OR ".join(f"kettle{number:03}" for number in range(100))
    listen(Watch("Acme", parse(names)))
    assert len(x.rules) == 2
    assert 900 < max(map(len, x.values)) <= 1024
    assert all(rule.endswith(") -is:retweet") for rule in x.values)


def test_the_last_rules_of_ours_go_and_nobody_connects_without_any(
    x: X, make: Make, held: Event
) -> None:
    x.rules = [{"id": "4", "value": "(pot)", "tag": "earshot:Acme"}]
    Timer(0.1, held.set).start()
    stream(make(), [Watch("Reviews", parse("source:reddit acme"))], stop=held)
    assert x.rules == []
    assert x.connected == []


def test_an_account_that_is_none_on_x_is_a_matter_of_configuration(x: X, make: Make) -> None:
    with pytest.raises(ConfigError, match="write X's handle"):
        stream(make(), [Watch("Acme", parse("acme"), (OwnAccount("x", "no handle"),))])
    assert x.replay.asked == []


INVALID = {
    "value": ACME_RULE,
    "details": ["Reference to invalid operator 'to'. (at position 3)"],
    "title": "UnprocessableEntity",
    "type": "https://api.twitter.com/2/problems/invalid-rules",
}
DUPLICATE = {
    "value": ACME_RULE,
    "id": "1605612339621163008",
    "title": "DuplicateRule",
    "type": "https://api.twitter.com/2/problems/duplicate-rules",
}
CAP = {
    "title": "RulesCapExceeded",
    "detail": "Your app may have 1000 rules.",
    "type": "https://api.twitter.com/2/problems/rule-cap",
}


@pytest.mark.parametrize(
    ("answer", "permanent", "said"),
    [
        pytest.param(
            Answer({"meta": {"summary": {"invalid": 1}}, "errors": [INVALID]}),
            True,
            "x: refused the stream's rule for Acme: UnprocessableEntity: "
            "Reference to invalid operator 'to'. (at position 3)",
            id="invalid",
        ),
        pytest.param(
            Answer({"meta": {"summary": {"not_created": 1}}, "errors": [DUPLICATE]}, 201),
            False,
            "x: refused the stream's rule for Acme: DuplicateRule",
            id="duplicate",
        ),
        pytest.param(
            Answer({"meta": {"summary": {}}, "errors": [{"oops": 1}, CAP]}),
            True,
            "x: refused the stream's rule for a brand: no reason given",
            id="of another shape",
        ),
        pytest.param(
            Answer(CAP, 400),
            True,
            "x: refused (400): Your app may have 1000 rules.; these were the stream's rules "
            "for Acme",
            id="too many",
        ),
        pytest.param(
            Answer({"errors": [CAP]}, 400),
            True,
            "x: refused (400): RulesCapExceeded: Your app may have 1000 rules.; these were "
            "the stream's rules for Acme",
            id="too many, in a list",
        ),
        pytest.param(Answer({}, 503), False, "x: the service fails (503)", id="503"),
    ],
)
def test_a_rule_that_x_does_not_take_is_told(
    x: X, make: Make, answer: Answer, said: str, *, permanent: bool
) -> None:
    x.refused = answer
    with pytest.raises(RemoteError) as caught:
        stream(make())
    assert str(caught.value) == said
    assert caught.value.permanent is permanent
    assert x.connected == []


# -- the posts


def test_a_streamed_post_is_the_same_as_one_that_was_found(
    x: X, make: Make, listen: Listen, recorded: Callable[[str], Any]
) -> None:
    page = recorded("x_page.json")
    x.pushes(*({**page, "data": post} for post in page["data"]))
    streamed = mentions(listen())
    x.replay.by_query = None
    x.replay.plan(Answer(page))
    assert streamed == mentions(list(make().collect(ACME, None, since=None, now=NOW)))


def test_both_spellings_mean_the_same(x: X, listen: Listen, recorded: Callable[[str], Any]) -> None:
    page = recorded("x_page.json")
    said = [json.dumps({**page, "data": post}) for post in page["data"]]
    renamed = said
    for old, new in {
        "note_tweet": "note_post",
        "referenced_tweets": "referenced_posts",
        "edit_history_tweet_ids": "edit_history_post_ids",
        '"tweets"': '"posts"',
        "retweet_count": "repost_count",
    }.items():
        renamed = [line.replace(old, new) for line in renamed]
    x.pushes(*(line.encode() + b"\r\n" for line in said))
    x.pushes(*(line.encode() + b"\r\n" for line in renamed))
    assert mentions(listen()) == mentions(listen())


def test_the_same_is_asked_for_as_by_the_search_and_nothing_of_the_past(
    x: X, listen: Listen
) -> None:
    x.pushes()
    listen()
    (asked,) = x.connected
    assert asked.query["expansions"] == "author_id"
    assert "note_tweet" in asked.query["tweet.fields"]
    assert set(asked.query) == {"expansions", "tweet.fields", "user.fields"}
    assert asked.headers["authorization"] == f"Bearer {CANARY}"


def test_each_post_is_a_page_with_what_it_cost(x: X, listen: Listen) -> None:
    x.pushes(b"\r\n", record(1), b"\r\n", b"\r\n", record(2))
    pages = listen()
    assert [mention.text for mention in mentions(pages)] == ["acme 1", "acme 2"]
    assert [page.fetched for page in pages] == [1, 1]
    assert pages[0].reads == {"post": ["post:1991450000000000001"], "user": ["user:501"]}
    assert not pages[0].cursor
    assert not pages[0].backlog


def test_what_others_rules_bring_is_paid_for_and_no_mention(x: X, listen: Listen) -> None:
    theirs = record(1, tag="weekend project") | {"matching_rules": [{"id": "1", "tag": "cats"}]}
    both = record(2) | {"matching_rules": [{"id": "1"}, {"id": "900", "tag": "earshot:Acme"}]}
    x.pushes(theirs, both)
    first, second = listen()
    assert (first.mentions, first.fetched) == ((), 1)
    assert first.reads["post"] == ["post:1991450000000000001"]
    assert [mention.text for mention in second.mentions] == ["acme 2"]


def test_a_rule_that_somebody_else_made_alike_serves_too(x: X, listen: Listen) -> None:
    x.rules = [{"id": "7", "value": ACME_RULE, "tag": "theirs"}]
    x.pushes(record(1) | {"matching_rules": [{"id": "7", "tag": "theirs"}]})
    assert len(mentions(listen())) == 1
    assert x.changed == []


@pytest.mark.parametrize("told", [None, [], "900", [{}], [None]])
def test_a_post_without_a_known_rule_is_told_by_its_tag_or_handed_on(
    x: X, listen: Listen, told: object
) -> None:
    x.pushes(record(1) | {"matching_rules": told})
    assert len(mentions(listen())) == (0 if told == [{}] else 1)


def test_a_post_that_cannot_be_read_is_told_and_the_next_one_comes(x: X, listen: Listen) -> None:
    x.pushes(record(1, text=None), record(2) | {"data": []}, record(3))
    first, second, third = listen()
    assert first.broken == ("x post 1991450000000000001: it has no text",)
    assert second.broken == ("x: something that is no post",)
    assert len(third.mentions) == 1


def test_a_post_that_comes_in_pieces_is_one(x: X, listen: Listen) -> None:
    line = line_of(record(1, text="é" * 2000))
    x.pushes(*(line[at : at + 100] for at in range(0, len(line), 100)))
    assert mentions(listen())[0].text == "é" * 2000


# -- the money


def test_nothing_is_asked_when_the_budget_does_not_pay_what_may_come(x: X, make: Make) -> None:
    with pytest.raises(RemoteError, match=SPENT):
        stream(make(Coins("2.99")))
    assert x.replay.asked == []


@pytest.mark.parametrize(
    "line", [pytest.param(record(1), id="a post"), pytest.param(b"\r\n", id="a sign of life")]
)
def test_the_stream_ends_when_the_budget_is_spent(
    x: X, make: Make, line: bytes | dict[str, Any]
) -> None:
    """Whoever spent it: the searches go on beside the stream."""
    budget, pages = Coins("3.00"), list[Page]()
    x.pushes(line, record(2))

    def take(page: Page) -> None:
        pages.append(page)
        budget.dollars = Decimal("2.99")

    with pytest.raises(RemoteError, match=SPENT):
        stream(make(budget), take=take)
    assert len(mentions(pages)) == (line != b"\r\n"), "what has come is kept, and no more is read"


# -- the faults


@pytest.mark.parametrize(
    ("answer", "permanent", "wait_s", "said"),
    [
        pytest.param(
            Answer({"title": "Unauthorized"}, 401), True, None, "check sources.x", id="401"
        ),
        pytest.param(Answer({}, 402), True, None, "no credits left", id="402"),
        pytest.param(Answer({"detail": "not allowed"}, 403), True, None, "not allowed", id="403"),
        pytest.param(Answer(b"<html>", 403), True, None, "refused (403)", id="403, HTML"),
        pytest.param(Answer([], 401), True, None, "refused (401)", id="401, a list"),
        pytest.param(Answer({}, 302, {"location": "/there"}), True, None, "(302)", id="302"),
        pytest.param(Answer({}, 429), False, None, "rate limited", id="429"),
        pytest.param(
            Answer({}, 429, {"x-rate-limit-reset": str(int(NOW.timestamp()) + 60)}),
            False,
            60,
            "rate limited",
            id="429 with a reset",
        ),
        pytest.param(
            Answer({"title": "UsageCapExceeded"}, 429), True, None, "monthly cap", id="429, the cap"
        ),
        pytest.param(
            Answer(
                {
                    "title": "ConnectionException",
                    "detail": "This stream is currently at the maximum allowed connection limit.",
                    "connection_issue": "TooManyConnections",
                },
                429,
                {"x-rate-limit-reset": str(int(NOW.timestamp()) + 900)},
            ),
            False,
            None,
            "the app's only stream is taken",
            id="429, taken",
        ),
        pytest.param(
            Answer({"connection_issue": "RuleConfigurationIssue"}, 409),
            False,
            None,
            "no rule is in force yet",
            id="409",
        ),
        pytest.param(Answer({}, 503, {"retry-after": "30"}), False, 30, "fails (503)", id="503"),
        pytest.param(Answer(reset=True), False, None, "broke off (ConnectionError)", id="reset"),
        pytest.param(Answer({}, 503, cut=True), False, None, "the stream broke off", id="503, cut"),
    ],
)
def test_a_refusal_says_what_a_searchs_says(
    x: X, make: Make, answer: Answer, wait_s: int | None, said: str, *, permanent: bool
) -> None:
    x.sends.append(answer)
    with pytest.raises(RemoteError) as caught:
        stream(make())
    assert said in str(caught.value)
    assert str(caught.value).startswith("x: ")
    assert caught.value.permanent is permanent
    waits = caught.value.retry_after
    assert waits == (None if wait_s is None else timedelta(seconds=wait_s))
    assert len(x.connected) == 1, "tweepy would try again for ever"


OPERATIONAL = {
    "title": "operational-disconnect",
    "disconnect_type": "UpstreamOperationalDisconnect",
    "detail": "This stream has been disconnected upstream for operational reasons.",
}
ENDED = (
    "x: the stream was ended: operational-disconnect: This stream has been disconnected upstream "
    "for operational reasons.; will be tried again"
)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param(line_of({"errors": [OPERATIONAL]}), ENDED, id="a list of errors"),
        pytest.param(line_of(OPERATIONAL), ENDED, id="an error"),
        pytest.param(
            line_of({}), "x: the stream was ended: no reason given; will be tried again", id="empty"
        ),
        pytest.param(line_of({"errors": [1], "data": None}), None, id="errors of another shape"),
        pytest.param(b'{"data": {"id"\r\n', None, id="half a JSON"),
        pytest.param(b"<html>\n<body>503</body>\n", None, id="HTML"),
        pytest.param(b"[]\n", None, id="a list"),
        pytest.param(b"7\n", None, id="a number"),
        pytest.param(b"9" * 5000 + b"\n", None, id="a number of 5,000 digits"),
        pytest.param(b"[" * 200_000 + b"\n", None, id="deep"),
        pytest.param(b"\xff\xfe\n", None, id="no text"),
    ],
)
def test_a_line_that_is_no_post_ends_the_stream(
    x: X, make: Make, line: bytes, said: str | None
) -> None:
    pages: list[Page] = []
    x.pushes(record(1), line, record(2))
    with pytest.raises(RemoteError) as caught:
        stream(make(), take=pages.append)
    assert said is None or str(caught.value) == said
    assert not caught.value.permanent
    assert "\n" not in str(caught.value)
    assert [mention.text for mention in mentions(pages)] == ["acme 1"]
    assert len(x.connected) == 1


def test_errors_beside_a_post_do_not_end_it(x: X, listen: Listen) -> None:
    gone = {"title": "Not Found Error", "detail": "Could not find user with id: [7]."}
    x.pushes(record(1) | {"errors": [gone]})
    assert len(mentions(listen())) == 1


def test_a_stream_that_breaks_off_is_told_once(x: X, make: Make) -> None:
    x.sends.append(Answer(iter([line_of(record(1))]), cut=True))
    with pytest.raises(RemoteError, match=r"broke off \(ChunkedEncodingError\)") as caught:
        stream(make())
    assert not caught.value.permanent
    assert len(x.connected) == 1


def test_a_stream_that_is_ended_in_good_order_is_over(x: X, listen: Listen) -> None:
    x.sends.append(Answer(line_of(record(1)), headers={"connection": "close"}))
    assert len(mentions(listen())) == 1
    assert len(x.connected) == 1


def test_silence_is_no_stream(
    x: X, make: Make, held: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LINE_S", 0.3)
    x.sends.append(Answer(_then_waits(held, line_of(record(1)))))
    with pytest.raises(RemoteError, match="broke off"):
        stream(make())


def test_a_line_without_an_end_is_not_read_to_it(
    x: X, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LINE_BYTES", 200_000)
    x.sends.append(Answer(b"x" * 65_536 for _ in range(1_000)))
    with pytest.raises(RemoteError, match="broke off"):
        stream(make())


def test_a_stream_may_be_longer_than_an_answer(
    x: X, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "BODY_BYTES", 1_000)
    monkeypatch.setattr(wire, "LINE_BYTES", 1_000)
    x.pushes(*map(record, range(20)))
    assert len(mentions(listen())) == 20


@pytest.mark.parametrize("error", [KeyError("id"), ValueError("odd"), OSError("disk")])
def test_what_storing_fails_with_is_not_taken_for_xs_fault(
    x: X, make: Make, error: Exception
) -> None:
    x.pushes(record(1))

    def take(_: Page) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        stream(make(), take=take)
    assert caught.value is error


# -- the end


def _then_waits(held: Event, *lines: bytes) -> Iterator[bytes]:
    yield from lines
    held.wait(20)


@pytest.mark.parametrize("in_the_head", [False, True])
def test_stop_ends_it_although_nothing_comes(
    x: X, make: Make, held: Event, monkeypatch: pytest.MonkeyPatch, *, in_the_head: bool
) -> None:
    monkeypatch.setattr(hangup, "_LOOK_EVERY_S", 0.05)
    stop, pages, began = Event(), list[Page](), time.monotonic()
    if in_the_head:
        ask = x.answer

        def slow(asked: Asked) -> Answer:
            if asked.path == STREAM:
                stop.set()
                held.wait(20)
                return Answer(iter([]))
            return ask(asked)

        x.replay.by_query = slow
    else:
        x.sends.append(Answer(_then_waits(held, line_of(record(1)))))

    def take(page: Page) -> None:
        pages.append(page)
        if page.mentions:
            Timer(0.1, stop.set).start()

    stream(make(), take=take, stop=stop)

    assert time.monotonic() - began < 5
    assert len(mentions(pages)) == (not in_the_head)


def test_stop_ends_it_although_one_post_follows_the_other(x: X, make: Make) -> None:
    stop, pages = Event(), list[Page]()
    x.pushes(*map(record, range(50)))

    def take(page: Page) -> None:
        pages.append(page)
        if page.mentions:
            stop.set()

    stream(make(), take=take, stop=stop)

    assert len(mentions(pages)) == 1


def test_nothing_of_it_stands_in_a_log(
    x: X, make: Make, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tweepy.streaming.sleep", slept.append)
    caplog.set_level(logging.DEBUG)
    told = ""
    source = make()
    x.pushes(b"\r\n", record(1, text="acme secretly"))
    for answer in (
        Answer({"detail": "acme secretly"}, 401),
        Answer({"detail": "acme secretly"}, 503),
        Answer(reset=True),
        Answer(iter([b"<html>acme secretly"])),
        Answer(iter([line_of(record(1, text="acme secretly"))]), cut=True),
    ):
        x.sends.append(answer)
    while x.sends:
        try:
            stream(source)
        except RemoteError as error:
            told += repr(error) + repr(error.__cause__)
    assert CANARY not in told + caplog.text
    assert "acme secretly" not in caplog.text
    assert not [one for one in caplog.records if one.name == "tweepy.streaming"]
    assert slept == []
