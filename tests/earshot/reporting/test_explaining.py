"""Who and what moved a score, by name where that is still known."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.mention import Author, Mention
from earshot.core.app import App
from earshot.reporting import explaining, publishing
from earshot.reporting.explaining import ERASED, Account, account_json
from earshot.reporting.measure import end_of
from reputation.explain import How
from storage import deletions
from storage.tables import MentionRow
from tests.conftest import Furnish, MakeApp
from tests.earshot.world import DAY, HOUR, NOW, day, live, mention, with_words

LATER = day("2026-11-19")
EARLIER = LATER - timedelta(days=7)


def post(number: int, text: str, ago: timedelta, **changed: object) -> Mention:
    at = NOW - ago
    author = Author(str(number), f"author{number}")
    return mention(str(number), text, author=author, published_at=at, **changed)


def posts() -> list[Mention]:
    still = [post(one, f"Acme {one} is lovely", 15 * DAY) for one in range(40)]
    come = [post(one, f"Acme {one} is awful", 2 * DAY) for one in range(100, 110)]
    return [*still, *come]


@pytest.fixture
def app(make_app: MakeApp, furnish: Furnish) -> App:
    """Two published days; in between ten angry authors came."""
    made = with_words(make_app().app)

    def build() -> None:
        live(made, *posts())
        for on in (EARLIER, LATER):
            publishing.publish_due(made, at=end_of(on, made.config) + HOUR)

    furnish("explaining", build)
    return made


def explained(app: App) -> Account:
    with app.database.read() as session:
        return explaining.account_of(session, "Acme", EARLIER, LATER, app.config, now=NOW)


def adds_up(found: Account) -> None:
    record = account_json(found)
    others = record["response"] + record["weights"] + record["rest"]
    persons = sum(one["points"] for one in record["persons"]) + record["time"]["points"]
    assert persons + others == pytest.approx(record["change"], abs=1e-9)
    for view in ("sources", "stories"):
        assert sum(one["points"] for one in record[view]) + others == pytest.approx(
            record["change"], abs=1e-9
        )


def test_published_days_are_explained_as_they_were_published(app: App) -> None:
    live(app, post(500, "Acme is awful, too late", 3 * DAY), now=NOW)

    found = explained(app)

    assert (found.before.revision, found.after.revision) == (1, 1)
    assert {one.name for one in found.persons} == {f"x:@author{one}" for one in range(100, 110)}
    assert {one.how for one in found.persons} == {How.CAME}
    assert found.comparison.beyond_chance is True
    assert len(found.authors) == 5
    adds_up(found)


def test_who_is_erased_is_one_line_and_still_counts(app: App) -> None:
    before = explained(app)
    with app.database.begin() as session:
        wrote = select(MentionRow.id).where(MentionRow.external_id.in_(["100", "101", "102"]))
        deletions.purge(session, session.scalars(wrote).all(), now=NOW)

    found = explained(app)

    (erased,) = [one for one in found.persons if one.name == ERASED]
    assert (erased.n, erased.how) == (3, None)
    assert found.found == before.found
    assert len(found.persons) == 8
    adds_up(found)
    assert "author100" not in str(account_json(found))


def test_a_story_is_named_by_its_first_post_as_long_as_it_is_shown(app: App) -> None:
    told = "Acme throws away tents that are as good as new, says a former worker: awful, awful"
    live(app, *(post(one, told, 2 * DAY) for one in (600, 601)))
    with app.database.begin() as session:
        rows = session.scalars(
            select(MentionRow).where(MentionRow.external_id.in_(["600", "601"]))
        ).all()
        for row in rows:
            assert row.story_id == rows[0].story_id is not None
    publishing.publish_due(app, at=end_of(LATER, app.config) + HOUR)

    found = explained(app)

    story = next(one for one in found.stories if one.story)
    assert (story.source, story.n_before, story.n_after) == ("x", 0, 1)
    assert story.excerpt.startswith("Acme throws away tents")
    assert len(story.excerpt) <= 81
    assert story.points < 0
    adds_up(found)


def test_a_day_without_a_score_has_nothing_to_explain(app: App) -> None:
    with app.database.read() as session:
        found = explaining.account_of(
            session, "Acme", EARLIER - 40 * DAY, LATER, app.config, now=NOW
        )

    assert (found.found.change, found.persons, found.alike) == (None, [], None)
    assert found.comparison.lines == (
        f"{EARLIER - 40 * DAY} has no score: 0 persons wrote, fewer than 30",
    )
    assert account_json(found)["change"] is None
