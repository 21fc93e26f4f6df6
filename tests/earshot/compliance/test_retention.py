from dataclasses import replace

import pytest
from sqlalchemy import func, select

from domain.clock import local_day
from domain.contract import Contract
from earshot.alerting import delivery
from earshot.compliance import retention
from earshot.core.app import App
from earshot.service import scheduler
from listener.contracts import contract_of, contracts
from storage import presses, snapshots
from storage.snapshots import Snapshot
from storage.tables import (
    AuthorRow,
    Base,
    IncidentMentionRow,
    IncidentRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
)
from tests.conftest import MakeApp
from tests.earshot.world import (
    BEN,
    DAY,
    MINUTE,
    NOW,
    Clock,
    live,
    mention,
    messages_of,
    reply,
    said,
    with_words,
)

KEPT = """
[privacy]
retention_days = 30
"""


def counts(app: App, *tables: type[Base]) -> list[int]:
    with app.database.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_what_was_stored_longer_ago_than_privacy_allows_is_gone(make_app: MakeApp) -> None:
    app = with_words(make_app(KEPT).app)
    live(app, mention("1"), now=NOW)
    live(app, mention("2", author=BEN, published_at=NOW), now=NOW + MINUTE)

    assert retention.comply(app, now=NOW + 30 * DAY) == 0
    assert retention.comply(app, now=NOW + 30 * DAY + MINUTE) == 1
    assert retention.comply(app, now=NOW + 30 * DAY + MINUTE) == 0

    tables = (MentionRow, MentionBrandRow, ScoreRow, AuthorRow, IncidentMentionRow)
    assert counts(app, *tables) == [1] * 5


def test_age_counts_from_when_it_was_stored(make_app: MakeApp) -> None:
    app = with_words(make_app(KEPT).app)
    live(app, mention("1", published_at=NOW - 300 * DAY))
    assert retention.comply(app, now=NOW + DAY) == 0


def test_a_source_with_a_shorter_contract_goes_first(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    short: Contract = replace(contract_of("x"), retention=7 * DAY)
    monkeypatch.setitem(contracts(), "x", short)
    app = with_words(make_app(KEPT).app)
    live(app, mention("1"), mention("2", source="forum", author=BEN))

    assert retention.comply(app, now=NOW + 8 * DAY) == 1

    with app.database.read() as session:
        assert list(session.scalars(select(MentionRow.source))) == ["forum"]


def test_an_author_who_is_still_needed_stays(make_app: MakeApp) -> None:
    app = with_words(make_app(KEPT).app)
    live(app, mention("1"))
    live(app, mention("2", published_at=NOW + 20 * DAY), now=NOW + 20 * DAY)
    assert retention.comply(app, now=NOW + 31 * DAY) == 1
    assert counts(app, MentionRow, AuthorRow) == [1, 1]


def test_no_message_says_any_more_what_was_forgotten_and_those_that_wait_still_do(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app(KEPT).app)
    live(app, mention("1"))
    clock = Clock()
    delivery.notify(app, clock=clock, wait=clock.wait)
    live(app, mention("2", author=BEN))

    retention.comply(app, now=NOW + 31 * DAY)

    assert [state for _, state in messages_of(app)] == ["sent", "pending"]
    assert ["awful" in one for one in said(app).values()] == [False, False]


def test_later_steps_live_with_what_is_gone(make_app: MakeApp) -> None:
    app = with_words(make_app(KEPT).app)
    live(app, mention("1"), reply("2", to="1"), mention("3", author=BEN))
    later = NOW + 31 * DAY
    retention.comply(app, now=later)
    clock = Clock(later)

    scheduler.full_pass(app, clock=clock, wait=clock.wait)
    live(app, mention("1", published_at=later), now=later)

    assert counts(app, MentionRow) == [1]
    with app.database.read() as session:
        assert {row.brand for row in session.scalars(select(IncidentRow))} == {"Acme"}


def test_what_was_pressed_in_slack_is_remembered_for_a_day(make_app: MakeApp) -> None:
    app, once = make_app().app, ("U0ANA", "1.1", "acknowledge", "2.2")
    with app.database.begin() as session:
        assert presses.claim(session, once, now=NOW)
    for later, comes_anew in ((DAY, False), (DAY + MINUTE, True)):
        retention.comply(app, now=NOW + later)
        with app.database.begin() as session:
            assert presses.claim(session, once, now=NOW + later) is comes_anew


def test_of_published_numbers_the_persons_go_and_the_numbers_stay(make_app: MakeApp) -> None:
    app = make_app(KEPT).app
    days = [local_day(NOW, app.config.tz) - back * DAY for back in (30, 31)]
    with app.database.begin() as session:
        for day in days:
            one = Snapshot(
                *("Acme", day, "reputation", "UTC", "ORS-v2", {"score": 50.0}, ""), voices=b"them"
            )
            snapshots.publish(session, one, now=NOW)

    retention.comply(app, now=NOW)

    with app.database.read() as session:
        found = [snapshots.latest(session, "Acme", day, "reputation") for day in days]
        kept = [snapshots.voices(session, one.id) for one in found if one is not None]
    assert kept == [b"them", None]
