"""The random sample in Slack: one post at a time, blind, with buttons."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alerts.slack.actions import LabelPress, Unread, read
from domain.mention import Author
from domain.press import Said
from earshot.alerting import delivery, label_offers
from earshot.alerting.label_offers import MOST_A_DAY
from earshot.alerting.slack_events import Events
from earshot.compliance import redaction
from earshot.core.app import App
from earshot.reporting import labelling
from storage import labels, views
from storage.labels import Blind
from storage.tables import CorrectionRow, LabelPostRow, OutboxRow
from tests.alerts import slack_oracle
from tests.alerts.slack_double import TOKEN, SlackDouble, person
from tests.alerts.slack_presses import Presser
from tests.conftest import MakeApp
from tests.earshot.world import DAY, NOW, Clock, live, mention, with_words

TEXTS = ("Acme is lovely", "Acme is okay, call +49 170 1234567", "Acme is perhaps")


@dataclass
class Office:
    app: App
    slack: SlackDouble
    clock: Clock
    events: Events
    ana: Presser

    def do(self, payload: dict[str, Any]) -> None:
        incoming = read("interactive", payload)
        assert not isinstance(incoming, str), incoming
        self.events.handle(incoming)

    def deliver(self) -> None:
        delivery.notify(self.app, clock=self.clock, wait=self.clock.wait)

    def offer(self) -> None:
        label_offers.offer_due(self.app, now=self.clock())
        self.deliver()

    def waiting(self) -> list[Blind]:
        with self.app.database.read() as session:
            return labelling.waiting(session, "Acme", self.app.config, now=self.clock())

    def given(self) -> list[tuple[str | None, str]]:
        with self.app.database.read() as session:
            rows = session.execute(
                select(LabelPostRow.label, LabelPostRow.by)
                .where(LabelPostRow.at.is_not(None))
                .order_by(LabelPostRow.draw_id)
            )
            return [(label, by) for label, by in rows]

    def ref(self, of: Blind) -> str:
        key = label_offers.key_of(of.draw_id, of.mention_id)
        with self.app.database.read() as session:
            found = session.scalar(select(OutboxRow.ref).where(OutboxRow.key == key))
        assert found is not None
        return found

    def press(self, said: Said, of: Blind, who: Presser | None = None) -> dict[str, Any]:
        return (who or self.ana).label(said, of.draw_id, of.mention_id, self.ref(of))

    def shown(self) -> list[str]:
        """Every message about the sample as it stands, oldest first."""
        return [json.dumps(root, ensure_ascii=False) for root in self.slack.roots]


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with SlackDouble() as double:
        yield double


@pytest.fixture
def make_office(make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - a function
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    monkeypatch.setenv("SIGNING", "canarySecret")

    def make(*texts: str, buttons: bool = True) -> Office:
        settings = f"""
            [alerts.slack]
            bot_token = "env:SLACK_TOKEN"
            channel = "C0ALERTS"
            base_url = "{slack.url}"
            {'signing_secret = "env:SIGNING"' if buttons else ""}
            """
        app = with_words(make_app(settings, notify_console=False).app)
        found = app.config.top.alerts.slack
        assert found is not None
        clock = Clock()
        at = NOW - 8 * DAY
        live(
            app,
            *(
                mention(str(n), text, author=Author(f"a{n}", f"handle{n}"), published_at=at)
                for n, text in enumerate(texts)
            ),
        )
        labelling.draw_due(app, now=NOW)
        return Office(app, slack, clock, Events(app, found, clock=clock), Presser(slack))

    return make


@pytest.fixture
def office(make_office: Any) -> Office:  # noqa: ANN401 - a function
    made: Office = make_office(*TEXTS)
    return made


def test_one_post_is_offered_until_it_is_labelled_then_the_next(office: Office) -> None:
    first, second, _ = office.waiting()
    for _ in range(2):
        office.offer()
        assert len(office.slack.roots) == 1
    assert "3 left" in office.shown()[0]
    office.do(office.press(Said.POSITIVE, first))
    office.deliver()
    assert office.given() == [("positive", "ana")]
    done, asked = office.shown()
    assert "Labelled positive by ana, 2 left" in done
    assert "label_negative" not in done
    assert "label_negative" in asked
    assert office.waiting()[0] == second
    with office.app.database.read() as session:
        assert session.scalars(select(CorrectionRow.mention_id)).all() == []


def test_a_post_is_shown_blind_and_masked(office: Office) -> None:
    for one in office.waiting():
        office.offer()
        office.do(office.press(Said.SKIP, one))
    said = json.dumps([call.arguments for call in office.slack.calls], default=str)
    assert "170 1234567" not in said
    for hint in ("handle1", "0.9", "90%", "words@1"):
        assert hint not in said
    assert office.given() == [(None, "ana")] * 3
    assert office.waiting() == []


def test_every_button_is_understood_and_a_wrong_value_is_not(office: Office) -> None:
    office.offer()
    [first, *_] = office.waiting()
    [root] = office.slack.roots
    [row] = [block for block in root["blocks"] if block["type"] == "actions"]
    assert [one["action_id"] for one in row["elements"]] == list(Said)
    for element in row["elements"]:
        payload = office.press(Said.SKIP, first)
        payload["actions"] = [payload["actions"][0] | element]
        found = read("interactive", payload)
        assert isinstance(found, LabelPress)
        assert (found.draw_id, found.mention_id) == (first.draw_id, first.mention_id)
    for value in ("", "0:1", "1:0", "1", f"1:{2**31}", "1:1:1", None):
        payload["actions"][0]["value"] = value
        assert read("interactive", payload) is Unread.MALFORMED


def test_a_press_counts_once_and_who_comes_second_is_told(office: Office) -> None:
    office.offer()
    [first, *_] = office.waiting()
    again = office.press(Said.POSITIVE, first)
    late = office.press(Said.NEGATIVE, first, Presser(office.slack, "U0BEN"))
    office.do(again)
    office.do(again)
    assert office.slack.told("U0ANA") == []
    office.do(late)
    assert office.slack.told("U0BEN") == ["this post is labelled already, by ana"]
    assert office.given() == [("positive", "ana")]


def test_guests_and_presses_at_other_messages_are_refused(office: Office) -> None:
    office.offer()
    first, second, _ = office.waiting()
    office.slack.users["U0EVE"] = person("eve", "Eve", is_restricted=True)
    office.do(office.press(Said.POSITIVE, first, Presser(office.slack, "U0EVE")))
    office.do(office.ana.label(Said.POSITIVE, second.draw_id, second.mention_id, office.ref(first)))
    office.do(office.ana.label(Said.POSITIVE, first.draw_id, first.mention_id, "C0OTHER/1.1"))
    assert office.given() == []
    assert office.slack.told("U0EVE")


def test_what_is_deleted_goes_from_the_message_and_the_next_is_offered(office: Office) -> None:
    office.offer()
    first, second, _ = office.waiting()
    assert first.text[:7] in office.shown()[0]
    with office.app.database.begin() as session:
        redaction.take_back(session, office.app, [first.mention_id], now=NOW)
    office.deliver()
    office.offer()
    gone, asked = office.shown()
    assert "is not shown any more" in gone
    assert first.text not in gone
    assert f'"{second.draw_id}:{second.mention_id}"' in asked


def test_what_is_labelled_elsewhere_says_so_or_is_never_sent(office: Office) -> None:
    first, second, third = office.waiting()
    office.offer()
    label_offers.offer_due(office.app, now=NOW)
    with office.app.database.begin() as session:
        labelling.give(session, first.draw_id, first.mention_id, None, by="ben", now=NOW)
    label_offers.offer_due(office.app, now=NOW)
    with office.app.database.begin() as session:
        labelling.give(session, second.draw_id, second.mention_id, None, by="ben", now=NOW)
    office.deliver()
    [root] = office.shown()
    assert "Skipped by ben" in root
    office.offer()
    assert f'"{third.draw_id}:{third.mention_id}"' in office.shown()[-1]


def test_a_day_brings_a_few_at_most(make_office: Any) -> None:  # noqa: ANN401 - a function
    office = make_office(*(f"Acme is lovely {n}" for n in range(MOST_A_DAY + 5)))
    for _ in range(MOST_A_DAY + 2):
        office.offer()
        if len(office.given()) < len(office.slack.roots):
            office.do(office.press(Said.NEUTRAL, office.waiting()[0]))
    assert len(office.slack.roots) == MOST_A_DAY
    office.clock.at += timedelta(days=1)
    office.offer()
    assert len(office.slack.roots) == MOST_A_DAY + 1


def test_without_buttons_nothing_is_offered(make_office: Any) -> None:  # noqa: ANN401 - a function
    office = make_office(*TEXTS, buttons=False)
    office.offer()
    assert office.slack.roots == []


def test_whatever_a_post_says_it_is_only_shown(make_office: Any) -> None:  # noqa: ANN401
    office = make_office("Acme <!channel> <https://evil.example|here> *bold* \x1b[31m")
    office.offer()
    [shown] = office.slack.roots
    assert "channel" in json.dumps(shown)
    assert slack_oracle.tokens(shown) == []
    assert slack_oracle.addresses(shown) == []
    assert "\\u001b" not in json.dumps(shown)


def test_a_label_of_the_channel_moves_no_tone(office: Office) -> None:
    office.offer()
    [first, *_] = office.waiting()
    with office.app.database.read() as session:
        before = [one.sentiment for one in views.search(session, views.Filter())]
    office.do(office.press(Said.NEGATIVE, first))
    with office.app.database.read() as session:
        assert [one.sentiment for one in views.search(session, views.Filter())] == before
        assert labels.given(session, first.draw_id, first.mention_id) is not None
