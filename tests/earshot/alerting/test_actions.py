"""What people do with incidents: each verb moves it, says who, and teaches."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from alerts.severity import PROMISES
from alerts.source_alarm import open_alarm
from domain.customer import CustomerRecord, LinkState
from domain.errors import ConfigError, EarshotError, StaleError
from domain.incident import Action, Incident, Resolution, Severity, State
from domain.press import DuplicateOf, Elsewhere, NoAnswerNeeded
from domain.sentiment import Label
from earshot.alerting import actions, delivery
from earshot.core.app import App
from storage import customers, incident_events, incidents, link_ledger, noise
from storage.tables import CorrectionRow, MentionBrandRow
from tests.conftest import MakeApp
from tests.earshot.world import (
    BEN,
    HOUR,
    MINUTE,
    NOW,
    live,
    mention,
    messages_of,
    said,
    with_words,
    work,
)

ANY_RULE = """
[[alerts.rules]]
name = "so bad"
query = "awful"
severity = "normal"
answer_within = "30m"
"""
Verb = Callable[..., Incident]


@pytest.fixture
def app(make_app: MakeApp) -> App:
    return with_words(make_app().app)


def only(app: App, incident_id: int = 1) -> Incident:
    with app.database.read() as session:
        return incidents.get(session, incident_id)


def history(app: App, incident_id: int = 1) -> list[tuple[str, str, str]]:
    """(action, who, note) of each line."""
    with app.database.read() as session:
        found = incident_events.of(session, incident_id)
    return [(one.action, one.actor, one.note) for one in found]


def gold(app: App) -> None:
    """Ana is a gold customer, by the handle on file."""
    record = CustomerRecord("shop", "c-1", "Ana Ruiz", handles=(("x", "ana_writes"),), tier="gold")
    with app.database.begin() as session:
        customers.save(session, [record], now=NOW)


VERBS: dict[str, Verb] = {
    "acknowledge": actions.acknowledge,
    "assign": partial(actions.assign, to="ana"),
    "snooze": partial(actions.snooze, until="1h"),
    "resolve": actions.resolve,
    "dismiss": actions.dismiss,
    "severity": partial(actions.set_severity, severity=Severity.CRITICAL),
    "note": partial(actions.note, text="she sent photos"),
    "wrong tone": partial(actions.wrong_tone, label=Label.POSITIVE),
    "not about us": actions.not_about_us,
}
EACH = pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)


@EACH
def test_each_is_told_in_the_history_with_who_did_it(app: App, verb: Verb) -> None:
    live(app, mention("1"))
    after = verb(app, 1, by="kim", now=NOW)
    assert only(app) == after
    assert [who for _, who, _ in history(app)[1:]] == ["kim"] * (after.version - 1)


@EACH
@pytest.mark.parametrize("nobody", ["", " ", "rule:handle on file"])
def test_nobody_decides_nothing(app: App, verb: Verb, nobody: str) -> None:
    live(app, mention("1"))
    with pytest.raises(ConfigError, match="names nobody"):
        verb(app, 1, by=nobody, now=NOW)
    assert len(history(app)) == 1


# --- what somebody has decided meanwhile ----------------------------------------------------------


@EACH
def test_a_press_on_what_was_decided_meanwhile_is_told_what_happened(app: App, verb: Verb) -> None:
    live(app, mention("1"))
    seen = only(app).version
    actions.acknowledge(app, 1, by="ana", now=NOW)
    with pytest.raises(StaleError) as caught:
        verb(app, 1, by="kim", now=NOW + MINUTE, version=seen)
    assert str(caught.value) == "incident 1 was already acknowledged by ana at 13:00 CET"
    assert [who for _, who, _ in history(app)] == ["earshot", "ana"]


def test_a_stale_button_after_three_days_says_the_day(app: App) -> None:
    live(app, mention("1"))
    actions.assign(app, 1, "ben", by="ana", now=NOW)
    with pytest.raises(StaleError, match="already assigned to ben by ana at Fri 20 Nov 13:00 CET"):
        actions.acknowledge(app, 1, by="kim", now=NOW + timedelta(days=3), version=1)


def test_what_changes_nothing_for_a_press_makes_none_stale(app: App) -> None:
    live(app, mention("1"))
    live(app, mention("2", conversation_id="1"))
    actions.note(app, 1, "she sent photos", by="ana", now=NOW)
    assert only(app).version == 3
    assert actions.acknowledge(app, 1, by="kim", now=NOW, version=1).acknowledged_by == "kim"


def test_of_two_presses_at_once_one_wins_and_the_other_is_told(app: App) -> None:
    live(app, mention("1"))
    together = Barrier(2)

    def press(who: str) -> str:
        together.wait()
        try:
            return actions.acknowledge(app, 1, by=who, now=NOW, version=1).acknowledged_by
        except StaleError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(press, ["ana", "kim"]))

    winner = only(app).acknowledged_by
    assert sorted(told) == sorted(
        [winner, f"incident 1 was already acknowledged by {winner} at 13:00 CET"]
    )
    assert len(history(app)) == 2


# --- snooze, severity, note -----------------------------------------------------------------------

HOURS = """
[hours]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
"""


@pytest.mark.parametrize(
    ("extra", "until", "wakes"),
    [
        pytest.param("", "4h", "2026-11-20 17:00", id="a length"),
        pytest.param("", "opening", "2026-11-21 09:00", id="without hours the next morning"),
        pytest.param(HOURS, "opening", "2026-11-23 09:00", id="the office opens on Monday"),
    ],
)
def test_a_snooze_ends(make_app: MakeApp, extra: str, until: str, wakes: str) -> None:
    app = with_words(make_app(extra).app)
    live(app, mention("1"))
    after = actions.snooze(app, 1, until, by="kim", now=NOW)
    assert after.snoozed_until == datetime.fromisoformat(wakes).replace(
        tzinfo=ZoneInfo("Europe/Madrid")
    )


def test_a_graver_incident_is_due_as_its_severity_promises(app: App) -> None:
    live(app, mention("1"))
    before = only(app)
    after = actions.set_severity(app, 1, Severity.CRITICAL, by="kim", now=NOW)
    assert after.due_at == before.posted_at + PROMISES[Severity.CRITICAL] < before.due_at
    assert (after.severity, after.severity_by) == (Severity.CRITICAL, "kim")
    assert history(app)[-1] == ("rated", "kim", "critical, was normal")


def test_no_press_loosens_a_promise(app: App) -> None:
    gold(app)
    live(app, mention("1"))
    before = only(app)
    after = actions.set_severity(app, 1, Severity.NORMAL, by="kim", now=NOW)
    assert (after.severity, after.due_at) == (Severity.NORMAL, before.due_at)


def test_no_later_judging_lowers_a_persons_word(app: App) -> None:
    gold(app)
    live(app, mention("1"))
    actions.set_severity(app, 1, Severity.HIGH, by="kim", now=NOW)
    live(app, mention("2", conversation_id="1"), now=NOW + MINUTE)
    assert only(app).severity is Severity.CRITICAL, "a graver mention raises it"

    actions.set_severity(app, 1, Severity.HIGH, by="kim", now=NOW)
    after = actions.not_this_customer(app, 1, by="kim", now=NOW)
    assert after.severity is Severity.HIGH


@pytest.mark.parametrize("text", ["", " \n", "x" * 2_001], ids=["empty", "blank", "long"])
def test_a_note_says_something_and_not_too_much(app: App, text: str) -> None:
    live(app, mention("1"))
    with pytest.raises(EarshotError, match="at most 2,000 characters"):
        actions.note(app, 1, text, by="kim", now=NOW)


def test_a_note_may_be_added_when_all_is_over(app: App) -> None:
    live(app, mention("1"))
    actions.dismiss(app, 1, by="kim", now=NOW)
    assert actions.note(app, 1, "x" * 2_000, by="kim", now=NOW).state is State.DISMISSED


# --- resolve says how -----------------------------------------------------------------------------


def test_an_answer_elsewhere_is_an_answer(app: App) -> None:
    live(app, mention("1"))
    at = NOW - MINUTE
    after = actions.resolve(app, 1, Elsewhere(" phone ", at), by="kim", now=NOW)
    assert (after.state, after.resolution) == (State.RESOLVED, Resolution.ELSEWHERE)
    assert (after.answered_at, after.answered_in, after.resolved_at) == (at, "phone", NOW)
    assert history(app)[-1] == (
        *("resolved", "kim", "answered elsewhere: phone, 2026-11-20T11:59:00Z"),
    )


@pytest.mark.parametrize(
    ("how", "why"),
    [
        pytest.param(Elsewhere("phone", NOW - 6 * MINUTE), "before the post", id="before it"),
        pytest.param(Elsewhere("phone", NOW + MINUTE), "in the future", id="in the future"),
        pytest.param(Elsewhere(" ", NOW), "say where", id="nowhere"),
        pytest.param(Elsewhere("x" * 81, NOW), "say where", id="a novel"),
        pytest.param(DuplicateOf(1), "of itself", id="itself"),
        pytest.param(DuplicateOf(77), "there is no incident 77", id="of none"),
        pytest.param(DuplicateOf(3), "which is about Globex", id="of another brand"),
    ],
)
def test_what_cannot_have_been_so_is_refused(
    make_app: MakeApp, how: Elsewhere | DuplicateOf, why: str
) -> None:
    app = with_words(make_app('[[brands]]\nname = "Globex"\nquery = "globex"').app)
    live(app, mention("1"), mention("2", author=BEN))
    live(app, mention("3", "Globex is awful", author=BEN))
    with pytest.raises(EarshotError, match=why):
        actions.resolve(app, 1, how, by="kim", now=NOW)
    assert only(app).state is State.OPEN


def test_two_incidents_are_not_each_others_duplicates(app: App) -> None:
    live(app, mention("1"), mention("2", author=BEN))
    after = actions.resolve(app, 1, DuplicateOf(2), by="kim", now=NOW)
    assert (after.resolution, after.duplicate_of) == (Resolution.DUPLICATE, 2)
    with pytest.raises(EarshotError, match="incident 1 is a duplicate of 2 already"):
        actions.resolve(app, 2, DuplicateOf(1), by="kim", now=NOW)


def test_what_needs_no_answer_is_resolved_without_one(app: App) -> None:
    live(app, mention("1"))
    after = actions.resolve(app, 1, NoAnswerNeeded(), by="kim", now=NOW, note="a joke")
    assert (after.resolution, after.answered_at) == (Resolution.NO_ANSWER_NEEDED, None)
    assert history(app)[-1] == ("resolved", "kim", "no answer needed; a joke")


def test_a_second_complaint_starts_with_a_clean_slate(app: App) -> None:
    live(app, mention("1"))
    actions.acknowledge(app, 1, by="kim", now=NOW)
    actions.set_severity(app, 1, Severity.HIGH, by="kim", now=NOW)
    actions.resolve(app, 1, Elsewhere("phone", NOW), by="kim", now=NOW)
    live(app, mention("2", conversation_id="1", published_at=NOW + HOUR), now=NOW + HOUR)
    again = only(app)
    assert (again.state, again.answered_in, again.severity_by) == (State.OPEN, "", "")
    assert (again.acknowledged_by, again.duplicate_of) == ("", None)


# --- what teaches ---------------------------------------------------------------------------------


def corrected(app: App) -> dict[int, str]:
    with app.database.read() as session:
        return {row.mention_id: row.label for row in session.scalars(select(CorrectionRow))}


def test_a_wrong_tone_corrects_all_its_mentions_and_dismisses_what_asks_no_more(app: App) -> None:
    live(app, mention("1"), mention("2", conversation_id="1"))
    after = actions.wrong_tone(app, 1, Label.POSITIVE, by="kim", now=NOW)
    assert after.state is State.DISMISSED
    assert corrected(app) == {1: "positive", 2: "positive"}
    assert [line[0] for line in history(app)] == ["opened", "joined", "corrected", "dismissed"]


def test_a_wrong_tone_leaves_open_what_a_rule_still_asks_for(make_app: MakeApp) -> None:
    app = with_words(make_app(ANY_RULE).app)
    gold(app)
    live(app, mention("1"))
    assert only(app).rule == "vip"
    after = actions.wrong_tone(app, 1, Label.NEUTRAL, by="kim", now=NOW)
    assert (after.state, after.rule, after.severity) == (State.OPEN, "so bad", Severity.HIGH), (
        "of a gold customer"
    )
    assert after.due_at == after.posted_at + 30 * MINUTE, "it is judged anew"
    assert after.customer_id == 1, "who wrote it is not in question"


def test_other_incidents_of_the_mention_note_the_correction(app: App) -> None:
    live(app, mention("1"))
    actions.dismiss(app, 1, by="kim", now=NOW)
    live(app, mention("2", conversation_id="1"))
    with app.database.begin() as session:
        incidents.join(session, 2, 1)
    actions.wrong_tone(app, 2, Label.POSITIVE, by="kim", now=NOW)
    assert history(app, 1)[-1] == ("corrected", "kim", "mention 1 is positive")


def test_a_tone_may_be_corrected_when_all_is_over(app: App) -> None:
    live(app, mention("1"))
    actions.dismiss(app, 1, by="kim", now=NOW)
    after = actions.wrong_tone(app, 1, Label.POSITIVE, by="kim", now=NOW)
    assert (after.state, corrected(app)) == (State.DISMISSED, {1: "positive"})


def test_not_this_customer_rejects_the_link_and_judges_without_them(app: App) -> None:
    gold(app)
    live(app, mention("1"))
    before = only(app)
    assert (before.rule, before.severity, before.customer_id) == ("vip", Severity.CRITICAL, 1)

    after = actions.not_this_customer(app, 1, by="kim", now=NOW)

    assert (after.rule, after.severity, after.customer_id) == ("negative", Severity.NORMAL, None)
    promised = after.posted_at + PROMISES[Severity.NORMAL]
    assert after.due_at == promised, "the other promise was made to somebody else"
    with app.database.read() as session:
        [view] = link_ledger.listing(session)
    assert (view.judgement.state, view.judgement.decided_by) == (LinkState.REJECTED, "kim")
    assert history(app)[-1] == (Action.IDENTIFIED, "kim", "not customer 1")
    work(app, now=NOW + MINUTE)
    assert only(app).version == after.version, "no rule makes the link again"


ONLY_VIPS = """
[[brands]]
name = "Acme"
query = "acme"

[[alerts.rules]]
name = "vip"
tiers = ["gold"]
sentiment = "neutral"
answer_within = "1h"
"""


def test_not_this_customer_dismisses_what_no_rule_fires_for(make_app: MakeApp) -> None:
    app = with_words(make_app(basic=ONLY_VIPS).app)
    gold(app)
    live(app, mention("1", "Acme opens at nine"))
    after = actions.not_this_customer(app, 1, by="kim", now=NOW)
    assert (after.state, after.customer_id) == (State.DISMISSED, None)


def test_without_a_customer_there_is_none_to_reject(app: App) -> None:
    live(app, mention("1"))
    with pytest.raises(EarshotError, match="incident 1 shows no customer"):
        actions.not_this_customer(app, 1, by="kim", now=NOW)


def test_not_about_us_hides_and_teaches_and_dismisses(app: App) -> None:
    live(app, mention("1"), mention("2", conversation_id="1"))
    after = actions.not_about_us(app, 1, by="kim", now=NOW)
    assert after.state is State.DISMISSED
    with app.database.read() as session:
        hidden = {row.mention_id: row.hidden for row in session.scalars(select(MentionBrandRow))}
        taught = noise.lessons(session, "Acme", relevant=False)
    assert hidden == {1: "hidden by kim", 2: "hidden by kim"}
    assert taught == ["Acme is awful", "Acme is awful"]


def test_a_silent_source_teaches_nothing(app: App) -> None:
    with app.database.begin() as session:
        alarm = incidents.add(session, *open_alarm("rss", "silent", since=None, now=NOW))
    for verb in (
        partial(actions.wrong_tone, label=Label.POSITIVE),
        actions.not_this_customer,
        actions.not_about_us,
        partial(actions.set_severity, severity=Severity.CRITICAL),
        partial(actions.resolve, how=Elsewhere("phone", NOW)),
    ):
        with pytest.raises(EarshotError, match="is about a source, not about posts"):
            verb(app, alarm.id, by="kim", now=NOW)


# --- what the thread is told ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "line"),
    [
        pytest.param(
            partial(actions.set_severity, severity=Severity.HIGH),
            "Rated by kim: high, was normal",
            id="severity",
        ),
        pytest.param(
            partial(actions.resolve, how=Elsewhere("phone", NOW)),
            "Resolved by kim: answered elsewhere: phone, 2026-11-20T12:00:00Z",
            id="an answer elsewhere",
        ),
    ],
)
def test_the_thread_is_told_who_decided_what(app: App, verb: Verb, line: str) -> None:
    live(app, mention("1"))
    sent(app)
    verb(app, 1, by="kim", now=NOW)
    assert ("thread", "pending") in messages_of(app)
    assert any(line in told for key, told in said(app).items() if ":thread:" in key)


def test_a_correction_stands_in_the_thread(make_app: MakeApp) -> None:
    app = with_words(make_app(ANY_RULE).app)
    live(app, mention("1"))
    sent(app)
    actions.wrong_tone(app, 1, Label.NEUTRAL, by="kim", now=NOW)
    told = [told for key, told in said(app).items() if ":thread:" in key]
    assert any("Corrected by kim: mention 1 is neutral" in one for one in told)


def sent(app: App) -> None:
    """Everything that is owed leaves for a channel that takes all."""
    delivery.notify(app, clock=lambda: NOW, wait=lambda _: None)
