from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from alerts.digest import digest_text
from domain.clock import local_day, midnight, parse_instant, wall_instant
from domain.customer import Amount, CustomerRecord, OrderRecord
from domain.digest import Digest, Linking
from domain.errors import RemoteError
from domain.incident import Incident
from domain.mention import Author
from domain.network import PUBLIC
from domain.sentiment import Label
from domain.volume import DayVolume
from earshot.alerting import actions, delivery
from earshot.compliance import retention
from earshot.core import circuit_breaker
from earshot.core.app import App
from earshot.reporting import digest_schedule, publishing
from earshot.reporting.digest_facts import digest_of
from storage import corrections, customers, incidents, source_state, views
from storage import orders as stored_orders
from storage.tables import OutboxRow
from storage.views import Filter
from tests.conftest import BASIC, MakeApp
from tests.earshot.world import (
    ACME,
    ANA,
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Clock,
    Words,
    day,
    live,
    mention,
    reply,
    with_words,
)

ZONES = [
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana"),
    "Asia/Kolkata",
]
TIMES = ["08:00", "00:00", "00:30", "02:30", "23:45"]


# --- when it is due (R11) ---------------------------------------------------------------------


@cache
def ticks(start: date, days: int, tz: ZoneInfo) -> Sequence[datetime]:
    """Instants in order: every minute where the clock is set, else each quarter of an hour."""
    found = []
    at = midnight(start, tz)
    end = midnight(start + timedelta(days=days), tz)
    while at < end:
        offsets = {(at + shift).astimezone(tz).utcoffset() for shift in (-2 * HOUR, 2 * HOUR)}
        found.append(at)
        at += MINUTE if len(offsets) > 1 else 15 * MINUTE
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", TIMES)
def test_every_local_day_is_due_once_and_at_the_right_instant(zone: str, at: str) -> None:
    tz, wall = ZoneInfo(zone), time.fromisoformat(at)
    start = date(2026, 1, 1)
    first_seen: dict[date, datetime] = {}
    newest = None
    for now in ticks(start, 366, tz):
        found, since = digest_schedule.due(now, at=wall, tz=tz)
        assert since <= now
        assert newest is None or found >= newest
        newest = found
        first_seen.setdefault(found, now)

    expected = [start + timedelta(days=n) for n in range(365)]
    seen = {one: at for one, at in first_seen.items() if one >= start}
    assert sorted(seen)[:365] == expected
    for one in expected:
        assert seen[one] == wall_instant(one, wall, tz)


def test_a_day_that_never_was_has_no_digest() -> None:
    tz = ZoneInfo("Pacific/Apia")
    found = {
        digest_schedule.due(now, at=time(8), tz=tz)[0]
        for now in ticks(date(2011, 12, 28), 5, tz)
        if now >= midnight(date(2011, 12, 28), tz) + 10 * HOUR
    }
    assert found == {date(2011, 12, n) for n in (28, 29, 31)} | {date(2012, 1, 1)}


# --- sending ----------------------------------------------------------------------------------

EIGHT = parse_instant("2026-11-20T07:00Z")  # in Madrid


def digests(app: App) -> dict[str, str]:
    with app.database.read() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.key.startswith("digest:")))
        return {row.key: row.state for row in rows}


def app_with_mentions(make_app: MakeApp, basic: str = BASIC) -> App:
    app = with_words(make_app(basic=basic).app)
    at = EIGHT - 20 * HOUR
    live(app, mention("1", "Acme is lovely", published_at=at), now=at + HOUR)
    return app


def test_one_digest_a_brand_and_day_however_often_it_is_asked(make_app: MakeApp) -> None:
    app = app_with_mentions(make_app)
    sent = [
        digest_schedule.send_due(app, now=EIGHT + minute * MINUTE) for minute in range(-200, 200)
    ]
    assert sum(sent) == 1
    assert digests(app) == {"digest:Acme:2026-11-20": "pending"}


@pytest.mark.parametrize(
    ("late", "state"),
    [
        pytest.param(timedelta(0), "pending", id="in time"),
        pytest.param(12 * HOUR, "pending", id="twelve hours late"),
        pytest.param(12 * HOUR + MINUTE, "skipped", id="later"),
    ],
)
def test_a_missed_morning_is_caught_up_or_skipped_and_said(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture, late: timedelta, state: str
) -> None:
    app = app_with_mentions(make_app)
    digest_schedule.send_due(app, now=EIGHT + late)

    assert digests(app) == {"digest:Acme:2026-11-20": state}
    with app.database.read() as session:
        reason = session.scalars(select(OutboxRow.reason)).one()
    assert (reason == digest_schedule.LATE) == (state == "skipped")
    assert (digest_schedule.LATE in caplog.text) == (state == "skipped")


def test_an_evening_digest_is_caught_up_after_midnight(make_app: MakeApp) -> None:
    app = app_with_mentions(make_app, BASIC + '\n[digest]\nat = "22:00"\n')
    three_at_night = parse_instant("2026-11-20T02:00Z")
    assert digest_schedule.send_due(app, now=three_at_night) == 1
    assert digests(app) == {"digest:Acme:2026-11-19": "pending"}


def test_there_is_none_before_the_first_mention(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    assert digest_schedule.send_due(app, now=EIGHT) == 0
    assert digests(app) == {}


def test_a_host_clock_that_jumps_doubles_nothing(make_app: MakeApp) -> None:
    app = app_with_mentions(make_app)
    for jump in (timedelta(0), DAY, -HOUR, timedelta(0), DAY, 2 * HOUR):
        digest_schedule.send_due(app, now=EIGHT + jump)
    assert set(digests(app)) == {"digest:Acme:2026-11-20", "digest:Acme:2026-11-21"}


def test_the_digest_is_printed_where_there_is_no_slack(make_app: MakeApp) -> None:
    made = make_app()
    app = with_words(made.app)
    live(app, mention("1", "Acme is lovely", published_at=EIGHT - 20 * HOUR), now=EIGHT - HOUR)
    digest_schedule.send_due(app, now=EIGHT)
    clock = Clock(EIGHT)
    delivery.notify(app, clock=clock, wait=clock.wait)
    assert "Acme is lovely" in made.printed.getvalue()


# --- what it says -----------------------------------------------------------------------------


def test_it_reports_the_day_before_and_what_waits(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    on = parse_instant("2026-11-19T10:00Z")
    live(
        app,
        mention("1", published_at=on, author=ANA),
        mention("2", "Acme is lovely", published_at=on, author=BEN),
        mention("3", "Acme", published_at=on + MINUTE, author=BEN),
        mention("4", "Acme poison", published_at=on),
        mention("5", published_at=on, is_repost=True),
        mention("6", "Acme is lovely", published_at=on, author=ACME),
        mention("7", "Globex is awful", published_at=on),
        mention("8", "Acme is lovely", published_at=EIGHT - MINUTE),  # today
        mention("9", "Acme perhaps", published_at=on),
        now=EIGHT,
    )
    with app.database.read() as session:
        made = digest_of(session, app.config.brands[0], day("2026-11-20"), app.config, now=EIGHT)

    last = made.days[-1]
    assert last == DayVolume(
        day("2026-11-19"), negative=1, neutral=1, positive=1, unsure=1, unscored=1
    )
    assert [quote.text for quote in made.worst] == ["Acme is awful"]
    assert [quote.text for quote in made.best] == ["Acme is lovely"]
    assert made.share_of_voice is not None
    sides = made.share_of_voice.sides
    assert [(side.name, side.mentions) for side in sides] == [("Acme", 5), ("Globex", 1)]
    assert len(made.open_incidents) == 1
    assert made.open_incidents[0].quote.author_handle == "ana_writes"
    assert (made.response.needed, made.response.pending) == (1, 0)


def test_the_languages_that_nobody_reads_are_counted(make_app: MakeApp) -> None:
    model = Words()
    model.languages = ("en",)
    app = with_words(make_app().app, model)
    on = parse_instant("2026-11-19T10:00Z")
    live(
        app,
        mention("1", "Acme är bra", lang="sv", published_at=on),
        mention("2", "Acme på nytt", lang="sv", published_at=on),
        mention("3", "Acme on hyvä", lang="fi", published_at=on),
        mention("4", "Acme is lovely", lang="en", published_at=on),
        mention("5", "Acme är bra", lang="sv", published_at=on, is_repost=True),
        mention("6", "Acme", published_at=EIGHT, lang="sv"),  # today
        now=EIGHT,
    )
    with app.database.begin() as session:
        corrections.correct(session, 2, "Acme", Label.NEUTRAL, by="mia", now=EIGHT)
    with app.database.read() as session:
        made = digest_of(session, app.config.brands[0], day("2026-11-20"), app.config, now=EIGHT)

    assert made.unread == (("fi", 1), ("sv", 1))


def test_what_a_person_corrected_is_told_as_they_say(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    on = parse_instant("2026-11-19T10:00Z")
    live(app, mention("1", published_at=on), mention("2", "Acme perhaps", published_at=on))
    with app.database.begin() as session:
        for view in views.search(session, Filter()):
            corrections.correct(
                session, view.mention.id, "Acme", Label.POSITIVE, by="kim", now=EIGHT
            )
        made = digest_of(session, app.config.brands[0], day("2026-11-20"), app.config, now=EIGHT)

    assert (made.days[-1].negative, made.days[-1].positive, made.days[-1].unsure) == (0, 2, 0)
    assert made.worst == ()
    assert {(quote.label, quote.corrected_by) for quote in made.best} == {("positive", "kim")}
    assert "positive (corrected by kim)" in digest_text(made, PUBLIC)


def test_health_tells_troubles_and_gaps(make_app: MakeApp) -> None:
    app = app_with_mentions(make_app)
    error = RemoteError("x: the service fails (503)")
    circuit_breaker.failed(app.database, "x", error, now=EIGHT, settings=app.config.top.privacy)
    with app.database.begin() as session:
        source_state.add_gap(
            session, "x", "Acme", since=None, until=EIGHT, reason="x: the list ended", now=EIGHT
        )
    with app.database.read() as session:
        made = digest_of(session, app.config.brands[0], day("2026-11-20"), app.config, now=EIGHT)
    (x,) = [one for one in made.health if one.source == "x"]
    assert x.trouble == "x: the service fails (503)"
    assert x.gaps == ("x: the list ended",)


def test_an_answered_incident_is_no_longer_open(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", published_at=EIGHT - HOUR), reply("2", to="1", published_at=EIGHT))
    with app.database.read() as session:
        made = digest_of(session, app.config.brands[0], day("2026-11-20"), app.config, now=NOW)
    assert made.open_incidents == ()
    response = made.response
    assert (response.answered, response.due, response.in_time) == (1, 1, 1)


def test_what_was_dismissed_on_the_day_is_counted_by_whoever_did(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))
    with app.database.read() as session:
        [opened] = incidents.listing(session, live_only=True)
    actions.dismiss(app, opened.id, by="mia", now=NOW)

    with app.database.read() as session:
        brand, tomorrow = app.config.brands[0], (NOW + DAY).date()
        made = digest_of(session, brand, tomorrow, app.config, now=NOW + DAY)

    assert made.dismissed == (("mia", 1),)
    assert "1 dismissed incident excluded from the answer figures: 1 by mia." in digest_text(
        made, PUBLIC
    )


def customer_of(app: App, author: Author, *orders: tuple[str, str]) -> None:
    """Makes an author a customer with these orders: (amount, currency)."""
    with app.database.begin() as session:
        record = CustomerRecord("shop", author.id, author.name, handles=(("x", author.handle),))
        customers.save(session, [record], now=NOW)
        on = date(2026, 10, 1)
        paid = [OrderRecord(author.id, on, Decimal(n), currency) for n, currency in orders]
        stored_orders.save(session, "shop", paid)


def made_at(app: App, now: datetime) -> Digest:
    with app.database.read() as session:
        return digest_of(session, app.config.brands[0], now.date(), app.config, now=now)


def test_values_of_two_currencies_are_never_added(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    customer_of(app, ANA, ("2000", "EUR"), ("5", "USD"))
    customer_of(app, BEN, ("300", "USD"), ("-20", "USD"))
    live(app, mention("1"), mention("2", author=BEN))

    made = made_at(app, NOW + HOUR)

    assert made.customers_waiting == 2
    assert made.value_waiting == (Amount("EUR", 2000.0), Amount("USD", 285.0))
    assert "Value at risk: EUR 2,000 and USD 285" in digest_text(made, PUBLIC)


def test_a_customer_waits_as_long_as_the_incident_is_open(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    customer_of(app, ANA, ("2000", "EUR"))
    live(app, mention("1"))
    in_forty_days = NOW + 40 * DAY
    assert made_at(app, in_forty_days).value_waiting == (Amount("EUR", 2000.0),)


@pytest.mark.parametrize("close", [actions.dismiss, actions.resolve])
def test_who_needs_no_answer_any_more_does_not_wait(
    make_app: MakeApp, close: Callable[..., Incident]
) -> None:
    app = with_words(make_app().app)
    customer_of(app, ANA, ("2000", "EUR"))
    live(app, mention("1"))
    close(app, 1, by="mia", now=NOW)
    made = made_at(app, NOW + HOUR)
    assert (made.customers_waiting, made.value_waiting) == (0, ())


def test_a_customer_of_whom_no_alert_was_made_waits_too(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    customer_of(app, ANA, ("2000", "EUR"))
    live(app, mention("1", published_at=NOW - 10 * DAY))  # history opens no incident
    assert made_at(app, NOW).customers_waiting == 1


def test_the_linked_are_counted_among_those_who_may_be(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    customer_of(app, ANA, ("2000", "EUR"))
    live(app, mention("1"), mention("2", author=BEN), mention("3", source="reddit", author=BEN))
    made = made_at(app, NOW + DAY)
    assert made.linking == Linking(linked=1, allowed=2, authors=3)
    told = " ".join(digest_text(made, PUBLIC).split())
    assert "1 of 2 authors in 28 days are linked to a customer; 1 more wrote" in told


def test_the_trend_is_what_was_published_day_by_day(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    crowd = [Author(str(n), f"author{n}") for n in range(40)]
    start = EIGHT - 3 * DAY
    live(
        app,
        *(mention(a.id, f"Acme is lovely {a.id}", author=a, published_at=start) for a in crowd),
        now=start + HOUR,
    )
    for back in (2, 1, 0):
        publishing.publish_due(app, at=EIGHT - back * DAY)
    with app.database.read() as session:
        made = digest_of(session, app.config.brands[0], day("2026-11-20"), app.config, now=EIGHT)
    days, scores = zip(*made.reputation_trend, strict=True)
    assert days == (day("2026-11-17"), day("2026-11-18"), day("2026-11-19"))
    assert all(score is not None and score > 50 for score in scores)
    assert made.reputation.score == scores[-1]


def test_a_digest_asked_for_by_hand_changes_nothing(make_app: MakeApp) -> None:
    made = make_app()
    app = with_words(made.app)
    live(app, mention("1", "Acme is lovely", published_at=EIGHT - 20 * HOUR), now=EIGHT - HOUR)
    with app.database.read() as session:
        drawn = digest_of(session, app.config.brands[0], day("2026-11-20"), app.config, now=EIGHT)
    delivery.send_now(app, digest_schedule.manual(app, drawn), now=EIGHT)
    assert "Acme is lovely" in made.printed.getvalue()
    assert digest_schedule.send_due(app, now=EIGHT) == 1, "the morning's own comes all the same"
    assert retention.comply(app, now=EIGHT) == 0


def test_local_days_are_those_of_the_configured_zone() -> None:
    assert local_day(parse_instant("2026-11-19T23:30Z"), ZoneInfo("Europe/Madrid")) == day(
        "2026-11-20"
    )


def test_what_asks_and_was_never_told_stands_first_with_the_reason(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    old = mention("old", published_at=NOW - 10 * DAY)  # history opens no incident
    live(app, old, mention("new", author=BEN), mention("praise", "Acme is lovely"))
    made = made_at(app, NOW + HOUR)
    assert made.unanswered == 2
    assert len(made.untold) == 2, "the new one has not been sent yet"

    told = digest_text(made, PUBLIC)
    assert "2 mentions of the past 28 days ask for an answer and got none." in " ".join(
        told.split()
    )
    assert "negative, 90% sure; it is history" in " ".join(told.split())
    assert told.index("No alert told of these") < told.index("Reputation")
