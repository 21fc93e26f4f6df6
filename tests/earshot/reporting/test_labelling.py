from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from domain.clock import midnight
from domain.mention import Author, Mention
from domain.sentiment import Label
from earshot.core.app import App
from earshot.reporting import labelling, measure
from earshot.reporting.labelling import COUNTS_FOR, PATIENCE, PERSONS
from reputation.error_correction import MIN_LABELLED
from storage import labels
from storage.tables import LabelDrawRow
from tests.conftest import MakeApp
from tests.earshot.world import DAY, HOUR, NOW, day, live, mention, store, with_words, work

WEEK = day("2026-11-09")  # the last whole week before NOW, a Friday
MIDWEEK = NOW - 8 * DAY


def posts(
    n: int, *, first: int = 0, text: str = "Acme is awful", at: datetime = MIDWEEK
) -> list[Mention]:
    """Of n people, one each."""
    return [
        mention(f"{one} {at}", text, author=Author(f"a{one}", f"author{one}"), published_at=at)
        for one in range(first, first + n)
    ]


@pytest.fixture
def app(make_app: MakeApp) -> App:
    return with_words(make_app().app)


def draw(app: App, *, later: timedelta = timedelta()) -> int:
    return labelling.draw_due(app, now=NOW + later)


def label_all(app: App, said: Label, *, now: datetime = NOW) -> int:
    with app.database.begin() as session:
        found = labelling.waiting(session, "Acme", app.config, now=NOW)
        for one in found:
            labels.give(session, one.draw_id, one.mention_id, said, by="ana", now=now)
    return len(found)


def test_once_a_week_twenty_persons_are_drawn(app: App) -> None:
    live(app, *posts(50))
    assert draw(app) == PERSONS
    assert draw(app) == 0
    assert draw(app, later=7 * DAY) == 0  # nobody has written in that week
    with app.database.read() as session:
        rows = session.execute(select(LabelDrawRow.week, LabelDrawRow.probability)).all()
    assert set(rows) == {(WEEK, PERSONS / 50)}
    assert len(rows) == PERSONS


def test_of_few_all_are_drawn(app: App) -> None:
    live(app, *posts(3))
    assert draw(app) == 3
    with app.database.read() as session:
        assert set(session.scalars(select(LabelDrawRow.probability))) == {1.0}


def test_this_week_and_the_one_before_the_last_are_not_drawn_from(app: App) -> None:
    live(app, *posts(1, at=NOW - HOUR), *posts(1, first=1, at=NOW - 14 * DAY))
    assert draw(app) == 0


def test_the_draw_waits_for_scores_for_a_day(app: App) -> None:
    store(app, *posts(2))
    monday = midnight(WEEK + timedelta(weeks=1), app.config.tz)
    assert labelling.draw_due(app, now=monday + PATIENCE / 2) == 0
    work(app)
    assert labelling.draw_due(app, now=monday + PATIENCE / 2) == 2


def test_what_nobody_labels_for_a_month_is_not_asked_for_any_more(app: App) -> None:
    live(app, *posts(2))
    draw(app)
    with app.database.read() as session:
        assert len(labelling.waiting(session, "Acme", app.config, now=NOW)) == 2
        assert labelling.waiting(session, "Acme", app.config, now=NOW + 40 * DAY) == []


def test_a_person_is_the_mean_of_their_posts(app: App) -> None:
    who = Author("a", "a")
    texts = ["Acme is awful", "Acme is lovely"]
    live(app, *(mention(text, text, author=who, published_at=MIDWEEK) for text in texts))
    draw(app)
    label_all(app, Label.POSITIVE)
    with app.database.read() as session:
        [one] = labelling.labelled(session, "Acme", app.config, until=NOW + HOUR)
    assert one.predicted == pytest.approx(0.0)
    assert (one.truth, one.weight) == (1.0, 1.0)


def test_a_label_counts_for_half_a_year(app: App) -> None:
    live(app, *posts(2))
    draw(app)
    label_all(app, Label.POSITIVE)
    with app.database.read() as session:
        for until, found in (
            (NOW, 0),
            (NOW + HOUR, 2),
            (NOW + COUNTS_FOR, 2),
            (NOW + COUNTS_FOR + HOUR, 0),
        ):
            assert len(labelling.labelled(session, "Acme", app.config, until=until)) == found


def test_who_writes_every_week_stands_for_no_more_than_who_wrote_once(app: App) -> None:
    # Everybody has half a chance in each week; ten write in both.
    before = MIDWEEK - 7 * DAY
    live(app, *posts(40, at=before), *posts(10), *posts(30, first=100))
    assert labelling.draw_due(app, now=NOW - 7 * DAY) == PERSONS
    assert draw(app) == PERSONS
    label_all(app, Label.NEUTRAL)
    with app.database.read() as session:
        found = labelling.labelled(session, "Acme", app.config, until=NOW + HOUR)
    weights = sorted(one.weight for one in found)
    assert weights[-1] == pytest.approx(2.0)
    twice = [weight for weight in weights if weight < 1.9]
    assert twice == pytest.approx([1 / (1 - 0.5**2)] * len(twice))
    assert twice


def test_where_only_some_of_the_drawn_are_labelled_each_stands_for_more(app: App) -> None:
    live(app, *posts(4))
    draw(app)
    with app.database.begin() as session:
        one, *_ = labelling.waiting(session, "Acme", app.config, now=NOW)
        labels.give(session, one.draw_id, one.mention_id, Label.NEUTRAL, by="ana", now=NOW)
        [found] = labelling.labelled(session, "Acme", app.config, until=NOW + HOUR)
    assert found.weight == pytest.approx(4.0)


def test_the_score_is_corrected_once_enough_are_labelled(app: App) -> None:
    weeks = [MIDWEEK - n * 7 * DAY for n in range(3)]
    live(app, *(post for n, at in enumerate(weeks) for post in posts(20, first=n * 20, at=at)))
    for n in range(3):
        assert labelling.draw_due(app, now=NOW - n * 7 * DAY) == PERSONS
    assert label_all(app, Label.NEUTRAL) >= MIN_LABELLED
    with app.database.read() as session:
        today = measure.measure(session, "Acme", day("2026-11-20"), app.config).reputation
        before = measure.measure(session, "Acme", day("2026-11-19"), app.config).reputation
    assert (before.labelled, today.labelled) == (0, 60)
    part = today.parts[0]
    assert part.value == pytest.approx(50.0)
    assert part.correction == pytest.approx(43.0, abs=0.01)
