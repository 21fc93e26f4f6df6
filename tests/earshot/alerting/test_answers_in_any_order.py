"""The same posts, answers and deletions end in the same clocks, whatever comes first."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from domain.mention import Author, Mention
from earshot.compliance import redaction
from earshot.core.app import App
from storage import clocks, incidents
from storage.tables import Base, MentionBrandRow, MentionRow, SettingRow
from tests.conftest import BASIC, MakeApp
from tests.earshot.world import (
    BEN,
    HOUR,
    MINUTE,
    NOW,
    key_of,
    live,
    mention,
    reply,
    with_words,
    work,
)

CLEO = Author(id="503", handle="cleo")
LOOK_ALIKE = Author(id="6666", handle="acme_he1p", name="Acme Help")
AUTOMATON = Author(id="2000", handle="acme_bot")
CONFIG = BASIC.replace(
    "competitors =",
    'auto_responders = ["x:2000"]\nauto_replies = ["we have got your message"]\ncompetitors =',
)
ASKED = NOW - 3 * HOUR
AGAIN = NOW - 100 * MINUTE


def below(external_id: str, parent: str, at: datetime, author: Author) -> Mention:
    return mention(
        external_id, parent_id=parent, conversation_id="1", published_at=at, author=author
    )


def answer(external_id: str, to: str, at: datetime, **changed: object) -> Mention:
    return reply(external_id, to, conversation_id="1", published_at=at, **changed)


COMPLAINT = mention("1", published_at=ASKED)
EVENTS: dict[str, Mention] = {
    "the complaint": COMPLAINT,
    "what its author adds": below("2", "1", AGAIN, COMPLAINT.author or BEN),
    "a sibling": below("3", "1", ASKED + MINUTE, BEN),
    "a quote": mention("4", parent_id="1", published_at=ASKED + 2 * MINUTE, author=CLEO),
    "an automatic account": answer("10", "1", ASKED + 3 * MINUTE, author=AUTOMATON),
    "an automatic text": answer(
        "11", "1", ASKED + 4 * MINUTE, text="Hi! We HAVE got your message, no. 7."
    ),
    "too soon": answer("12", "1", ASKED + 5 * MINUTE / 60),
    "a look-alike": answer("13", "1", ASKED + 6 * MINUTE, author=LOOK_ALIKE),
    "the answer": answer("14", "1", NOW - 2 * HOUR),
    "the answer to the sibling": answer("15", "3", NOW - 90 * MINUTE),
    "the answer to the quote": reply("16", "4", published_at=NOW - 80 * MINUTE),
    "the second answer": answer("17", "2", NOW - HOUR),
}
DELETION = "the deletion of the answer"


def forget_everything(app: App) -> None:
    with app.database.begin() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name != SettingRow.__tablename__:
                session.execute(delete(table))


def play(app: App, order: Sequence[str], pages: Sequence[int]) -> None:
    """Let the events come in this order, so many of them at once."""
    rest, now = list(order), NOW
    for size in [*pages, len(order)]:
        page, rest = rest[:size], rest[size:]
        now += MINUTE
        live(app, *(EVENTS[name] for name in page if name != DELETION), now=now)
        if DELETION in page:
            with app.database.begin() as session:
                ids = select(MentionRow.id).where(MentionRow.external_id == "14")
                deleted_at = EVENTS["the answer"].published_at + 29 * MINUTE
                redaction.take_back(session, app, session.scalars(ids).all(), now=deleted_at)
            work(app, now=now)


def outcome(app: App) -> tuple[dict[str, object], dict[str, datetime | None]]:
    """Each author's clocks, and when each mention was answered."""
    found: dict[str, object] = {}
    with app.database.read() as session:
        for name, author, root in (("ana", "501", "1"), ("ben", "502", "1"), ("cleo", "503", "4")):
            one = incidents.newest_with_key(session, key_of(session, author, root))
            assert one is not None
            ran = clocks.of(session, [one.id])[one.id]
            assert ran[-1] == one.present
            assert len(ran) == one.clock
            spans = [(clock.posted_at, clock.due_at, clock.answered_at, clock.how) for clock in ran]
            found[name] = (str(one.state), spans)
        rows = session.execute(
            select(MentionRow.external_id, MentionBrandRow.answered_at)
            .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
            .where(MentionBrandRow.role == "brand")
        ).all()
    return found, {row.external_id: row.answered_at for row in rows}


@pytest.fixture
def app(make_app: MakeApp) -> App:
    return with_words(make_app(basic=CONFIG).app)


def answered(asked: datetime, at: datetime) -> tuple[datetime, datetime, datetime, str]:
    return asked, asked + 4 * HOUR, at, "replied"


BEN_AND_CLEO = {
    "ben": ("resolved", [answered(ASKED + MINUTE, NOW - 90 * MINUTE)]),
    "cleo": ("resolved", [answered(ASKED + 2 * MINUTE, NOW - 80 * MINUTE)]),
}
WHEN_IT_STANDS = {
    "ana": ("resolved", [answered(ASKED, NOW - 2 * HOUR), answered(AGAIN, NOW - HOUR)]),
    **BEN_AND_CLEO,
}
WHEN_IT_IS_DELETED = {"ana": ("resolved", [answered(ASKED, NOW - HOUR)]), **BEN_AND_CLEO}
ANSWERED_AT = {"2": NOW - HOUR, "3": NOW - 90 * MINUTE, "4": NOW - 80 * MINUTE}


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.permutations(list(EVENTS)), st.lists(st.integers(1, 5), max_size=12))
def test_every_order_ends_in_the_same_clocks(app: App, order: list[str], pages: list[int]) -> None:
    forget_everything(app)
    play(app, order, pages)
    assert outcome(app) == (WHEN_IT_STANDS, {"1": NOW - 2 * HOUR, **ANSWERED_AT})


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.permutations([*EVENTS, DELETION]), st.lists(st.integers(1, 5), max_size=12))
def test_an_answer_deleted_soon_leaves_nothing_behind(
    app: App, order: list[str], pages: list[int]
) -> None:
    forget_everything(app)
    order.remove(DELETION)  # what is deleted before it is seen is never seen
    order.insert(order.index("the answer") + 1 + len(pages) % 3, DELETION)
    play(app, order, pages)
    assert outcome(app) == (WHEN_IT_IS_DELETED, {"1": NOW - HOUR, **ANSWERED_AT})
