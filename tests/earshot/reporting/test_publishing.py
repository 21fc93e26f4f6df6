"""What is published, when, and what revises it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from domain.customer import CustomerRecord, LinkState
from domain.mention import Author, Mention
from domain.press import NoAnswerNeeded
from domain.sentiment import Label
from earshot.alerting import actions
from earshot.compliance import redaction, retention
from earshot.core.app import App
from earshot.reporting import measure, publishing, watermarks
from storage import corrections, customers, links, listings, noise, snapshots
from storage.snapshots import Published, Snapshot
from storage.tables import IncidentMentionRow, MentionRow, SettingRow
from tests.conftest import Furnish, MakeApp
from tests.earshot.world import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Words,
    day,
    live,
    mention,
    reply,
    store,
    with_words,
    work,
)

TODAY = day("2026-11-20")
NOON = NOW + DAY  # the day after, when its numbers are published
LATER = NOON + HOUR
EVA = "eva"


def crowd() -> list[Mention]:
    """Forty persons two days ago: twenty praise, ten are displeased and ten only name the brand."""
    tones = ["is lovely"] * 20 + ["is awful"] * 10 + [""] * 10
    return [
        mention(str(n), f"Acme {tone} {n}", author=Author(str(n), f"author{n}"), published_at=at)
        for n, tone in enumerate(tones)
        for at in (NOW - 2 * DAY,)
    ]


@pytest.fixture
def app(make_app: MakeApp, furnish: Furnish) -> App:
    """The day after: its numbers are published."""
    made = with_words(make_app().app)

    def build() -> None:
        live(made, *crowd())
        publish(made, NOON)

    furnish("published", build)
    return made


def publish(app: App, at: datetime = LATER) -> None:
    publishing.publish_due(app, at=at)


def published(app: App, kind: str = "reputation", brand: str = "Acme") -> list[Published]:
    with app.database.read() as session:
        return snapshots.history(session, brand, kind, since=None, until=None)


def newest(app: App, on: date = TODAY, kind: str = "reputation") -> Published:
    with app.database.read() as session:
        found = snapshots.latest(session, "Acme", on, kind)
    assert found is not None
    return found


def told(app: App, kind: str = "reputation") -> list[tuple[date, int, str]]:
    return [(one.day, one.revision, one.reason) for one in published(app, kind)]


def ids(app: App, *external_ids: str) -> list[int]:
    with app.database.read() as session:
        wanted = MentionRow.external_id.in_(external_ids)
        return list(session.scalars(select(MentionRow.id).where(wanted).order_by(MentionRow.id)))


def incident_of(app: App, external_id: str) -> int:
    (one,) = ids(app, external_id)
    with app.database.read() as session:
        return session.scalars(
            select(IncidentMentionRow.incident_id).where(IncidentMentionRow.mention_id == one)
        ).one()


def late(count: int, text: str = "Acme is awful", **changed: Any) -> list[Mention]:  # noqa: ANN401 -- any field
    told_at: dict[str, Any] = {"published_at": NOW - DAY} | changed
    return [
        mention(f"late{n}", f"{text} late {n}", author=Author(f"late{n}", f"late{n}"), **told_at)
        for n in range(count)
    ]


# --- when -------------------------------------------------------------------------------------


def test_a_day_is_published_once_while_nothing_changes(app: App) -> None:
    for hour in range(4):
        publish(app, NOON + hour * HOUR)
    assert told(app) == told(app, "nps") == [(TODAY, 1, "")]


def test_a_day_waits_for_its_posts_to_be_scored(app: App) -> None:
    store(app, mention("last", published_at=NOON - 13 * HOUR), now=NOON)
    store(app, mention("today", published_at=NOON), now=NOON)
    publish(app, NOON + DAY)
    assert [one.day for one in published(app)] == [TODAY], "the one of the next day still waits"

    work(app, now=NOON + DAY)
    publish(app, NOON + DAY + HOUR)
    assert [(one.day.day, one.payload["marks"]) for one in published(app)] == [(20, []), (21, [])]


def test_after_a_day_of_patience_it_is_published_with_a_mark(app: App) -> None:
    posts = [
        mention(str(n), "Acme is awful", author=Author(f"n{n}", f"n{n}"), published_at=NOON)
        for n in range(100, 112)
    ]
    store(app, *posts, now=NOON)
    end = measure.end_of(day("2026-11-21"), app.config)
    publish(app, end + 24 * HOUR - MINUTE)
    assert len(published(app)) == 1
    publish(app, end + 24 * HOUR)
    first = newest(app, day("2026-11-21"))
    assert first.payload["marks"] == ["published after 24 h with 12 posts not yet scored"]
    assert first.payload["n_persons"] == 40

    work(app, now=end + 25 * HOUR)
    publish(app, end + 26 * HOUR)
    now = newest(app, day("2026-11-21"))
    assert (now.revision, now.reason, now.payload["marks"]) == (2, "12 scores came late", [])
    assert now.payload["n_persons"] == 52


@pytest.mark.parametrize(
    "text", [pytest.param("Acme nan", id="a text that cannot be scored"), "an own post"]
)
def test_what_nobody_will_score_keeps_no_day_waiting(app: App, text: str) -> None:
    author = Author("1000", "acme_help") if text == "an own post" else Author("77", "ben")
    live(app, mention("odd", text, author=author, published_at=NOON), now=NOON)
    publish(app, NOON + DAY)
    assert [one.day.day for one in published(app)] == [20, 21]


def test_days_on_which_nobody_was_at_work_are_published_later(app: App) -> None:
    publish(app, NOON + 3 * DAY)
    assert [one.day.day for one in published(app)] == [20, 21, 22, 23]


def test_a_day_that_ended_before_anything_was_stored_has_no_number(app: App) -> None:
    live(app, *late(2, published_at=NOW - 20 * DAY), now=NOON)
    publish(app)
    assert {one.day for one in published(app)} == {TODAY}


def test_others_write_while_numbers_are_computed(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    live(app, *late(2), now=NOON)
    compute = measure.measure
    written: list[int] = []

    def slowly(*args: Any, **options: Any) -> Any:  # noqa: ANN401 -- passed on
        with app.database.begin() as session:
            session.merge(SettingRow(key="acknowledged", value=str(len(written))))
        written.append(1)
        return compute(*args, **options)

    monkeypatch.setattr(measure, "measure", slowly)
    publish(app)
    assert written == [1]
    assert newest(app).revision == 2


def test_what_another_process_published_meanwhile_stays(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(app, *late(2), now=NOON)
    compute = measure.measure

    def overtaken(*args: Any, **options: Any) -> Any:  # noqa: ANN401 -- passed on
        found = compute(*args, **options)
        monkeypatch.setattr(measure, "measure", compute)
        publish(app)
        return found

    monkeypatch.setattr(measure, "measure", overtaken)
    publish(app)
    assert [one.revision for one in published(app)] == [1, 2]


# --- revisions --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """Something that befalls a published day, and what its revision says."""

    reason: str
    happens: Callable[[App], object]
    before: Callable[[App], object] = lambda _app: None  # already so when it was published


def edit(app: App) -> None:
    """Two of those who praised are displeased now."""
    edited = [
        replace(crowd()[n], text=f"Acme is awful, after all {n}", edited_at=NOW) for n in (0, 1)
    ]
    live(app, *edited, now=NOON)


def correct(app: App, label: Label = Label.POSITIVE) -> None:
    (one,) = ids(app, "20")
    with app.database.begin() as session:
        corrections.correct(session, one, "Acme", label, by=EVA, now=NOON)


def undo(app: App) -> None:
    (one,) = ids(app, "20")
    with app.database.begin() as session:
        corrections.undo(session, one, "Acme")


def hide(app: App) -> None:
    with app.database.begin() as session:
        for one in ids(app, "20", "21", "22"):
            noise.hide(session, one, "Acme", by=EVA, now=NOON)


def restore(app: App) -> None:
    (one,) = ids(app, "20")
    with app.database.begin() as session:
        noise.restore(session, one, "Acme", by=EVA, now=NOON, loud_since=NOON)


def dismiss(app: App) -> None:
    for n in range(20, 30):
        actions.dismiss(app, incident_of(app, str(n)), by=EVA, now=NOON)


def resolve(app: App) -> None:
    actions.resolve(app, incident_of(app, "20"), NoAnswerNeeded(), by=EVA, now=NOON)


def delete(app: App) -> None:
    """Posts that asked for an answer: what they felt stays, nobody owes them an answer."""
    with app.database.begin() as session:
        redaction.take_back(session, app, ids(app, "20", "21"), now=NOON)


def answer(app: App) -> None:
    at = NOW - 2 * DAY + HOUR
    live(app, *(reply(f"r{n}", to=str(n), published_at=at) for n in (20, 21, 22)), now=NOON)


def know(app: App) -> None:
    with app.database.begin() as session:
        people = [CustomerRecord("shop", str(n), f"Customer {n}") for n in range(3)]
        customers.save(session, people, now=NOW)


def link(app: App, customer: int = 1, authors: tuple[str, ...] = ("0",)) -> None:
    with app.database.begin() as session:
        for name in authors:
            author = links.find_author(session, "x", name)
            assert author is not None
            links.add(session, author, customer, by=EVA, now=NOON, evidence=["ticket 881"])


def unlink(app: App) -> None:
    with app.database.begin() as session:
        links.decide(session, 1, LinkState.WITHDRAWN, by=EVA, now=NOON)


def erase(app: App) -> None:
    with app.database.begin() as session:
        for one in ids(app, "0", "1", "2"):
            session.delete(session.get_one(MentionRow, one))


def hide_others(app: App) -> None:
    with app.database.begin() as session:
        for one in ids(app, "23", "24", "25"):
            noise.hide(session, one, "Acme", by=EVA, now=NOON)


def each(*happen: Callable[[App], object]) -> Callable[[App], object]:
    def all_of_them(app: App) -> None:
        for one in happen:
            one(app)

    return all_of_them


CHANGES = {
    "late posts": Change("4 mentions came late", lambda app: live(app, *late(4), now=NOON)),
    "edits": Change("2 posts edited", edit),
    "corrections": Change("1 tone corrected", correct),
    "another correction": Change(
        "tones corrected anew", lambda app: correct(app, Label.NEUTRAL), before=correct
    ),
    "an undone correction": Change("1 correction undone", undo, before=correct),
    "noise": Change("3 posts hidden as noise", hide),
    "noise that is none": Change("1 hidden post shown again", restore, before=hide),
    "dismissals": Change("10 incidents dismissed", dismiss),
    "no answer needed": Change("1 incident needs no answer", resolve),
    "deletions": Change("2 posts deleted", delete),
    "answers": Change("3 answers came late", answer),
    "a link": Change("1 link confirmed", link, before=know),
    "a link taken back": Change("1 link withdrawn", unlink, before=each(know, link)),
    "what is not stored any more": Change("3 mentions removed", erase),
    "several at once": Change(
        "1 mention came late, 2 posts deleted, 3 posts hidden as noise, 1 link confirmed",
        each(lambda app: live(app, *late(1), now=NOON), delete, hide_others, link),
        before=know,
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_makes_a_revision_that_says_why(app: App, name: str) -> None:
    change = CHANGES[name]
    change.before(app)
    publish(app)
    before = newest(app)
    change.happens(app)
    for hour in range(1, 3):  # once only
        publish(app, LATER + hour * HOUR)

    now = newest(app)
    assert (now.revision, now.reason) == (before.revision + 1, change.reason)
    assert now.payload != before.payload
    assert published(app)[before.revision - 1] == before, "never overwritten"
    assert json.loads(now.watermark)["model"] == "words@1"


@pytest.mark.parametrize("back", [1, 7, 27, 28])
def test_each_day_is_revised_that_the_change_touches(app: App, back: int) -> None:
    """Of the 28 days before the last one; a day's window is 28 days long."""
    days = [NOON + n * DAY for n in range(1, back + 1)]
    publish(app, days[-1])
    live(app, *late(3, "Acme is lovely"), now=days[-1])
    publish(app, days[-1] + HOUR)

    revised = [one.day for one in published(app) if one.revision == 2]
    touched = [TODAY + n * DAY for n in range(back + 1) if n <= 26]
    assert revised == touched
    assert {one.reason for one in published(app) if one.revision == 2} == {"3 mentions came late"}


def test_what_comes_still_later_revises_nothing(app: App) -> None:
    at = NOON + 29 * DAY
    publish(app, at)
    count = len(published(app))
    live(app, *late(3), now=at)
    publish(app, at + HOUR)
    assert all(one.day > TODAY for one in published(app)[count:])
    assert newest(app).revision == 1


def test_a_change_that_moves_nothing_is_no_revision(app: App) -> None:
    """An answer after its time, a text without a tone."""
    posted = NOW - 2 * DAY
    live(app, mention("nan", "Acme nan", published_at=posted), now=NOON)
    live(app, reply("slow", to="20", published_at=posted + 30 * HOUR), now=NOON)
    before = newest(app)
    publish(app)
    assert newest(app) == before


def test_the_same_number_from_other_data_is_only_noted(app: App) -> None:
    """Of posts without author it is told how many there are, and how many are negative."""
    live(app, mention("nobody", "Acme", author=None, published_at=NOW - DAY), now=NOON)
    publish(app)
    before = newest(app)
    assert (before.revision, before.reason) == (2, "1 mention came late")

    (one,) = ids(app, "nobody")
    with app.database.begin() as session:
        corrections.correct(session, one, "Acme", Label.POSITIVE, by=EVA, now=NOON)
    publish(app, LATER + HOUR)
    now = newest(app)
    assert replace(now, watermark="") == replace(before, watermark="")
    noted = watermarks.load(now.watermark)
    assert noted is not None
    assert noted.counts.corrected == 1


def test_a_link_taken_back_revises_every_day_that_counted_it(app: App) -> None:
    know(app)
    link(app, 1, ("0",))
    publish(app)
    at = NOON + 40 * DAY
    publish(app, at)
    with app.database.begin() as session:
        links.decide(session, 1, LinkState.WITHDRAWN, by=EVA, now=at)
    publish(app, at + HOUR)

    assert told(app)[:3] == [
        (TODAY, 1, ""),
        (TODAY, 2, "1 link confirmed"),
        (TODAY, 3, "1 link withdrawn"),
    ]
    before, now = published(app)[0], newest(app)
    assert {key: now.payload[key] for key in publishing.REPUTATION.tells} == {
        key: before.payload[key] for key in publishing.REPUTATION.tells
    }


def test_the_nps_proxy_is_revised_alike_but_not_for_answers(app: App) -> None:
    dismiss(app)
    answer(app)
    publish(app)
    assert told(app, "nps") == [(TODAY, 1, "")]
    live(app, *late(3), now=NOON)
    publish(app, LATER + HOUR)
    assert told(app, "nps")[1:] == [(TODAY, 2, "3 mentions came late")]


def test_what_is_not_kept_for_so_long_revises_nothing(make_app: MakeApp) -> None:
    app = with_words(make_app("[privacy]\nretention_days = 5").app)
    live(app, *crowd())
    publish(app, NOON)
    assert retention.comply(app, now=NOW + 6 * DAY) == 40
    publish(app, NOW + 6 * DAY)
    assert newest(app).revision == 1
    assert newest(app).payload["n_persons"] == 40


# --- what a day is measured by ----------------------------------------------------------------


def with_model(app: App, name: str) -> App:
    app.__dict__.pop("classifier")
    return with_words(app, Words(name))


def test_another_model_revises_no_day_and_marks_the_first_one(app: App) -> None:
    with_model(app, "words@2")
    live(app, mention("new", "Acme is awful", published_at=NOON), now=NOON)
    for days in (1, 2):
        publish(app, NOON + days * DAY)

    found = {one.day.day: one.payload for one in published(app)}
    assert [one.revision for one in published(app)] == [1, 1, 1]
    assert [found[n]["model"] for n in (20, 21, 22)] == ["words@1", "words@2", "words@2"]
    assert [found[n]["marks"] for n in (20, 21, 22)] == [
        *([], ["another model reads the posts"], [])
    ]


def test_a_day_is_revised_by_its_own_model(app: App) -> None:
    with_model(app, "words@2")
    work(app, now=NOON)
    (one,) = ids(app, "0")
    with app.database.begin() as session:
        corrections.correct(session, one, "Acme", Label.NEGATIVE, by=EVA, now=NOON)
    publish(app)
    now = newest(app)
    assert (now.reason, now.payload["model"]) == ("1 tone corrected", "words@1")
    assert now.payload["n_persons"] == 40


def test_days_wait_for_another_model_to_score_them(app: App) -> None:
    with app.database.begin() as session:
        listings.use_model(session, "words@2")
    publish(app, NOON + DAY - 12 * HOUR)
    assert len(published(app)) == 1
    publish(app, NOON + DAY + 12 * HOUR)
    assert newest(app, day("2026-11-21")).payload["marks"] == [
        "published after 24 h with 40 posts not yet scored",
        "another model reads the posts",
    ]


def test_another_yardstick_revises_no_day_and_marks_the_first_one(
    app: App, make_app: MakeApp
) -> None:
    other = with_words(make_app('[reputation]\nanswer_yardstick = "4h"').app)
    publish(other, NOON + DAY)
    found = {one.day.day: one.payload for one in published(app)}
    assert found[21]["marks"] == ["answered within 4 h instead of 24 h"]
    assert [one.revision for one in published(app)] == [1, 1]

    answer(other)
    publish(other, NOON + DAY + HOUR)
    now = newest(app)
    assert (now.reason, now.payload["answer_yardstick"]) == ("3 answers came late", "P1D")


@pytest.mark.parametrize(
    ("changed", "mark"),
    [
        pytest.param(
            '[noise]\nblock_words = ["coupon"]', "other filters of what counts", id="filters"
        ),
        pytest.param(
            '[alerts.words]\nsafety = ["fire"]',
            "other rules of what asks for an answer",
            id="rules",
        ),
    ],
)
def test_other_filters_and_rules_revise_no_day_and_mark_the_first_one(
    app: App, make_app: MakeApp, changed: str, mark: str
) -> None:
    other = with_words(make_app(changed).app)
    publish(other, NOON + DAY)
    found = {one.day.day: one.payload for one in published(app)}
    assert [one.revision for one in published(app)] == [1, 1]
    assert found[21]["marks"] == [mark]

    live(other, *late(3), now=NOON + DAY)
    publish(other, NOON + DAY + HOUR)
    (before, now) = (one for one in published(app) if one.day == TODAY)
    assert (now.reason, now.payload["marks"]) == ("3 mentions came late", [])
    kept = ("rules", "filters", "answer_yardstick", "model")
    assert [now.payload[key] for key in kept] == [before.payload[key] for key in kept]
    assert newest(app, day("2026-11-21")).payload["marks"] == [mark], "also of its revision"


def test_a_new_source_marks_the_first_day_that_heard_it(app: App) -> None:
    for n in (0, 30):  # days apart: it is new only once
        at = NOON + n * DAY
        one = mention(f"t{n}", source="trustpilot", author=Author("t", "tom"), published_at=at)
        live(app, one, now=at)
        publish(app, at + DAY)
    marked = [(one.day.day, one.payload["marks"]) for one in published(app) if one.payload["marks"]]
    assert [(on, mark) for on, marks in marked for mark in marks if "trustpilot" in mark] == [
        *[(21, "trustpilot is new"), (19, "trustpilot is gone")]
    ]


def test_a_day_of_the_former_score_stays_and_the_next_one_is_marked(app: App) -> None:
    former = Snapshot(
        brand="Acme",
        day=TODAY,
        kind="reputation",
        timezone="UTC",
        formula="ORS-v1",
        payload={**newest(app).payload, "formula": "ORS-v1", "score": 12.5},
        watermark="listings=3 newest=3 model=-",
    )
    with app.database.begin() as session:
        snapshots.publish(session, former, now=NOON)
    live(app, *late(4), now=NOON)
    publish(app)
    publish(app, NOON + DAY)

    assert (newest(app).formula, newest(app).payload["score"]) == ("ORS-v1", 12.5)
    assert newest(app, day("2026-11-21")).payload["marks"] == ["formula ORS-v2 instead of ORS-v1"]


# --- days -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "around", "count"),
    [
        pytest.param(
            "Pacific/Apia", datetime(2011, 12, 30, 12, tzinfo=UTC), 5, id="a day that never was"
        ),
        pytest.param(
            "Australia/Lord_Howe", datetime(2026, 10, 4, tzinfo=UTC), 6, id="half an hour ahead"
        ),
        pytest.param("America/Santiago", datetime(2026, 9, 6, tzinfo=UTC), 6, id="no midnight"),
    ],
)
def test_each_local_day_is_published_once_whatever_the_zone_does(
    make_app: MakeApp, zone: str, around: datetime, count: int
) -> None:
    app = make_app(basic=f'timezone = "{zone}"\n[[brands]]\nname = "Acme"\nquery = "acme"').app
    with_words(app)
    start = around - 4 * DAY
    posts = [
        mention(str(n), author=Author(str(n), f"a{n}"), published_at=start + n * 3 * HOUR)
        for n in range(56)
    ]
    for one in posts:
        store(app, one, now=one.published_at)
    work(app, now=start)
    for hour in range(24 * 6):
        publish(app, start + hour * HOUR)

    found = published(app)
    assert [one.revision for one in found] == [1] * len(found)
    days = [one.day for one in found]
    assert days == sorted(set(days))
    assert len(days) >= count
    assert date(2011, 12, 30) not in days
    assert all(measure.end_of(one.day, app.config) <= one.computed_at for one in found)
