import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.escape import clean
from alerts.incident_messages import (
    answer_message,
    decision_message,
    incident_message,
    joined_message,
    storm_message,
)
from alerts.lifecycle import acknowledge, assign, dismiss, resolve, settle, snooze
from alerts.slack.blocks import MAX_MESSAGE, slack_blocks
from domain.address import Origin
from domain.elements import Message
from domain.incident import (
    Candidate,
    CustomerProfile,
    Earlier,
    EarlierMentions,
    Incident,
    Resolution,
    Severity,
    State,
    Storm,
)
from domain.network import Networks
from domain.press import DuplicateOf, Elsewhere, NoAnswerNeeded
from domain.sentiment import Asks, Sentiment
from tests.alerts import slack_oracle
from tests.alerts.samples import (
    GOLD,
    HOSTILE,
    HOUR,
    NEGATIVE,
    NOW,
    OPENING,
    answered,
    incident,
    triaged,
)

ANY_TEXT = st.text(st.characters(codec=None), max_size=400) | st.sampled_from(HOSTILE)
# What could be text from outside in one mention and its incident.
HOSTILE_MENTION = st.builds(
    lambda text, handle, name, url, tier: triaged(
        source=tier,
        text=text,
        author_handle=handle,
        author_name=name,
        url=url,
        customer=replace(GOLD, name=name, tier=tier, basis=handle, currency=tier[:3]),
    ),
    *[ANY_TEXT] * 5,
)


def payload(message: Message) -> dict[str, Any]:
    text, blocks = slack_blocks(message)
    return {
        "text": text,
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def built(mentions: list[Candidate], **changes: Any) -> Message:  # noqa: ANN401 - of any field
    first = mentions[0].customer if mentions else None
    seen = incident(customer=first, **changes)
    return incident_message(seen, mentions, OPENING.reasons, now=NOW, pressable=True)


@given(st.lists(HOSTILE_MENTION, min_size=1, max_size=6), ANY_TEXT)
def test_no_text_from_outside_is_ever_live(mentions: list[Candidate], name: str) -> None:
    whole = built(
        mentions, brand=name or "Acme", assignee=name, acknowledged_by=name, rule=name or "vip"
    )
    moved: dict[str, Any] = {"acknowledged_by": name, "acknowledged_at": NOW, "answered_in": name}
    acked = built(mentions, state=State.ACKNOWLEDGED, **moved)
    settled = built(mentions, state=State.RESOLVED, resolved_at=NOW, answered_at=NOW, **moved)
    seen = answer_message(incident(answered_at=NOW), name, (name, name), now=NOW)
    decided = decision_message(name, "corrected", name)
    joined = joined_message(incident(brand=name), mentions[0], (name,), now=NOW)
    storm = storm_message(name, Storm({Severity.HIGH: 1}, NOW, (1,)), now=NOW)
    for message in (whole, acked, settled, joined, storm, seen, decided):
        sent = payload(message)
        assert slack_oracle.tokens(sent) == []
        assert slack_oracle.addresses(sent) == []
        assert slack_oracle.violations(sent) == []
        assert slack_oracle.buttons(sent) == []


@given(ANY_TEXT.filter(lambda text: len(text) <= 400 and bool(text.strip())))
def test_a_short_text_is_shown_exactly(text: str) -> None:
    assert clean(text) in slack_oracle.shown(payload(built([triaged(text=text)])))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_longest_message_stays_within_what_slack_takes(text: str) -> None:
    hostile = triaged(
        text=text * 10,
        author_name=text * 10,
        author_handle=text * 10,
        customer=replace(GOLD, name=text * 10, tier=text * 10, basis=text * 10),
    )
    wrote = EarlierMentions(tuple((text * 10, 10**9) for _ in range(40)), 1, 400 * HOUR)
    message = built([hostile] * 40, assignee=text * 10, acknowledged_by=text * 10, wrote=wrote)
    assert slack_oracle.violations(payload(message)) == []
    assert sum(len(text) for _, text in slack_oracle.texts(payload(message))) < MAX_MESSAGE


def shown(message: Message) -> str:
    return slack_oracle.shown(payload(message)).replace("\n · ", " · ")


def test_an_open_incident_tells_post_customer_clock_and_reason() -> None:
    said = shown(built([triaged(customer=GOLD)]))
    for words in (
        "🟠 High: a post about Acme on X",
        "Ana Ruiz",
        "@ana · 12,000 followers · 20 Nov 09:10 UTC",
        "My parcel never came, third time this week.",
        "10:10 UTC, in 55 m",
        "Ana Ruiz · gold · 7 orders · 1,830.50 EUR in the past 12 months · handle on file",
        "negative, 91% sure",
        "vip (negative with p 0.91 >= 0.50)",
        "Open post on x.com",
        "Incident 3 · version 1 · Acme",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("sentiment", "said"),
    [
        pytest.param(
            replace(NEGATIVE, asks=Asks.COMPLAINT), "negative, 91% sure · complaint", id="asks"
        ),
        pytest.param(replace(NEGATIVE, asks=Asks.NOTHING), "negative, 91% sure\n", id="nothing"),
        pytest.param(
            replace(NEGATIVE, negative=1.0, corrected_by="<!here> kim", asks=Asks.QUESTION),
            "negative, corrected by <!here> kim · question",
            id="corrected",
        ),
    ],
)
def test_the_tone_says_who_is_how_sure_and_what_is_asked(sentiment: Sentiment, said: str) -> None:
    message = built([triaged(sentiment=sentiment)])
    assert said in shown(message)
    assert slack_oracle.tokens(payload(message)) == []


def test_the_fallback_says_the_same_in_one_line() -> None:
    message = built([triaged(text="see <!here> at evil.com\nnow")])
    assert payload(message)["text"] == (
        "🟠 High: post by @ana · negative with p 0.91 &gt;= 0.50 · answer due 10:10 UTC, in 55 m · "
        "about Acme on X · see &lt;!here&gt; at evil[.]com now"
    )


def test_without_a_customer_none_is_shown() -> None:
    assert "Customer" not in shown(built([triaged()]))


OPEN = incident()
CASES = {
    "overdue": (
        replace(OPEN, due_at=NOW - HOUR),
        ("🟠 High, overdue: a post", "Answer was due: ", "08:15 UTC, overdue by 1 h"),
    ),
    "given to somebody": (
        assign(OPEN, "ana", by="kim", now=NOW).incident,
        ("🟠 High, for ana: a post", "Assigned to: \nana"),
    ),
    "answered elsewhere": (
        settle(OPEN, Elsewhere("phone", NOW), by="kim", now=NOW).incident,
        ("✅ High, answered elsewhere in 5 m: a post", "09:15 UTC · in time · phone"),
    ),
    "a duplicate": (
        settle(OPEN, DuplicateOf(4), by="kim", now=NOW).incident,
        ("✅ High, duplicate of 4: a post", "09:15 UTC · a duplicate of incident 4"),
    ),
    "no answer needed": (
        settle(OPEN, NoAnswerNeeded(), by="kim", now=NOW).incident,
        ("✅ High, no answer needed: a post", "09:15 UTC · no answer needed"),
    ),
    "due tomorrow": (
        replace(OPEN, due_at=NOW + 24 * HOUR),
        ("Sat 21 Nov 09:15 UTC, in 1 d",),
    ),
    "acknowledged": (
        acknowledge(OPEN, by="kim", now=NOW).incident,
        (
            *("🟠👀 High, kim has it: a post about Acme on X", "09:15 UTC · by kim"),
            *("Acknowledged: ", "Answer due: ", "version 2"),
        ),
    ),
    "snoozed": (
        snooze(OPEN, NOW + HOUR, by="kim", now=NOW).incident,
        ("🟠💤 High, snoozed: a post", "Snoozed until: ", "10:15 UTC"),
    ),
    "answered in time": (
        answered(OPEN, NOW, now=NOW),
        ("✅ High, answered in 5 m: a post", "09:15 UTC · in time"),
    ),
    "answered late": (
        answered(OPEN, NOW + 2 * HOUR, now=NOW),
        ("✅ High, answered in 2 h 5 m", "11:15 UTC · 1 h 5 m late"),
    ),
    "resolved by hand": (
        resolve(OPEN, by="kim", now=NOW).incident,
        ("✅ High, resolved: a post", "09:15 UTC · without an answer seen"),
    ),
    "dismissed": (dismiss(OPEN, by="kim", now=NOW).incident, ("⚪ High, dismissed: a post",)),
    "critical": (replace(OPEN, severity=Severity.CRITICAL), ("🔴 Critical: a post",)),
}


@pytest.mark.parametrize(("state", "said"), CASES.values(), ids=CASES)
def test_each_state_reads_as_what_it_is(state: Incident, said: tuple[str, ...]) -> None:
    words = shown(incident_message(state, [triaged()], now=NOW))
    assert [part for part in said if part not in words] == []


def test_a_deleted_post_is_not_shown_any_more() -> None:
    gone = resolve(OPEN, by="earshot", now=NOW, resolution=Resolution.DELETED).incident
    message = incident_message(gone, [triaged()], now=NOW)
    assert "parcel" not in str(message)
    assert "✅ High, closed: a deleted post about Acme" in shown(message)
    assert slack_oracle.buttons(payload(message)) == []


def test_many_posts_show_the_first_and_the_newest() -> None:
    mentions = [triaged(text=f"post number {n}.") for n in range(8)]
    said = shown(incident_message(OPEN, mentions, now=NOW))
    assert "8 posts about Acme" in said
    assert [n for n in range(8) if f"number {n}." in said] == [0, 5, 6, 7]
    assert "4 more in between" in said


@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        pytest.param("https://x.com/ana/status/1", ["https://x.com/ana/status/1"], id="platform"),
        pytest.param("https://evil.example/", [], id="elsewhere"),
        pytest.param("http://x.com/", [], id="not https"),
        pytest.param("", [], id="none"),
    ],
)
def test_the_button_leads_to_the_platform_or_is_not_there(url: str, leads_to: list[str]) -> None:
    assert slack_oracle.buttons(payload(built([triaged(url=url)]))) == leads_to


FORUM = "https://forum.example.org/t/5/3"
OWN = Networks({"discourse": frozenset({Origin("https", "forum.example.org", 443)})})


def both(**changes: Any) -> list[Message]:  # noqa: ANN401 - of any field
    """The first message and the one in its thread, of one mention."""
    mention = triaged(**changes)
    return [
        incident_message(OPEN, [mention], now=NOW, networks=OWN),
        joined_message(OPEN, mention, now=NOW, networks=OWN),
    ]


def test_a_post_on_a_server_of_ones_own_can_be_opened() -> None:
    for message in both(source="discourse", url=FORUM):
        assert slack_oracle.buttons(payload(message)) == [FORUM]
        assert "Open post on forum.example.org" in shown(message)
        assert "Address" not in shown(message)


@pytest.mark.parametrize("source", ["forum", "mastodon", "rss", "x", "email", "<!here>"])
def test_an_address_that_nobody_vouches_for_stands_as_text(source: str) -> None:
    for message in both(source=source, url=FORUM):
        sent = payload(message)
        assert slack_oracle.buttons(sent) == []
        assert slack_oracle.tokens(sent) == []
        assert "Address: \nhttps[:]//forum[.]example[.]org/t/5/3" in shown(message)


def test_a_post_without_an_address_has_no_line_for_it() -> None:
    for message in both(source="email", url=""):
        assert "Address" not in shown(message)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        pytest.param("trustpilot", "Trustpilot", id="an own title"),
        pytest.param("appstore", "App Store", id="two words"),
        pytest.param("twitter", "X", id="a spelling"),
        pytest.param("some forum", "some forum", id="an import"),
        pytest.param("a\n\u202eb", "a b", id="cleaned"),
    ],
)
def test_the_title_names_the_network(source: str, title: str) -> None:
    message = incident_message(OPEN, [triaged(source=source)], now=NOW)
    assert f"a post about Acme on {title}\n" in shown(message)


def test_times_are_told_in_the_given_zone() -> None:
    message = incident_message(OPEN, [triaged()], now=NOW, tz=ZoneInfo("Europe/Berlin"))
    assert "11:10 CET, in 55 m" in shown(message)


def test_a_joined_mention_tells_what_is_new() -> None:
    message = joined_message(OPEN, triaged(text="Still nothing!"), ("gold",), now=NOW)
    assert "Still nothing!" in shown(message)
    assert payload(message)["text"].startswith("🟠 High: another post by @ana · gold · answer due")


def test_a_storm_is_one_message_that_names_every_incident() -> None:
    counts = {Severity.NORMAL: 2, Severity.CRITICAL: 1}
    message = storm_message("Acme", Storm(counts, NOW + timedelta(minutes=5), (5, 6, 7)), now=NOW)
    for words in ("3 more incidents about Acme", "1 critical, 2 normal", "in 5 m", "5, 6, 7"):
        assert words in shown(message)


def test_a_great_storm_names_some_incidents_and_counts_the_others() -> None:
    storm = Storm({Severity.NORMAL: 1_500}, None, tuple(range(1, 61)))
    message = storm_message("Acme", storm, now=NOW)
    assert "1,500 more incidents about Acme" in shown(message)
    assert "59, 60 and 1,440 more" in shown(message)


def test_a_flood_is_one_message_with_its_count() -> None:
    first, newest = triaged(text="first"), triaged(mention_id=9, text="newest")
    message = incident_message(replace(OPEN, uncounted=21), [first, newest], now=NOW)
    assert message.summary.startswith("🟠 High: 23 posts by @ana")
    assert "High: 23 posts about Acme" in shown(message)
    assert "21 more in between" in shown(message)


def test_of_many_posts_at_once_the_thread_shows_the_newest_and_counts_the_others() -> None:
    message = joined_message(OPEN, triaged(text="Still nothing!"), before=16, now=NOW)
    assert message.summary.startswith("🟠 High: 17 more, post by @ana")
    assert "Still nothing!" in shown(message)


# --- what a phone shows ---------------------------------------------------------------------------

LONG = st.text("abcdefghijklmnop ", min_size=1, max_size=200)


@given(LONG, LONG, LONG, LONG, st.sampled_from(Severity))
@pytest.mark.parametrize("due_at", [NOW - HOUR, NOW + HOUR], ids=["overdue", "in time"])
@pytest.mark.parametrize("holder", ["", "maximiliane.oberhuber-schwarz"], ids=["nobody", "given"])
def test_the_first_80_characters_say_how_urgent_what_who_and_why(  # noqa: PLR0917
    holder: str,
    due_at: datetime,
    handle: str,
    brand: str,
    source: str,
    reason: str,
    severity: Severity,
) -> None:
    asks = replace(NEGATIVE, asks=Asks.COMPLAINT)
    mention = triaged(author_handle=f"ana{handle}", source=source, sentiment=asks)
    seen = incident(brand=brand, severity=severity, due_at=due_at, assignee=holder)
    for message in (
        incident_message(seen, [mention], (f"poor{reason}",), now=NOW),
        joined_message(seen, mention, (f"poor{reason}",), now=NOW),
    ):
        first = payload(message)["text"][:80]
        assert str(severity).capitalize() in first
        assert ("overdue" in first) is (due_at < NOW)
        assert "complaint by @ana" in first
        assert "· poor" in first


@given(LONG, LONG, LONG, st.sampled_from(["open", "acknowledged", "snoozed"]))
def test_no_title_needs_a_third_row_on_a_phone(
    brand: str, source: str, holder: str, state: str
) -> None:
    late = incident(
        brand=brand, state=State(state), acknowledged_by=holder, assignee=holder, due_at=NOW - HOUR
    )
    mentions = [triaged(source=source, author_handle="ana")] * 12
    (header,) = [
        block
        for block in payload(incident_message(late, mentions, now=NOW))["blocks"]
        if block["type"] == "header"
    ]
    title = header["text"]["text"]
    assert len(title) <= 60, "two rows of thirty"
    assert "High, overdue" in title


# --- the customer's story -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        pytest.param(Earlier(2, 1, 0), "Earlier: \n3: 2 answered, 1 open", id="some"),
        pytest.param(Earlier(0, 0, 1), "Earlier: \n1: 1 closed", id="never answered"),
    ],
)
def test_the_customers_story_says_how_earlier_cases_ended(earlier: Earlier, said: str) -> None:
    known = replace(GOLD, last_order_on=date(2026, 11, 3))
    words = shown(built([triaged(customer=known)], earlier=earlier))
    assert said in words
    assert "gold · 7 orders, the last on 03 Nov 2026 · 1,830.50 EUR" in words


def test_without_earlier_cases_nothing_is_said_of_them() -> None:
    past: dict[str, Any] = {"earlier": Earlier(0, 0, 0), "wrote": EarlierMentions()}
    assert "Earlier" not in shown(built([triaged(customer=GOLD)], **past))


@pytest.mark.parametrize(
    ("wrote", "said"),
    [
        pytest.param(
            EarlierMentions((("x", 3), ("trustpilot", 1)), 2, 2 * HOUR),
            "1: 1 open · 4 mentions (x 3, trustpilot 1), last answered after 2 h",
            id="answered",
        ),
        pytest.param(
            EarlierMentions((("x", 1),)), "1: 1 open · 1 mention (x 1), no answer seen", id="not"
        ),
        pytest.param(
            EarlierMentions(tuple((name, 1) for name in "abcde")),
            "5 mentions (a 1, b 1, c 1 and 2 more)",
            id="on many networks",
        ),
    ],
)
def test_the_customers_story_says_what_they_had_written(wrote: EarlierMentions, said: str) -> None:
    words = shown(built([triaged(customer=GOLD)], earlier=Earlier(0, 1, 0), wrote=wrote))
    assert said in words


def test_the_customers_story_says_segment_and_lifetime_value_where_they_are_known() -> None:
    known = replace(GOLD, segment="regular", clv=1980.1)
    assert (
        "gold · regular · 7 orders · 1,830.50 EUR in the past 12 months · "
        "CLV 1,980.10 EUR (BG/NBD) · handle on file"
    ) in shown(built([triaged(customer=known)]))
    assert "CLV" not in shown(built([triaged(customer=GOLD)]))


# --- what each reader's own clock shows -----------------------------------------------------------


def test_due_is_a_date_in_each_readers_zone() -> None:
    message = incident_message(OPEN, [triaged()], now=NOW)
    dates = [part for part in slack_oracle.parts(payload(message)) if part.get("type") == "date"]
    assert [(one["timestamp"], one["fallback"]) for one in dates] == [
        (OPEN.due_at.timestamp(), "10:10 UTC, in 55 m")
    ]


# --- what can be pressed --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "customer", "actions"),
    [
        pytest.param(
            State.OPEN, GOLD, ["acknowledge", "assign", "snooze", "resolve", "more"], id="open"
        ),
        pytest.param(
            State.ACKNOWLEDGED, None, ["assign", "snooze", "resolve", "more"], id="acknowledged"
        ),
        pytest.param(State.RESOLVED, GOLD, ["note"], id="closed"),
    ],
)
def test_what_makes_sense_can_be_pressed(
    state: State, customer: CustomerProfile | None, actions: list[str]
) -> None:
    message = built([triaged(customer=customer)], id=12, version=4, state=state)
    pressed = slack_oracle.pressed(payload(message))
    assert list(pressed) == actions
    assert any(block.get("block_id") == "incident:12:4" for block in payload(message)["blocks"]), (
        "a people picker has no value of its own"
    )
    for values in pressed.values():
        assert all(re.fullmatch(r"([a-z0-9_]+:)?12:4", value) for value in values)
    assert ("not_customer:12:4" in pressed.get("more", [])) is (state is State.OPEN)


def test_where_nobody_listens_nothing_can_be_pressed() -> None:
    message = incident_message(OPEN, [triaged()], now=NOW)
    assert slack_oracle.pressed(payload(message)) == {}
