import re
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.console import render_console
from alerts.incident_messages import incident_message
from alerts.notifier import ConsoleNotifier
from alerts.wrap import columns
from domain.elements import (
    Button,
    Buttons,
    Element,
    Facts,
    Link,
    Message,
    Quote,
    Quotes,
    Text,
    Volume,
)
from domain.errors import RemoteError
from domain.notification import Mark
from domain.volume import DayVolume
from tests.alerts.samples import GOLD, HOSTILE, NOW, OPENING, incident, triaged

EXPECTED = """\
╭───────────────────────────────────────────────────────────────────────────────
│ 🟠 High: a post about Acme on X
│
│ Ana Ruiz  @ana · 12,000 followers · 20 Nov 09:10 UTC
│ ┃ My parcel never came, third time this week.
│
│ Answer due  10:10 UTC, in 55 m
│ Customer    Ana Ruiz · gold · 7 orders · 1,830.50 EUR in the past 12 months ·
│             handle on file
│ Tone        negative, 91% sure
│ Why         vip (negative with p 0.91 >= 0.50)
│
│ [ Open post on x.com ]
│ https://x.com/ana/status/1849
│
│ Incident 3 · version 1 · Acme
╰───────────────────────────────────────────────────────────────────────────────"""


def alert(text: str = triaged().text) -> Message:
    mention = triaged(text=text, customer=GOLD)
    return incident_message(incident(customer=GOLD), [mention], OPENING.reasons, now=NOW)


def test_an_alert_in_the_terminal_reads_like_the_one_in_slack() -> None:
    assert render_console(alert(), width=80) == EXPECTED


def test_colour_only_paints() -> None:
    painted = render_console(alert(), width=80, colour=True)
    assert painted != EXPECTED
    assert re.sub(r"\x1b\[[\d;]+m", "", painted) == EXPECTED


@given(st.text(st.characters(codec=None), max_size=300) | st.sampled_from(HOSTILE))
def test_hostile_text_neither_steers_the_terminal_nor_overflows(text: str) -> None:
    drawn = render_console(alert(text), width=60)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e]", drawn)
    assert max(columns(row) for row in drawn.split("\n")) <= 60


def test_words_in_a_script_without_spaces_are_wrapped_by_width() -> None:
    drawn = render_console(alert("日本語" * 40), width=60)
    assert max(columns(row) for row in drawn.split("\n")) <= 60
    assert drawn.count("日本語") + drawn.count("日") >= 40


@pytest.mark.parametrize(
    ("element", "drawn"),
    [
        pytest.param(Text("Up & away <x>"), "│ Up & away <x>", id="text"),
        pytest.param(
            Quotes((Quote(1, "Ana", "@ana", f"{'said ' * 20}\n> is no quote", 400),)),
            f"│ Ana  @ana\n│ ┃ {'said ' * 16}said\n│ ┃ said said said\n│ ┃ > is no quote\n╰",
            id="quote",
        ),
        pytest.param(
            Buttons((Button("Open post", Link("https://x.com/a")),)),
            "│ [ Open post ]\n│ https://x.com/a",
            id="button",
        ),
        pytest.param(
            Facts((("Score", "65.6"), ("Nothing at all", " "), ("NPS-proxy", "−12"))),
            "│ Score      65.6\n│ NPS-proxy  −12",
            id="facts",
        ),
        pytest.param(
            Volume("Mentions", (DayVolume(NOW.date(), 1, 2, 0, 0, 0),), ""),
            "│ █ all, most 3\n│ █ negative, most 1",
            id="chart",
        ),
    ],
)
def test_an_element_is_drawn_for_a_terminal(element: Element, drawn: str) -> None:
    assert drawn in render_console(Message("", (element,)))


def test_a_message_without_elements_shows_its_summary() -> None:
    assert "│ a < b" in render_console(Message("a < b"))


def test_the_console_prints_what_it_is_given() -> None:
    stream = StringIO()
    console = ConsoleNotifier(stream, width=80)
    ref = console.post("alerts", alert(), Mark("d1"))
    console.update("alerts", ref, alert())
    console.post("", alert(), Mark("d2"), thread=ref)
    printed = stream.getvalue()
    assert printed.startswith(f"alerts\n{EXPECTED}\n\nalerts, in place of d1\n{EXPECTED}\n\n")
    assert "console, in the thread of d1\n" in printed
    assert console.find("alerts", [Mark("d1")], NOW) == {}
    assert console.check().startswith("console: ")


def test_a_stream_that_cannot_write_emoji_still_gets_the_alert() -> None:
    raw = BytesIO()
    stream = TextIOWrapper(raw, encoding="ascii")
    ConsoleNotifier(stream, width=80).post("", alert(), Mark("d1"))
    assert b"My parcel never came" in raw.getvalue()


def test_a_closed_pipe_is_our_error() -> None:
    class Broken(StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(RemoteError, match=r"console: cannot write \(Broken pipe\)"):
        ConsoleNotifier(Broken()).post("", alert(), Mark("d1"))
