"""One author's flood is one incident with a count."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from domain.incident import State
from domain.mention import Mention
from domain.press import NoAnswerNeeded
from earshot.alerting import actions
from earshot.core.app import App
from storage import incidents
from storage.tables import IncidentRow
from tests.conftest import MakeApp
from tests.earshot.world import ANA, HOUR, MINUTE, NOW, live, mention, with_words

TWO_BRANDS = """
[[brands]]
name = "Acme"
query = "acme"

[[brands]]
name = "Bolt"
query = "bolt"

[noise]
spam = false

[[alerts.rules]]
name = "negative"
answer_within = "24h"
"""


@pytest.fixture
def app(make_app: MakeApp) -> App:
    return with_words(make_app(basic=TWO_BRANDS).app)


def flood(numbers: range, **changed: Any) -> list[Mention]:  # noqa: ANN401 - any field
    """Ana's posts, each beginning a conversation."""
    return [mention(f"f{n}", f"Acme is awful, order {n}", **changed) for n in numbers]


def held(app: App) -> list[int]:
    """How many mentions each incident holds, oldest incident first."""
    with app.database.read() as session:
        ids = list(session.scalars(select(IncidentRow.id).order_by(IncidentRow.id)))
        found = incidents.mention_ids(session, ids)
        return [len(found[one]) for one in ids]


def test_one_authors_flood_is_one_incident_with_a_count(app: App) -> None:
    live(app, *flood(range(25)))
    live(app, *flood(range(25, 40)))
    assert held(app) == [40]


def test_a_flood_that_comes_one_by_one_is_one_incident_from_the_fifth_post_on(app: App) -> None:
    for number in range(20):
        at = NOW + number * MINUTE
        live(app, *flood(range(number, number + 1), published_at=at), now=at)
    assert held(app) == [1, 1, 1, 1, 16]


def test_some_conversations_of_one_author_stay_apart(app: App) -> None:
    live(app, *flood(range(4)))
    assert held(app) == [1, 1, 1, 1]


def test_conversations_of_one_author_days_apart_stay_apart(app: App) -> None:
    for number in range(6):
        at = NOW + number * 4 * HOUR
        live(app, *flood(range(number, number + 1), published_at=at), now=at)
    assert held(app) == [1] * 6


def test_posts_of_many_authors_are_no_flood_nor_are_those_by_nobody(app: App) -> None:
    people = [replace(ANA, id=str(n), handle=f"author{n}") for n in range(8)]
    live(app, *(mention(one.id, author=one) for one in people))
    live(app, *flood(range(8), author=None))
    assert held(app) == [1] * 16


def test_a_flood_is_of_one_brand(app: App) -> None:
    live(app, *flood(range(3)), *(mention(f"b{n}", f"Bolt is awful {n}") for n in range(3)))
    assert held(app) == [1] * 6


def test_while_a_flood_needs_an_answer_it_takes_its_authors_later_posts(app: App) -> None:
    live(app, *flood(range(10)))
    later = NOW + 30 * HOUR
    live(app, mention("late", published_at=later), now=later)
    assert held(app) == [11]


def test_a_flood_that_was_closed_by_hand_goes_on_in_the_same_incident(app: App) -> None:
    live(app, *flood(range(10)))
    actions.resolve(app, 1, NoAnswerNeeded(), by="ana", now=NOW)
    live(app, *flood(range(10, 20), published_at=NOW + HOUR), now=NOW + HOUR)
    assert held(app) == [20]
    with app.database.read() as session:
        assert incidents.get(session, 1).state is State.OPEN


def test_a_conversation_that_has_an_incident_keeps_it_in_a_flood(app: App) -> None:
    live(app, mention("root"))
    live(app, *flood(range(10)))
    live(app, mention("more", conversation_id="root"))
    assert held(app) == [2, 10]
