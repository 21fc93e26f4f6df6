"""A post that is edited and no longer names the brand: kept, hidden, and no clock runs for it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from domain.mention import Mention
from earshot.core.app import App
from earshot.pipeline import collect as collecting
from earshot.reporting import digest_schedule
from storage import incident_events, incidents, metrics, noise, views
from storage.tables import IncidentRow
from storage.views import Filter
from tests.conftest import Made, MakeApp
from tests.earshot.world import (
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Feed,
    live,
    mention,
    page,
    said,
    store,
    with_sources,
    with_words,
    work,
)

WHY = "edited: no longer names the brand"
LATER = NOW + HOUR


@pytest.fixture
def made(make_app: MakeApp) -> Made:
    made = make_app("[sources.hackernews]\nenabled = true")
    with_words(made.app)
    return made


@pytest.fixture
def app(made: Made) -> App:
    return made.app


def edited(one: Mention, text: str, minutes: int = 1) -> Mention:
    return replace(one, text=text, edited_at=NOW + minutes * MINUTE)


def hidden(app: App) -> dict[tuple[str, str], str]:
    with app.database.read() as session:
        return {
            (view.mention.external_id, view.listing.brand): view.listing.hidden
            for view in views.search(session, Filter(hidden=True))
        }


def states(app: App) -> list[tuple[str, str]]:
    with app.database.read() as session:
        rows = session.scalars(select(IncidentRow).order_by(IncidentRow.id))
        return [(row.state, row.resolution) for row in rows]


def history(app: App, incident_id: int = 1) -> list[tuple[str, str]]:
    with app.database.read() as session:
        return [(one.action, one.note) for one in incident_events.of(session, incident_id)]


def test_it_is_hidden_counted_nowhere_and_its_incident_closes(app: App) -> None:
    live(app, mention("1", "Acme is awful"))
    live(app, edited(mention("1"), "The kettle is awful"), now=LATER)

    assert hidden(app) == {("1", "Acme"): WHY}
    assert states(app) == [("resolved", "edited")]
    assert history(app)[-1] == ("resolved", "edited: mention 1")
    with app.database.read() as session:
        assert list(metrics.posts(session, "Acme", since=NOW - DAY, until=NOW + DAY)) == []
    assert all("Acme is awful" not in one for one in said(app).values())


def test_whom_it_names_now_gets_a_listing_and_an_old_version_changes_nothing(app: App) -> None:
    live(app, mention("1", "Acme is awful"))
    live(app, edited(mention("1"), "Globex is awful"), now=LATER)
    live(app, mention("1", "Acme is awful"), now=LATER + HOUR)

    assert hidden(app) == {("1", "Acme"): WHY}
    with app.database.read() as session:
        [view] = views.search(session, Filter())
        assert (view.listing.brand, view.mention.text) == ("Globex", "Globex is awful")


def test_what_a_source_brings_edits_too(app: App) -> None:
    first = mention("1", source="hackernews")
    feed = Feed(
        "hackernews", [page(1, first), page(2, edited(first, "It is awful"))], only_for="Acme"
    )
    with_sources(app, feed)

    result = collecting.collect(app, "hackernews", now=LATER)
    work(app, now=LATER)

    assert (result.fetched, result.matched, result.new) == (2, 1, 1)
    assert hidden(app) == {("1", "Acme"): WHY}


def test_the_other_posts_of_the_incident_keep_its_clock_running(app: App) -> None:
    second = mention("2", "Acme is awful, still", published_at=NOW, conversation_id="1")
    live(app, mention("1"), second)
    live(app, edited(mention("1"), "It is awful"), now=LATER)

    assert states(app) == [("open", "")]
    assert history(app)[-1] == ("edited", "mention 1")
    with app.database.read() as session:
        row = incidents.get(session, 1)
        assert (row.posted_at, row.due_at) == (NOW, NOW + 4 * HOUR)
    shown = said(app)
    assert "It is awful" in shown["incident:1:post:1"]
    assert "Acme is awful, still" in shown["incident:1:thread:2"]

    live(app, edited(second, "Still awful"), now=LATER)
    assert states(app) == [("resolved", "edited")]


def test_a_thread_that_quotes_it_says_so(app: App) -> None:
    second = mention("2", "Acme is awful, still", published_at=NOW, conversation_id="1")
    live(app, mention("1"), second)
    live(app, edited(second, "Still awful"), now=LATER)
    assert "no longer names the brand" in said(app)["incident:1:thread:2"]


def test_a_digest_that_shows_it_is_drawn_anew(app: App) -> None:
    live(app, mention("1"), mention("2", "Acme is lovely", author=BEN))
    digest_schedule.send_due(app, now=NOW + 20 * HOUR)
    [key] = [key for key in said(app) if key.startswith("digest:")]
    assert "Acme is awful" in said(app)[key]

    live(app, edited(mention("1"), "It is awful"), now=NOW + 21 * HOUR)

    assert "awful" not in said(app)[key]
    assert "Acme is lovely" in said(app)[key]


def test_named_again_it_is_heard_again(app: App) -> None:
    live(app, mention("1"))
    live(app, edited(mention("1"), "It is awful"), now=LATER)
    live(app, edited(mention("1"), "Acme is awful again", minutes=2), now=LATER)

    assert hidden(app) == {}
    assert states(app) == [("open", "")]
    assert [action for action, _ in history(app)] == ["opened", "resolved", "reopened"]


def test_put_back_by_a_person_it_is_heard_again_and_stays(app: App) -> None:
    live(app, mention("1"))
    live(app, edited(mention("1"), "The kettle is awful"), now=LATER)
    with app.database.begin() as session:
        noise.restore(session, 1, "Acme", by="kim", now=LATER, loud_since=NOW - DAY)
    work(app, now=LATER)
    assert states(app) == [("open", "")]

    live(app, edited(mention("1"), "The kettle is so awful", minutes=2), now=LATER)

    assert hidden(app) == {}


def test_what_a_person_said_of_it_stays(app: App) -> None:
    live(app, mention("1"))
    with app.database.begin() as session:
        noise.hide(session, 1, "Acme", by="kim", now=NOW)
    live(app, edited(mention("1"), "It is awful"), now=LATER)
    assert hidden(app) == {("1", "Acme"): "hidden by kim"}


def test_an_answered_incident_keeps_its_end(app: App) -> None:
    live(app, mention("1"))
    with app.database.begin() as session:
        session.get_one(IncidentRow, 1).state = "dismissed"
    live(app, edited(mention("1"), "It is awful"), now=LATER)
    assert states(app) == [("dismissed", "")]
    assert history(app)[-1] == ("edited", "mention 1")


def test_an_import_says_that_it_names_nobody_and_edits_all_the_same(app: App) -> None:
    store(app, mention("1"))
    assert store(app, edited(mention("1"), "It is awful")) == 0
    work(app)
    assert hidden(app) == {("1", "Acme"): WHY}
