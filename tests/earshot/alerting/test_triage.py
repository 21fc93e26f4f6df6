from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.customer import CustomerRecord, LinkState, OrderRecord
from domain.incident import ITSELF, Action, Severity, State
from domain.listing import Role, Stage
from domain.mention import Mention
from earshot.alerting import actions
from earshot.alerting import triage as triaging
from earshot.core.app import App
from earshot.pipeline import score as scoring
from storage import customers, incident_events, link_ledger, links, listings, orders, persons
from storage.tables import (
    IncidentMentionRow,
    IncidentRow,
    MentionBrandRow,
    MentionRow,
)
from tests.conftest import MakeApp
from tests.earshot.world import (
    ACME,
    ANA,
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    live,
    mention,
    messages_of,
    reply,
    said,
    store,
    with_words,
    work,
)

RATED = """
[[alerts.rules]]
name = "poor review"
sentiment = "any"
max_rating = 2
answer_within = "48h"
"""


def incidents(app: App) -> list[IncidentRow]:
    with app.database.read() as session:
        return list(session.scalars(select(IncidentRow).order_by(IncidentRow.id)))


def only(app: App) -> IncidentRow:
    (row,) = incidents(app)
    return row


def mentions_in(app: App) -> list[int]:
    with app.database.read() as session:
        return sorted(session.scalars(select(IncidentMentionRow.mention_id)))


def gold(app: App) -> None:
    """Ana is a customer who spent enough for gold."""
    with app.database.begin() as session:
        ana = CustomerRecord("shop", "1", "Ana Ruiz", handles=(("x", "ana_writes"),))
        customers.save(session, [ana], now=NOW)
        order = OrderRecord("1", date(2026, 10, 1), Decimal(2000), "EUR")
        orders.save(session, "shop", [order])


def test_a_negative_mention_opens_an_incident_with_its_clock(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))

    row = only(app)
    assert (row.brand, row.rule, row.severity, row.state) == (
        "Acme",
        "negative",
        Severity.NORMAL,
        State.OPEN,
    )
    assert (row.posted_at, row.opened_at) == (NOW - 5 * MINUTE, NOW)
    assert row.due_at == row.posted_at + 4 * HOUR, "the promise of its severity is the shorter one"
    assert row.reasons == ["negative, 90% sure"]
    assert messages_of(app) == [("post", "pending")]


HOURS = """
[hours]
holidays = "ES-MD"
closed = [2026-11-23]
"""


def test_the_clock_keeps_office_hours(make_app: MakeApp) -> None:
    app = with_words(make_app(HOURS).app)
    friday = datetime(2026, 11, 20, 16, 45, tzinfo=app.config.tz)
    live(app, mention("1", published_at=friday), now=friday + MINUTE)
    # 15 minutes of Friday, none of Monday, 3 h 45 of Tuesday.
    assert only(app).due_at == datetime(2026, 11, 24, 12, 45, tzinfo=app.config.tz)


def test_what_joins_is_due_in_office_hours_too(make_app: MakeApp) -> None:
    app = with_words(make_app(HOURS + RATED.replace('"48h"', '"2h"')).app)
    friday = datetime(2026, 11, 20, 16, 45, tzinfo=app.config.tz)
    live(app, mention("1", published_at=friday), now=friday + MINUTE)
    second = mention(
        "2", "Acme", conversation_id="1", rating=1.0, published_at=friday + 10 * MINUTE
    )
    live(app, second, now=friday + 12 * MINUTE)
    assert only(app).due_at == datetime(2026, 11, 24, 10, 55, tzinfo=app.config.tz)


@pytest.mark.parametrize(
    "text", [pytest.param("Acme", id="neutral"), pytest.param("Acme is lovely", id="positive")]
)
def test_other_tones_open_none(make_app: MakeApp, text: str) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", text))
    assert incidents(app) == []


def test_a_better_customer_is_answered_sooner(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    gold(app)
    live(app, mention("1"))
    row = only(app)
    assert (row.rule, row.severity, row.customer_id) == ("vip", Severity.CRITICAL, 1)
    assert row.due_at == row.posted_at + 15 * MINUTE


def test_a_poor_rating_needs_no_tone(make_app: MakeApp) -> None:
    app = with_words(make_app(RATED).app)
    live(app, mention("1", "Acme poison", rating=1.0))
    assert only(app).rule == "poor review"


def test_further_mentions_of_the_conversation_join(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))
    second = mention("2", conversation_id="1", parent_id="1", published_at=NOW + MINUTE)
    live(app, second, now=NOW + 2 * MINUTE)

    assert only(app).version == 2
    assert mentions_in(app) == [1, 2]
    assert [kind for kind, _ in messages_of(app)] == ["post", "thread"]


def test_a_graver_mention_makes_the_incident_graver(make_app: MakeApp) -> None:
    app = with_words(make_app(RATED.replace('"48h"', '"2h"\nseverity = "high"')).app)
    live(app, mention("1"))
    second = mention("2", "Acme", conversation_id="1", rating=1.0, published_at=NOW - 4 * MINUTE)
    live(app, second)
    row = only(app)
    assert (row.rule, row.severity) == ("poor review", Severity.HIGH)
    assert row.due_at == NOW - 4 * MINUTE + HOUR


def test_a_mild_mention_does_not_join(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"), mention("2", "Acme", conversation_id="1"))
    assert mentions_in(app) == [1]


def test_another_author_or_conversation_is_another_incident(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"), mention("2"), mention("3", conversation_id="1", author=BEN))
    assert len({row.key for row in incidents(app)}) == 3


def test_deleted_authors_are_nobodys_twin(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    same: dict[str, Any] = {"author": None, "conversation_id": "9"}
    live(app, mention("1", **same), mention("2", **same))
    assert len(incidents(app)) == 2


def close(app: App, *, at: timedelta) -> None:
    actions.resolve(app, 1, by="eva", now=NOW + at)


@pytest.mark.parametrize(
    ("after", "incidents_then"),
    [
        pytest.param(72 * HOUR, 1, id="within 72 hours it is reopened"),
        pytest.param(72 * HOUR + MINUTE, 2, id="later it is a new one"),
    ],
)
def test_a_new_complaint_after_the_close(
    make_app: MakeApp, after: timedelta, incidents_then: int
) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))
    close(app, at=HOUR)
    later = NOW + HOUR + after
    live(app, mention("2", conversation_id="1", published_at=later), now=later)

    found = incidents(app)
    assert len(found) == incidents_then
    assert found[-1].state == State.OPEN
    assert found[-1].posted_at == later
    assert found[-1].due_at == later + 4 * HOUR
    assert found[-1].resolved_at is None


def test_what_was_written_before_the_answer_and_seen_after_it_is_covered(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", published_at=NOW - HOUR), reply("2", to="1", published_at=NOW))
    before = messages_of(app)
    live(app, mention("3", conversation_id="1", published_at=NOW - MINUTE), now=NOW + HOUR)

    row = only(app)
    assert (row.state, row.resolution) == (State.RESOLVED, "replied")
    assert mentions_in(app) == [1, 3]
    assert messages_of(app) == before


def test_a_dismissed_incident_takes_no_more(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))
    actions.dismiss(app, 1, by="eva", now=NOW)
    live(app, mention("2", conversation_id="1"), now=NOW + HOUR)
    assert [row.state for row in incidents(app)] == [State.DISMISSED, State.OPEN]


@pytest.mark.parametrize(
    "quiet",
    [
        pytest.param(mention("1", published_at=NOW - 8 * DAY), id="history"),
        pytest.param(mention("1", is_repost=True, parent_id="0"), id="a plain repost"),
        pytest.param(mention("1", author=ACME), id="the brand's own"),
        pytest.param(mention("1", "Globex is awful"), id="about a competitor"),
    ],
)
def test_opens_nothing(make_app: MakeApp, quiet: Mention) -> None:
    app = with_words(make_app().app)
    live(app, quiet)
    assert incidents(app) == []
    assert messages_of(app) == []


def test_a_clock_that_runs_ahead_gives_no_respite(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", published_at=NOW + 5 * HOUR))
    assert only(app).due_at == NOW + 4 * HOUR


def test_a_repeated_pass_changes_nothing(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"), mention("2", conversation_id="1"))
    first = [(row.id, row.version) for row in incidents(app)], messages_of(app)
    live(app, mention("1"), mention("2", conversation_id="1"))
    live(app, mention("1"))
    assert ([(row.id, row.version) for row in incidents(app)], messages_of(app)) == first


def test_a_crash_in_the_middle_is_repeated_without_doubling(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = with_words(make_app().app)
    store(app, mention("1"), mention("2"))
    scoring.score(app, now=NOW)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr("storage.listings.move", dies)
        with pytest.raises(KeyboardInterrupt):
            triaging.triage(app, now=NOW)
    assert incidents(app) == []

    work(app)
    work(app)
    assert len(incidents(app)) == 2
    assert messages_of(app) == [("post", "pending")] * 2


def test_two_threads_open_one_incident_for_one_mention(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = with_words(make_app().app)
    people = [replace(ANA, id=str(n), handle=f"author{n}") for n in range(20)]
    store(app, *(mention(one.id, f"Acme is awful {one.id}", author=one) for one in people))
    scoring.score(app, now=NOW)
    together = Barrier(2)
    read = listings.waiting

    def read_together(
        session: Session, stage: Stage, *, limit: int, quiet: bool
    ) -> list[listings.Work]:
        found = read(session, stage, limit=limit, quiet=quiet)
        with suppress(BrokenBarrierError):  # where a lock holds the other one back
            together.wait(0.2)
        return found

    monkeypatch.setattr(listings, "waiting", read_together)
    with ThreadPoolExecutor(2) as threads:
        opened = list(threads.map(lambda _: triaging.triage(app, now=NOW), range(2)))

    assert sum(opened) == 20
    assert len({row.key for row in incidents(app)}) == len(incidents(app)) == 20
    assert messages_of(app) == [("post", "pending")] * 20


def test_the_order_of_arrival_does_not_matter(make_app: MakeApp) -> None:
    """Late or not, the clock starts at the earliest mention."""
    app = with_words(make_app().app)
    live(app, mention("2", conversation_id="1", published_at=NOW - MINUTE))
    live(app, mention("1", published_at=NOW - HOUR), now=NOW + MINUTE)
    row = only(app)
    assert row.posted_at == NOW - HOUR
    assert row.due_at == NOW - HOUR + 4 * HOUR


def test_a_customer_found_later_shows_in_the_incident(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))
    gold(app)
    second = mention("2", conversation_id="1", author=replace(ANA, handle="ana_writes"))
    live(app, second)
    row = only(app)
    assert (row.customer_id, row.rule, row.severity) == (1, "vip", Severity.CRITICAL)


def test_a_customer_known_later_tightens_the_promise_and_the_channel_learns_it(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))
    assert (only(app).rule, only(app).customer_id) == ("negative", None)

    gold(app)
    work(app, now=NOW + MINUTE)

    row = only(app)
    assert (row.rule, row.severity, row.customer_id) == ("vip", Severity.CRITICAL, 1)
    assert row.due_at == row.posted_at + 15 * MINUTE
    assert "gold customer" in row.reasons
    [told] = said(app).values()
    assert messages_of(app) == [("post", "pending")]
    assert "gold customer" in told
    before = row.version
    work(app, now=NOW + 2 * MINUTE)
    assert only(app).version == before, "it is learnt once"


def test_a_customer_known_after_the_answer_changes_nothing(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"), reply("2", to="1"))
    gold(app)
    work(app, now=NOW + MINUTE)
    assert (only(app).rule, only(app).state) == ("negative", State.RESOLVED)


def reject(app: App, *, minutes: int) -> None:
    """A person says that Ana is not that customer, and the steps go on."""
    with app.database.begin() as session:
        [view] = link_ledger.listing(session)
        links.decide(session, view.link.id, LinkState.REJECTED, by="eva", now=NOW)
    work(app, now=NOW + minutes * MINUTE)


def test_the_customer_of_an_incident_goes_with_the_link(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    gold(app)
    live(app, mention("1"))
    assert (only(app).rule, only(app).severity) == ("vip", Severity.CRITICAL)

    reject(app, minutes=1)

    row = only(app)
    assert row.customer_id is None
    assert (row.rule, row.severity) == ("negative", Severity.NORMAL), "as if nobody were known"
    assert row.due_at == row.posted_at + 4 * HOUR
    [told] = said(app).values()
    assert "Ana Ruiz ·" not in told
    with app.database.read() as session:
        last = incident_events.of(session, row.id)[-1]
    assert (last.action, last.note) == (Action.IDENTIFIED, "nobody we know")
    work(app, now=NOW + 2 * MINUTE)
    assert only(app).version == row.version, "it is told once"


def test_what_only_a_customers_rule_asked_for_is_dismissed_with_the_link(
    make_app: MakeApp,
) -> None:
    unread = 'name = "unread"\nunread = true\ntiers = ["gold"]\nanswer_within = "8h"'
    app = with_words(make_app(f"[[alerts.rules]]\n{unread}").app)
    gold(app)
    live(app, mention("1", "Acme nan"))
    assert only(app).rule == "unread"

    reject(app, minutes=1)

    assert (only(app).state, only(app).customer_id) == (State.DISMISSED, None)
    with app.database.read() as session:
        last = incident_events.of(session, 1)[-1]
    assert (last.actor, last.note) == (ITSELF, "nobody we know: no answer is asked for")


def test_the_customer_of_a_closed_incident_goes_and_what_was_promised_for_them(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app().app)
    gold(app)
    live(app, mention("1"), reply("2", to="1"))
    before = only(app)
    assert (before.state, before.customer_id) == (State.RESOLVED, 1)

    reject(app, minutes=1)

    after = only(app)
    assert (after.state, after.customer_id) == (State.RESOLVED, None)
    assert (after.rule, after.due_at) == ("negative", after.posted_at + 4 * HOUR)
    assert after.answered_at == before.answered_at
    work(app, now=NOW + 2 * MINUTE)
    assert only(app).version == after.version, "it is worked out once"


def test_an_incident_names_the_person_its_customers_record_is_joined_to(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    rows = [
        CustomerRecord("crm", "1", "Ana Ruiz", "ana@mail.example"),
        CustomerRecord("shop", "7", "Ana Ruiz", "a@mail.example", (("x", "ana_writes"),)),
    ]
    with app.database.begin() as session:
        customers.save(session, rows, now=NOW)
    live(app, mention("1"))
    assert only(app).customer_id == 2

    with app.database.begin() as session:
        customers.save(session, [replace(rows[0], other_emails=(rows[1].email,))], now=NOW)
        persons.join(session)
    work(app, now=NOW + MINUTE)
    assert only(app).customer_id == 1

    with app.database.begin() as session:
        persons.split(session, 1, by="eva", now=NOW)
    work(app, now=NOW + 2 * MINUTE)
    assert only(app).customer_id == 2


def test_an_incident_follows_a_handle_that_the_crm_gives_to_somebody_else(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app().app)
    gold(app)
    live(app, mention("1"))
    rows = [
        CustomerRecord("shop", "1", "Ana Ruiz"),
        CustomerRecord("shop", "2", "Ana Berg", handles=(("x", "ana_writes"),)),
    ]
    with app.database.begin() as session:
        customers.save(session, rows, now=NOW)
    work(app, now=NOW + MINUTE)
    with app.database.read() as session:
        _, other = customers.every(session)
    assert only(app).customer_id == other.id
    [told] = said(app).values()
    assert "Ana Berg ·" in told


def asking(app: App) -> dict[str, bool | None]:
    """Whether each listing asks for an answer, by the id of its post."""
    with app.database.read() as session:
        rows = session.execute(
            select(MentionRow.external_id, MentionBrandRow.asks_for_answer)
            .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
            .where(MentionBrandRow.role == Role.BRAND)
        )
        return dict(rows.all())


def test_what_asks_is_noted_whether_or_not_it_opens_an_incident(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(
        app,
        mention("complaint"),
        mention("praise", "Acme is lovely"),
        mention("history", published_at=NOW - 40 * DAY),
        mention("burnt", "Acme caught fire"),
        mention("repost", is_repost=True, parent_id="0"),
    )
    assert asking(app) == {
        "complaint": True,
        "praise": False,
        "history": True,
        "burnt": True,
        "repost": False,
    }
    assert [row.severity for row in incidents(app)] == [Severity.NORMAL, Severity.CRITICAL]


def test_an_unread_post_asks_once_its_author_is_a_known_customer(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("new", "Acme poison"), mention("old", "Acme poison", published_at=NOW - DAY))
    assert incidents(app) == []

    gold(app)
    later = NOW + 6 * DAY + HOUR
    work(app, now=later)

    assert asking(app) == {"new": True, "old": True}
    [row] = incidents(app)
    assert row.rule == "asks for an answer"
    assert row.posted_at == NOW - 5 * MINUTE, "what is older than a week opens none"
    assert row.severity == Severity.NORMAL, "one level above low, for the highest tier"


def test_a_rule_with_a_query_and_words_of_its_own(make_app: MakeApp) -> None:
    rules = """
[[alerts.rules]]
name = "churn"
words = "churn"
answer_within = "2h"

[[alerts.rules]]
name = "refunds"
query = "refund -partial"
answer_within = "2h"

[alerts.words]
churn = ["cancel*"]
"""
    app = with_words(make_app(rules).app)
    texts = ("Acme, cancelling today", "Acme refund?", "Acme partial refund")
    live(app, *(mention(str(n), text) for n, text in enumerate(texts)))
    assert [(row.rule, row.reasons) for row in incidents(app)] == [
        ("churn", ["churn word “cancel*”"]),
        ("refunds", ["the rule's query finds it"]),
    ]
