"""What a digest says of the reputation: of published days, and of what was told before."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from alerts.digest import digest_html, digest_text
from domain.clock import parse_instant
from domain.digest import Digest, Revised, Told, TrendChange
from domain.mention import Author, Mention
from domain.network import PUBLIC
from earshot.core.app import App
from earshot.reporting import digest_numbers, digest_schedule, publishing
from earshot.reporting.digest_facts import digest_of
from storage import outbox, snapshots
from storage.snapshots import Snapshot
from storage.tables import SnapshotRow
from tests.conftest import MakeApp
from tests.earshot.world import DAY, HOUR, live, mention, with_words

FIXTURES = Path(__file__).parent / "fixtures"
EIGHT = parse_instant("2026-11-20T07:00Z")  # in Madrid: the digest reports on the 19th
NOON = parse_instant("2026-11-19T11:00Z")
REPORTED = date(2026, 11, 19)
LOVELY, AWFUL = "Acme is lovely", "Acme is awful"


def crowd(
    text: str, persons: Sequence[int], at: datetime = NOON, source: str = "x"
) -> list[Mention]:
    """A post by each of them."""
    return [
        mention(
            f"{source}{n}{at:%d%H}",
            f"{text}, says number {n}",
            source=source,
            author=Author(f"{source}{n}", f"{source}{n}"),
            published_at=at,
        )
        for n in persons
    ]


def send(app: App, at: datetime) -> Digest:
    """The morning's digest, as it is kept."""
    assert digest_schedule.send_due(app, now=at) == 1
    with app.database.read() as session:
        kept = outbox.numbers(session, digest_numbers.key_of("Acme", at.date()))
        assert kept is not None
        return digest_numbers.read(kept).numbers


def digest_at(app: App, at: datetime) -> Digest:
    with app.database.read() as session:
        return digest_of(session, app.config.brands[0], at.date(), app.config, now=at)


def said(digest: Digest) -> str:
    return " ".join(digest_text(digest, PUBLIC).split())


@pytest.fixture
def app(make_app: MakeApp) -> App:
    made = with_words(make_app().app)
    live(made, *crowd(LOVELY, range(40)), now=NOON + HOUR)
    return made


def test_a_digest_before_the_day_is_published_says_so_and_publishes_nothing(app: App) -> None:
    told = send(app, EIGHT)
    assert told.not_final
    assert told.reputation.score is not None
    assert f"{told.reputation.score:.1f} (95% interval" in said(told)
    assert "), not final, 40 persons, before the model's own errors" in said(told)
    assert told.trend_changes == (), "one day is no chart"
    with app.database.read() as session:
        assert session.scalar(select(func.count()).select_from(SnapshotRow)) == 0


def test_the_next_digest_says_by_how_much_a_number_moved_that_was_not_final(app: App) -> None:
    first = send(app, EIGHT)
    late = EIGHT + 2 * HOUR
    live(app, *crowd(AWFUL, range(40, 60)), now=late)
    publishing.publish_due(app, at=late)

    told = send(app, EIGHT + DAY)

    with app.database.read() as session:
        published = snapshots.latest(session, "Acme", REPORTED, "reputation")
    assert published is not None
    then, now = first.reputation.score, published.payload["score"]
    assert then is not None
    assert now < then - 10
    assert told.told_before == Told(REPORTED, then, now, final=True)
    assert told.revised == (), "one and the same is not told twice"
    assert (
        f"Yesterday's digest said {then:.1f} for Thu 19 Nov, not final; it is {now:.1f}."
    ) in said(told)


def test_what_is_still_not_published_stays_not_final(app: App) -> None:
    first = send(app, EIGHT)
    told = send(app, EIGHT + DAY)
    score = first.reputation.score
    assert told.told_before == Told(REPORTED, score, score, final=False)
    assert "that is unchanged, still not final." in said(told)


def test_a_published_day_is_final_and_needs_no_word_the_day_after(app: App) -> None:
    publishing.publish_due(app, at=EIGHT)
    first = send(app, EIGHT)
    publishing.publish_due(app, at=EIGHT + DAY)
    told = send(app, EIGHT + DAY)
    assert (first.not_final, told.not_final, told.told_before, told.revised) == (
        *(False, False),
        None,
        (),
    )
    assert "not final" not in said(first) + said(told)


def test_a_published_day_that_was_revised_since_is_told_with_the_reason(app: App) -> None:
    publishing.publish_due(app, at=EIGHT)
    first = send(app, EIGHT)
    late = EIGHT + 2 * HOUR
    live(app, *crowd(AWFUL, range(40, 60)), now=late)
    publishing.publish_due(app, at=late)
    publishing.publish_due(app, at=EIGHT + DAY)

    told = send(app, EIGHT + DAY)

    [revised] = told.revised
    with app.database.read() as session:
        newest = snapshots.latest(session, "Acme", REPORTED, "reputation")
    assert newest is not None
    assert newest.revision == 2
    now = newest.payload["score"]
    assert revised == Revised(REPORTED, first.reputation.score, now, newest.reason)
    assert newest.reason
    was = f"{first.reputation.score:.1f}, now {now:.1f}: {newest.reason}."
    assert f"Thu 19 Nov: published {was}" in said(told)
    publishing.publish_due(app, at=EIGHT + 2 * DAY)
    assert send(app, EIGHT + 2 * DAY).revised == (), "it is told once"


def test_days_are_compared_like_for_like_and_a_new_source_is_a_line_and_a_mark(app: App) -> None:
    publishing.publish_due(app, at=EIGHT)
    live(app, *crowd(AWFUL, range(30), NOON + DAY, "reddit"), now=NOON + DAY + HOUR)
    for days in range(1, 8):
        publishing.publish_due(app, at=EIGHT + days * DAY)

    told = digest_at(app, EIGHT + 7 * DAY)

    found = told.comparison
    assert found is not None
    assert found.change is not None
    assert found.change < -10, "who is new there is angry"
    assert found.like_for_like == pytest.approx(0, abs=0.05), "nobody else changed their mind"
    assert found.beyond_chance is False
    assert found.lines[0].startswith("reddit is new: \N{MINUS SIGN}")
    assert TrendChange(date(2026, 11, 20), "reddit is new") in told.trend_changes
    assert "; like for like 0.0 (within chance)" in said(told)
    assert f"R{found.lines[0][1:]}" in said(told)
    assert "reputation" not in said(told).partition(":")[2].partition(". ")[0].casefold()
    assert "Fri 20 Nov: reddit is new" in said(told)


def test_days_of_the_former_formula_stay_and_the_line_ends_there(app: App) -> None:
    former = {
        "brand": "Acme",
        "date": "2026-11-18",
        "score": 71.5,
        "low": 68.0,
        "high": 75.0,
        "n_authors": 44,
        "status": "ok",
        "parts": [],
        "formula": "ORS-v1",
    }
    stored = Snapshot(
        "Acme", date(2026, 11, 18), "reputation", "Europe/Madrid", "ORS-v1", former, ""
    )
    with app.database.begin() as session:
        snapshots.publish(session, stored, now=EIGHT - DAY)
    publishing.publish_due(app, at=EIGHT)

    told = digest_at(app, EIGHT)

    assert told.reputation_trend[0] == (date(2026, 11, 18), 71.5)
    assert told.trend_intervals[0] == (date(2026, 11, 18), 68.0, 75.0)
    assert told.trend_changes == (
        TrendChange(REPORTED, "formula ORS-v2 instead of ORS-v1", breaks=True),
    )
    assert (
        "Thu 19 Nov: formula ORS-v2 instead of ORS-v1; the days before do not compare"
        in digest_html(told, PUBLIC)
    )
    assert "┊" in said(told)
    lowest = f"Lowest {told.reputation.score:.1f} on Thu 19 Nov, highest"
    assert lowest in said(told), "71.5 is of another scale"


def test_a_number_that_is_not_final_is_the_last_of_the_chart_with_a_mark(app: App) -> None:
    publishing.publish_due(app, at=EIGHT)
    told = digest_at(app, EIGHT + DAY)
    assert told.reputation_trend[-1] == (date(2026, 11, 20), told.reputation.score)
    assert told.trend_changes == (TrendChange(date(2026, 11, 20), "not final"),)


def test_a_digest_that_a_former_release_kept_is_still_read() -> None:
    kept = json.loads((FIXTURES / "digest_schema_0034.json").read_text())
    told = digest_numbers.read(kept).numbers
    assert "61.3 (95% interval 59.2 to 63.2), 412 authors" in said(told)
    assert "−4.2 against seven days before" in said(told)
    assert "not final" not in said(told)
    assert digest_html(told, PUBLIC)
