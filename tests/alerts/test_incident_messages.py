from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.escape import clean
from alerts.incident_messages import incident_message, joined_message, storm_message
from alerts.lifecycle import acknowledge, answer, dismiss, resolve, snooze
from alerts.slack.blocks import MAX_MESSAGE, slack_blocks
from domain.address import Origin
from domain.elements import Message
from domain.incident import Candidate, Incident, Resolution, Severity, Storm
from domain.network import Networks
from domain.sentiment import Asks, Sentiment
from tests.alerts import slack_oracle
from tests.alerts.samples import GOLD, HOSTILE, HOUR, NEGATIVE, NOW, OPENING, incident, triaged

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
    return incident_message(incident(customer=first, **changes), mentions, OPENING.reasons, now=NOW)


@given(st.lists(HOSTILE_MENTION, min_size=1, max_size=6), ANY_TEXT)
def test_no_text_from_outside_is_ever_live(mentions: list[Candidate], name: str) -> None:
    whole = built(mentions, brand=name or "Acme", assignee=name, rule=name or "vip")
    joined = joined_message(incident(brand=name), mentions[0], (name,), now=NOW)
    storm = storm_message(name, Storm({Severity.HIGH: 1}, NOW, (1,)), now=NOW)
    for message in (whole, joined, storm):
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
    message = built([hostile] * 40, assignee=text * 10)
    assert slack_oracle.violations(payload(message)) == []
    assert sum(len(text) for _, text in slack_oracle.texts(payload(message))) < MAX_MESSAGE


def shown(message: Message) -> str:
    return slack_oracle.shown(payload(message))


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
        "🟠 High: a post about Acme on X · answer due 10:10 UTC, in 55 m · "
        "@ana: see &lt;!here&gt; at evil[.]com now"
    )


def test_without_a_customer_none_is_shown() -> None:
    assert "Customer" not in shown(built([triaged()]))


OPEN = incident()
CASES = {
    "overdue": (replace(OPEN, due_at=NOW - HOUR), ("08:15 UTC, overdue by 1 h",)),
    "due tomorrow": (
        replace(OPEN, due_at=NOW + 24 * HOUR),
        ("Sat 21 Nov 09:15 UTC, in 1 d",),
    ),
    "acknowledged": (
        acknowledge(OPEN, by="kim", now=NOW).incident,
        ("👀 Acknowledged: a post about Acme", "Acknowledged: ", "Answer due: ", "version 2"),
    ),
    "snoozed": (
        snooze(OPEN, NOW + HOUR, by="kim", now=NOW).incident,
        ("💤 Snoozed: a post", "Snoozed until: ", "10:15 UTC"),
    ),
    "answered in time": (
        answer(OPEN, answered_at=NOW, now=NOW).incident,
        ("✅ Answered in 5 m: a post", "09:15 UTC, in time"),
    ),
    "answered late": (
        answer(OPEN, answered_at=NOW + 2 * HOUR, now=NOW).incident,
        ("✅ Answered in 2 h 5 m", "11:15 UTC, 1 h 5 m late"),
    ),
    "resolved by hand": (
        resolve(OPEN, by="kim", now=NOW).incident,
        ("✅ Resolved: a post", "09:15 UTC without an answer seen"),
    ),
    "dismissed": (dismiss(OPEN, by="kim", now=NOW).incident, ("⚪ Dismissed: a post",)),
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
    assert "✅ Deleted: a deleted post about Acme" in shown(message)
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
    assert payload(message)["text"].startswith("Another post in incident 3 · answer due 10:10 UTC")


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
    assert message.summary.startswith("🟠 High: 23 posts about Acme")
    assert "21 more in between" in shown(message)


def test_of_many_posts_at_once_the_thread_shows_the_newest_and_counts_the_others() -> None:
    message = joined_message(OPEN, triaged(text="Still nothing!"), before=16, now=NOW)
    assert message.summary.startswith("17 more posts in incident 3, the newest")
    assert "Still nothing!" in shown(message)
