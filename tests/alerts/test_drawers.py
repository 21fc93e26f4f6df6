"""Each kind of element in each way out: none is forgotten, and no text of it is ever live."""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any, get_args

import pytest

from alerts.console import render_console
from alerts.digest import digest_message
from alerts.page import render_page
from alerts.slack.blocks import slack_blocks
from alerts.text import render_text
from domain.elements import (
    Bar,
    Bars,
    Button,
    Buttons,
    Card,
    Cards,
    Choice,
    Column,
    Element,
    Facts,
    Gauge,
    Heading,
    Health,
    HealthRow,
    Link,
    Mark,
    Menu,
    Message,
    Notes,
    PeoplePicker,
    Press,
    Presses,
    Quote,
    Quotes,
    Section,
    Shade,
    Shades,
    Summons,
    Table,
    Text,
    Tile,
    Tiles,
    Trend,
    Volume,
    When,
)
from domain.network import PUBLIC
from domain.volume import DayVolume
from tests.alerts import slack_oracle
from tests.alerts.digest_samples import BUSY, HOSTILE

DAY = date(2026, 11, 19)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LINK = Link("https://x.com/ana/1")
CARD = Card(
    mention_id=9,
    name="Ana",
    handle="@ana",
    source="x",
    published="Fri 20 Nov 03:00",
    reach="9 followers",
    tone="negative 94%",
    label="negative",
    text="an awful kettle",
    link=LINK,
    address="",
    customer="Ana Ruiz · gold",
)
# One of each kind, with words that every way out has to show.
SAMPLES: list[tuple[Element, tuple[str, ...]]] = [
    (Heading("Acme today", "Look at this first."), ("Acme today", "Look at this first.")),
    (Text("Nothing is lost."), ("Nothing is lost.",)),
    (Summons("U0123", "Please answer."), ("U0123", "Please answer.")),
    (
        Quotes((Quote(7, "Ana", "@ana", "It broke", 99), Quote(8, "Tom", "@tom", "Mine", 99)), 4),
        ("Ana", "@ana", "It broke", "4 more in between", "Mine"),
    ),
    (Facts((("Customer", "Ana Ruiz"), ("Why", ""))), ("Customer", "Ana Ruiz")),
    (Buttons((Button("Open post on x.com", LINK),)), ("Open post on x.com",)),
    (
        Facts((("Due", (When(NOON, "noon of Friday"), "for Ana", "")),)),
        ("Due", "noon of Friday", "for Ana"),
    ),
    (
        Presses(
            "incident:3:1",
            (
                Press("Acknowledge", "acknowledge", "3:1"),
                PeoplePicker("Assign", "assign"),
                Menu("Snooze", "snooze", (Choice("1 hour", "1h:3:1"), Choice("4 hours", "4h:3:1"))),
                Menu(
                    "More", "more", (Choice("Note", "note:3:1"), Choice("x", "x:3:1")), folded=True
                ),
            ),
            "Acknowledge it: earshot alerts ack 3",
        ),
        ("Acknowledge",),
    ),
    (Notes(("Incident 3",)), ("Incident 3",)),
    (Tiles((Tile("Waiting", "3", "1 overdue"),)), ("Waiting", "3", "1 overdue")),
    (
        Gauge(
            name="In time",
            value="75%",
            unit="in time",
            interval="59% to 86%",
            basis="27 of 36 due",
            change="",
            missing="",
            note="46 needed one",
            scale=(0, 100),
            low=59.0,
            at=75.0,
            high=86.0,
        ),
        ("75%", "59% to 86%", "27 of 36 due", "46 needed one"),
    ),
    (
        Bars("Brand", (Column("Share", "share", 4),), (Bar("Acme", 48.0, ("48%",)),)),
        ("Brand", "Acme", "48%"),
    ),
    (
        Table("Time", (Column("among all"),), (("Half within", ("2 h",)),)),
        ("Half within", "2 h", "among all"),
    ),
    (
        Shades(
            "Month",
            ("1", "2"),
            (("2026-09", (Shade("31%", 0.31), Shade("4", None))), ("2026-10", (Shade("0%", 0.0),))),
            "Of who came first",
        ),
        ("Month", "2026-09", "31%", "4", "2026-10", "0%", "Of who came first"),
    ),
    (
        Trend(
            "Score by day",
            ((DAY, 61.0), (DAY + timedelta(days=1), 64.0)),
            "Lowest 61",
            marks=(Mark(DAY, "reddit is new"),),
            band=((60.0, 62.0), None),
            caption="before the errors",
        ),
        ("Lowest 61", "a reddit is new", "before the errors"),
    ),
    (Volume("By day", (DayVolume(DAY, 1, 2, 3, 4, 5),), "15"), ("negative",)),
    (
        Cards((CARD,) * 12, "none", "Worst", left="are open", command="earshot alerts list"),
        ("Worst", "Ana @ana on x", "an awful kettle", "gold", "x.com", "more", "alerts list"),
    ),
    (
        Health((HealthRow("rss", "12", "never", "the feed fails", ("a gap",)),), "none"),
        ("rss", "12", "never", "the feed fails", "a gap"),
    ),
    (Section("Answers", (Text("Inside."),), "A lead."), ("Answers", "A lead.", "Inside.")),
]
EACH = pytest.mark.parametrize(
    ("element", "words"), SAMPLES, ids=[type(element).__name__ for element, _ in SAMPLES]
)


def sent(message: Message) -> dict[str, Any]:
    text, blocks = slack_blocks(message)
    return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def read(html: str) -> str:
    """The words a person sees in the file."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

    Reader(convert_charrefs=True).feed(html.partition("</style>")[2])
    return " ".join(" ".join(found).split())


WAYS: dict[str, Callable[[Message], str]] = {
    "slack": lambda message: slack_oracle.shown(sent(message)).replace("*", ""),
    "console": render_console,
    "text": render_text,
    "page": lambda message: read(render_page(message)),
}


def test_each_kind_of_element_has_a_sample() -> None:
    assert {type(element) for element, _ in SAMPLES} == set(get_args(Element))


@EACH
@pytest.mark.parametrize("way", WAYS)
def test_each_way_out_draws_it(way: str, element: Element, words: tuple[str, ...]) -> None:
    shown = WAYS[way](Message("", (element,)))
    assert [word for word in words if word not in shown] == []


@EACH
def test_its_words_are_never_live_anywhere(element: Element, words: tuple[str, ...]) -> None:
    assert words
    attacked = Message(HOSTILE, (hostile(element),))
    in_slack = sent(attacked)
    assert slack_oracle.violations(in_slack) == []
    assert set(slack_oracle.tokens(in_slack)) <= {"https://x.com/ana/1|x.com"}
    assert slack_oracle.addresses(in_slack) == []
    for drawn in (render_console(attacked), render_text(attacked)):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e]", drawn)
    page = render_page(attacked)
    assert "<script" not in page
    assert "onerror=x()>" not in page
    assert set(re.findall(r'href="([^"]*)"', page)) <= {"https://x.com/ana/1"}


def hostile(value: Any) -> Any:  # noqa: ANN401 - of any field
    """The same with every text that is not an address that was checked replaced."""
    if isinstance(value, tuple):
        return tuple(map(hostile, value))
    if isinstance(value, Presses):  # all of it is ours but where it is typed
        return replace(value, command=HOSTILE)
    if is_dataclass(value) and not isinstance(value, type | Link):
        kept = {one.name: getattr(value, one.name) for one in fields(value) if one.name != "label"}
        return replace(value, **{name: hostile(one) for name, one in kept.items()})
    return HOSTILE if isinstance(value, str) and value else value


def test_a_message_knows_whose_words_it_may_show() -> None:
    inside = Section("Worst", (Cards((CARD, replace(CARD, mention_id=3)), "none"),))
    quotes = Quotes((Quote(7, "Ana", "", "x", 9), Quote(3, "Tom", "", "y", 9)))
    assert Message("", (Text("no words of theirs"), quotes, inside)).quotes == (3, 7, 9)


def test_what_needs_room_stands_on_the_page_alone() -> None:
    table = Table("Week", (Column("All"),), (("Monday", ("41",)),), detail=True)
    message = Message("", (Section("Mentions", (table,)), Section("Alone", (), detail=True)))
    shown = {
        way: [word in draw(message) for word in ("Monday", "Alone")] for way, draw in WAYS.items()
    }
    assert shown == {
        "slack": [False, False],
        "console": [False, False],
        "text": [False, False],
        "page": [True, True],
    }


def test_a_message_too_big_for_slack_gives_up_words_and_small_print_before_facts() -> None:
    quotes = Quotes(tuple(Quote(n, "Ana", "@ana", "long words " * 900, 9_000) for n in range(4)))
    facts = Facts((("Answer due", "10:10"), ("Customer", "Ana Ruiz")))
    button = Buttons((Button("Open post", LINK),))
    crowd = Notes(tuple(f"note {n} " * 80 for n in range(60)))
    blocks = slack_blocks(Message("", (Heading("High"), quotes, facts, button, crowd)))[1]
    assert slack_oracle.violations({**sent(Message("")), "blocks": blocks}) == []
    assert [block["type"] for block in blocks][:4] == [
        "header",
        "rich_text",
        "rich_text",
        "actions",
    ]
    assert "Answer due" in str(blocks[2])


def test_a_digest_quotes_what_its_sections_show() -> None:
    shown = (*BUSY.worst, *BUSY.best, *(one.quote for one in BUSY.open_incidents))
    assert digest_message(BUSY, PUBLIC).quotes == tuple(sorted({one.mention_id for one in shown}))
