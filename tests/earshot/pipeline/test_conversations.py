"""Posts that name nobody, in the conversations of a brand: from a forum that is read whole."""

from typing import Any

import pytest
from sqlalchemy import delete, select

from domain.incident import State
from domain.mention import Mention
from earshot.alerting import actions
from earshot.core.app import App
from earshot.pipeline import collect as collecting
from storage.tables import CursorRow, IncidentMentionRow, IncidentRow, MentionBrandRow, MentionRow
from tests.conftest import BASIC, MakeApp
from tests.earshot.world import (
    BEN,
    MINUTE,
    NOW,
    Feed,
    mention,
    page,
    reply,
    with_sources,
    with_words,
    work,
)

FORUM = """
[sources.discourse]
enabled = true
servers = ["https://forum.example.org"]
"""
COMPLAINT = "Acme is awful"


@pytest.fixture
def app(make_app: MakeApp) -> App:
    basic = BASIC.replace('"reddit:t2_acme"', '"discourse:1000"')
    return with_words(make_app(FORUM, basic=basic).app)


def said(external_id: str, text: str = "still awful", **changed: Any) -> Mention:  # noqa: ANN401 - any field
    """A post of the forum, by Ana."""
    return mention(external_id, text, source="discourse", **changed)


def below(external_id: str, parent: str, *, root: str = "1", **changed: Any) -> Mention:  # noqa: ANN401 - any field
    return said(external_id, parent_id=parent, conversation_id=root, **changed)


def hears(app: App, *posts: Mention) -> None:
    """One pass that brings these, and every step up to the messages."""
    feed = Feed("discourse", [page(1, *posts)])
    with app.database.begin() as session:
        session.execute(delete(CursorRow))  # a Feed counts its pages; every pass has its own
    collecting.collect(with_sources(app, feed), "discourse", now=NOW)
    work(app, now=NOW)


def heard(app: App) -> dict[str, tuple[str, bool]]:
    """What is listed for Acme: its role, and whether it wakes nobody."""
    with app.database.read() as session:
        rows = session.execute(
            select(MentionRow.external_id, MentionBrandRow.role, MentionBrandRow.quiet)
            .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
            .where(MentionBrandRow.brand == "Acme")
        )
        return {external_id: (role, quiet) for external_id, role, quiet in rows}


def states(app: App) -> list[State]:
    with app.database.read() as session:
        rows = session.scalars(select(IncidentRow).order_by(IncidentRow.id))
        return [State(row.state) for row in rows]


def in_incident(app: App) -> set[str]:
    with app.database.read() as session:
        return set(
            session.scalars(
                select(MentionRow.external_id).join(
                    IncidentMentionRow, IncidentMentionRow.mention_id == MentionRow.id
                )
            )
        )


BRAND, QUIET, OWN = ("brand", False), ("brand", True), ("own", False)


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        pytest.param(below("9", "2"), BRAND, id="an answer to the brand's answer"),
        pytest.param(below("9", "2", author=BEN), BRAND, id="by anybody"),
        pytest.param(below("9", "2", root="other"), BRAND, id="or a quote of it"),
        pytest.param(below("9", "7", root="2", author=BEN), BRAND, id="below what it began"),
        pytest.param(below("9", "2", is_repost=True), None, id="no plain repost"),
        pytest.param(below("9", "7", root="8"), None, id="no other conversation"),
        pytest.param(said("9"), None, id="no post of its own"),
    ],
)
def test_below_the_brands_own_posts_its_name_is_not_needed(
    app: App, post: Mention, expected: tuple[str, bool] | None
) -> None:
    hears(app, reply("2", to="1", source="discourse"))
    hears(app, post)
    assert heard(app).get("9") == expected


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        pytest.param(below("9", "1"), BRAND, id="its author goes on"),
        pytest.param(below("9", "7"), BRAND, id="deeper down"),
        pytest.param(below("9", "1", author=BEN), QUIET, id="what others say wakes nobody"),
        pytest.param(below("9", "1", author=None), QUIET, id="nor what nobody has said"),
        pytest.param(below("9", "1", author=BEN, text="Acme: awful"), BRAND, id="but by its name"),
        pytest.param(below("9", "7", root="8"), None, id="another conversation"),
    ],
)
def test_below_a_live_incident_the_brands_name_is_not_needed(
    app: App, post: Mention, expected: tuple[str, bool] | None
) -> None:
    hears(app, said("1", COMPLAINT))
    hears(app, post)
    assert heard(app).get("9") == expected


def test_two_whom_nobody_knows_are_not_taken_for_one(app: App) -> None:
    hears(app, said("1", COMPLAINT, author=None))
    hears(app, below("9", "1", author=None))
    assert heard(app)["9"] == QUIET


def test_below_a_mention_that_is_no_incident_the_name_is_needed(app: App) -> None:
    hears(app, said("1", "Acme is lovely"))
    hears(app, below("9", "1"))
    assert set(heard(app)) == {"1"}


def test_what_is_edited_and_names_the_brand_no_more_is_still_heard_there(app: App) -> None:
    hears(app, reply("2", to="1", source="discourse"))
    hears(app, below("9", "2", text=COMPLAINT))
    hears(app, below("9", "2", text="it is still awful, really", edited_at=NOW))
    assert states(app) == [State.OPEN]
    assert in_incident(app) == {"9"}


def test_when_the_incident_is_closed_the_name_is_needed_again(app: App) -> None:
    hears(app, said("1", COMPLAINT))
    actions.dismiss(app, 1, by="ana", now=NOW)
    hears(app, below("9", "1"))
    assert set(heard(app)) == {"1"}


def test_what_names_somebody_else_is_about_them(app: App) -> None:
    hears(app, said("1", COMPLAINT))
    hears(app, below("9", "1", text="Globex is awful, too"))
    assert set(heard(app)) == {"1"}


def test_a_page_that_brings_the_answer_later_than_its_parent_is_heard_when_it_comes_again(
    app: App,
) -> None:
    """Sources list newest first, and read what is recent twice."""
    hears(app, below("9", "1"), said("1", COMPLAINT))
    assert set(heard(app)) == {"1"}
    hears(app, below("9", "1"), said("1", COMPLAINT))
    assert heard(app)["9"] == BRAND


def test_an_own_post_in_the_same_page_is_known_at_once(app: App) -> None:
    hears(app, below("9", "2", author=BEN), reply("2", to="1", source="discourse"))
    assert heard(app)["9"] == BRAND


def test_its_author_joins_the_incident_and_others_do_not(app: App) -> None:
    hears(app, said("1", COMPLAINT))
    hears(app, below("8", "1"), below("9", "1", author=BEN))
    assert states(app) == [State.OPEN]
    assert in_incident(app) == {"1", "8"}


def test_that_the_answer_did_not_help_reopens_the_incident(app: App) -> None:
    answered = reply("2", to="1", source="discourse", published_at=NOW - 2 * MINUTE)
    hears(app, said("1", COMPLAINT), answered)
    assert states(app) == [State.RESOLVED]
    hears(app, below("9", "2", published_at=NOW - MINUTE))
    assert states(app) == [State.OPEN]
    assert in_incident(app) == {"1", "9"}
