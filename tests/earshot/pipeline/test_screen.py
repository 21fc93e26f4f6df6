"""What is noise goes no further; what has been told alerts no second time."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from domain.mention import Author, Mention
from earshot.alerting import rule_replay
from earshot.compliance import retention
from earshot.core.app import App
from storage import incidents, noise, views
from storage.tables import IncidentRow, MentionBrandRow
from storage.views import Filter
from tests.conftest import MakeApp
from tests.earshot.world import (
    ANA,
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Words,
    live,
    mention,
    reply,
    store,
    with_words,
    work,
)

EXAMPLES = """
relevant = ["acme broke my order", "acme support wrote back", "my acme bill is wrong", \
"bought it at acme"]
irrelevant = ["the acme of art", "at the acme of her career", "he reached the acme of joy", \
"an acme of grace"]
"""
KIM = Author("504", "kim_reads")
LONG = "the new acme kettle is awful, its lid comes off when you pour and the handle gets hot"


@pytest.fixture
def app(make_app: MakeApp) -> App:
    return with_words(make_app().app)


def brand_with(lines: str) -> str:
    """The brand of the basic configuration with these further keys."""
    return f'[[brands]]\nname = "Acme"\nquery = "acme"\ncompetitors = ["Globex"]\n{lines}\n' + RULE


RULE = """
[[alerts.rules]]
name = "negative"
min_confidence = 0.6
answer_within = "24h"
"""


def reasons(app: App) -> dict[str, str]:
    """Why each hidden mention is hidden."""
    with app.database.read() as session:
        found = views.search(session, Filter(hidden=True))
        return {view.mention.external_id: view.listing.hidden for view in found}


def opened(app: App) -> list[IncidentRow]:
    with app.database.read() as session:
        return list(session.scalars(select(IncidentRow).order_by(IncidentRow.id)))


# --- lists and signs ----------------------------------------------------------------------------


def test_who_is_blocked_is_neither_scored_nor_alerted(make_app: MakeApp) -> None:
    backend = Words()
    made = make_app('[noise]\nblock_authors = ["x:ben_brews"]')
    app = with_words(made.app, backend)

    live(app, mention("1"), mention("2", author=BEN))

    assert reasons(app) == {"2": "the author is on the list block_authors"}
    assert backend.batches == [1]
    assert len(opened(app)) == 1


def test_allowed_wins_over_every_rule(make_app: MakeApp) -> None:
    lists = """
    [noise]
    allow_authors = ["x:ana_writes"]
    block_authors = ["x:501"]
    block_words = ["awful"]
    """
    app = with_words(make_app(lists).app)
    live(app, *(mention(str(n)) for n in range(6)))
    assert reasons(app) == {}


def test_staff_are_heard_neither_as_the_public_nor_as_an_answer(make_app: MakeApp) -> None:
    app = with_words(make_app('[noise]\nstaff_accounts = ["x:ben_brews"]').app)
    live(app, mention("1"), reply("2", "1", author=BEN, text="acme says sorry"))
    assert reasons(app) == {"2": "written by a staff account"}
    assert [row.state for row in opened(app)] == ["open"]


def test_the_fourth_time_the_same_is_hidden_and_signs_may_be_switched_off(
    make_app: MakeApp,
) -> None:
    same = [mention(str(n), published_at=NOW - n * MINUTE) for n in range(5)]
    app = with_words(make_app().app)
    live(app, *same)
    assert set(reasons(app)) == {"0", "1"}, "the newest two of five"

    other = with_words(make_app("[noise]\nspam = false").app)
    live(other, *(replace(one, external_id=f"{one.external_id}b") for one in same))
    assert set(reasons(other)) == {"0", "1"}


def test_a_competitors_mention_is_sifted_by_lists_and_signs(app: App) -> None:
    bot = Author("9", "globex_bot")
    live(app, mention("1", "globex is lovely", author=bot))
    assert reasons(app) == {"1": "the account calls itself a bot"}


@pytest.mark.parametrize(
    ("lang", "said", "expected"),
    [
        pytest.param("de", "acme ist schlecht", "its source says language de", id="stated"),
        pytest.param("en", "acme ist schlecht", None, id="stated otherwise"),
        pytest.param(
            None,
            "die Kaffeemaschine von acme ist leider schon wieder kaputt gegangen",
            "it reads like language de",
            id="heard",
        ),
        pytest.param(None, "acme ok", None, id="too short to tell"),
    ],
)
def test_another_language_is_left_out(
    make_app: MakeApp, lang: str | None, said: str, expected: str | None
) -> None:
    app = with_words(make_app(basic=brand_with('languages = ["en", "fr"]')).app)
    store(app, mention("1", said, lang=lang), brand="Acme")
    work(app)
    wanted = {} if expected is None else {"1": f"{expected}, the brand has en, fr"}
    assert reasons(app) == wanted


def test_a_competitor_is_heard_in_the_languages_of_its_brand(make_app: MakeApp) -> None:
    app = with_words(make_app(basic=brand_with('languages = ["en"]')).app)
    store(app, mention("1", "globex ist schlecht", lang="de"), brand="Globex")
    store(app, mention("2", "globex is bad"), mention("3", "globex ist schlecht", lang="de"))
    work(app)
    assert reasons(app) == {"1": "its source says language de, the brand has en"}
    with app.database.read() as session:
        shown = views.search(session, Filter(brand="Globex"))
    assert [view.mention.external_id for view in shown] == ["2"], "3 was not even stored"


# --- relevance ----------------------------------------------------------------------------------


def test_examples_hide_what_is_about_something_else(make_app: MakeApp) -> None:
    app = with_words(make_app(basic=brand_with(EXAMPLES)).app)

    live(
        app,
        mention("1", "acme sent me the wrong order and support is silent"),
        mention("2", "her last novel is the acme of her career"),
    )

    assert list(reasons(app)) == ["2"]
    assert reasons(app)["2"].startswith("reads like what is not about Acme (-")
    assert reasons(app)["2"].endswith(" by 8 examples)")


def test_nothing_is_derived_by_examples_where_the_network_forbids_it(make_app: MakeApp) -> None:
    app = with_words(make_app(basic=brand_with(EXAMPLES)).app)
    live(app, mention("2", "her last novel is the acme of her career", source="youtube"))
    assert reasons(app) == {}
    assert "relevance" not in app.__dict__


def test_a_text_in_which_the_name_does_not_stand_is_shown(make_app: MakeApp) -> None:
    app = with_words(make_app(basic=brand_with(EXAMPLES)).app)
    store(app, mention("1", "the peak of art and joy and grace"), brand="Acme")
    work(app)
    assert reasons(app) == {}


def test_without_examples_no_second_model_is_loaded(app: App) -> None:
    live(app, mention("1", "her last novel is the acme of her career"))
    assert reasons(app) == {}
    assert "relevance" not in app.__dict__


def test_people_teach_what_is_hidden(app: App) -> None:
    shown = ("acme broke my order", "my acme bill is wrong", "bought it at acme", "acme wrote back")
    hidden = ("the acme of art", "the acme of her career", "the acme of joy", "an acme of grace")
    live(app, *(mention(f"{n}", said) for n, said in enumerate((*shown, *hidden))))
    with app.database.begin() as session:
        for view in views.search(session, Filter()):
            told = {"by": "kim", "now": NOW}
            noise.hide(session, view.mention.id, "Acme", **told)  # type: ignore[arg-type]
            if view.mention.text in shown:
                noise.restore(session, view.mention.id, "Acme", loud_since=NOW, **told)  # type: ignore[arg-type]

    live(app, mention("n", "this cathedral is the acme of its age"), mention("y", "acme lost it"))

    assert reasons(app)["n"].startswith("reads like what is not about Acme")
    assert "y" not in reasons(app)


# --- what happens again -------------------------------------------------------------------------


def test_what_is_put_back_is_scored_and_alerts(make_app: MakeApp) -> None:
    app = with_words(make_app('[noise]\nblock_words = ["awful"]').app)
    live(app, mention("1"))
    assert opened(app) == []
    with app.database.begin() as session:
        [view] = views.search(session, Filter(hidden=True))
        noise.restore(session, view.mention.id, "Acme", by="kim", now=NOW, loud_since=NOW - 7 * DAY)

    work(app)

    assert reasons(app) == {}, "the list does not overrule the person"
    assert len(opened(app)) == 1


def test_sifting_is_done_once(make_app: MakeApp) -> None:
    """Another model scores the old mentions again; new lists do not change what was."""
    app = with_words(make_app().app)
    live(app, mention("1"))
    blocked = make_app('[noise]\nblock_words = ["awful"]').app
    work(with_words(blocked, Words("words@2")))
    assert reasons(blocked) == {}


def test_new_lists_change_what_was_where_somebody_asks_for_it(make_app: MakeApp) -> None:
    app = with_words(make_app('[noise]\nblock_words = ["lovely"]').app)
    live(app, mention("1"), mention("2", "acme is lovely", author=BEN), mention("3", author=KIM))
    store(app, mention("old", published_at=NOW - 40 * DAY))
    work(app)
    with app.database.begin() as session:
        noise.hide(session, 3, "Acme", by="kim", now=NOW)
    blocked = with_words(make_app('[noise]\nblock_words = ["1st", "awful"]').app)
    before = opened(blocked)

    with blocked.database.begin() as session:
        assert noise.sift_again(session, since=NOW - 28 * DAY) == 2
    work(blocked)

    assert set(reasons(blocked)) == {"1", "3"}
    assert reasons(blocked)["3"] == "hidden by kim"
    assert [row.id for row in opened(blocked)] == [row.id for row in before]
    with blocked.database.read() as session:
        [shown] = views.search(session, Filter(since=NOW - DAY))
        assert shown.sentiment is not None, "what was hidden is scored"


def test_a_crash_between_sifting_and_scoring_repeats_nothing(make_app: MakeApp) -> None:
    app = with_words(make_app('[noise]\nblock_words = ["spam"]').app)
    store(app, mention("1"), mention("2", "acme spam"))
    with app.database.begin() as session:
        session.execute(text("UPDATE mention_brand SET sifted_by = '' WHERE mention_id = 1"))

    work(app)

    assert list(reasons(app)) == ["2"]
    with app.database.read() as session:
        assert set(session.scalars(select(MentionBrandRow.stage))) == {"done"}


# --- stories ------------------------------------------------------------------------------------


def copies(*authors: Author) -> list[Mention]:
    """The same long complaint by each of them, the first one first."""
    return [
        mention(f"c{n}", LONG, author=author, published_at=NOW - HOUR + n * MINUTE)
        for n, author in enumerate(authors)
    ]


def test_one_story_alerts_once(app: App) -> None:
    live(app, *copies(ANA, BEN, Author("503", "cleo")))

    [row] = opened(app)
    with app.database.read() as session:
        assert incidents.mention_ids(session, [row.id]) == {row.id: [1]}
        assert {view.mention.story_id for view in views.search(session, Filter())} == {1}
        assert len(views.search(session, Filter(stories=True))) == 1
    assert len(rule_replay.replay(app, since=NOW - DAY, now=NOW)) == 1


@pytest.mark.parametrize(
    "order",
    [pytest.param((0, 1, 2), id="first to last"), pytest.param((2, 1, 0), id="last to first")],
)
def test_a_story_alerts_once_whatever_pass_its_copies_come_in(
    app: App, order: Sequence[int]
) -> None:
    told = copies(ANA, BEN, Author("503", "cleo"))
    for n in order:
        live(app, told[n])
    assert len(opened(app)) == 1
    with app.database.read() as session:
        [head] = views.search(session, Filter(stories=True))
    assert head.mention.external_id == "c0"


def test_a_copy_on_another_network_does_not_alert_again(app: App) -> None:
    ana = Author("did:1", "ana_writes.example.social")
    live(app, mention("1"), mention("2", source="bluesky", author=ana))
    assert len(opened(app)) == 1


def test_a_copy_that_is_edited_into_another_complaint_alerts(app: App) -> None:
    first, copy = copies(ANA, BEN)
    live(app, first, copy)
    live(app, replace(copy, text="Acme is awful, my parcel is lost", edited_at=NOW))
    assert len(opened(app)) == 2


def test_short_complaints_of_two_people_are_two(app: App) -> None:
    live(app, mention("1"), mention("2", author=BEN))
    assert len(opened(app)) == 2


def test_the_author_who_says_it_again_after_the_answer_is_heard(app: App) -> None:
    first, later = copies(ANA, ANA)
    live(app, first, reply("r", "c0", published_at=NOW - 50 * MINUTE))
    assert [row.state for row in opened(app)] == ["resolved"]

    live(app, replace(later, published_at=NOW - 10 * MINUTE))

    assert [row.state for row in opened(app)] == ["resolved", "open"]


def test_old_marks_are_forgotten(app: App) -> None:
    live(app, *copies(ANA))
    retention.comply(app, now=NOW + 5 * DAY)
    with app.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM story_mark")) == 0
