from datetime import timedelta

import pytest
from sqlalchemy import func, select

from domain.errors import RemoteError
from domain.listing import Role, Stage
from earshot.core import circuit_breaker
from earshot.core.app import App
from earshot.pipeline import collect as collecting
from earshot.pipeline import score as scoring
from earshot.service import scheduler
from listener.source import Gap
from storage import hearing, source_state
from storage.tables import (
    CursorRow,
    GapRow,
    MentionBrandRow,
    MentionRow,
)
from tests.conftest import BASIC, MakeApp
from tests.earshot.world import (
    ACME,
    DAY,
    HOUR,
    NOW,
    Clock,
    Feed,
    mention,
    page,
    reply,
    with_sources,
    with_words,
)

BOTH = """
[sources.x]
enabled = true
bearer_token = "env:X_TOKEN"

[sources.reddit]
enabled = true
client_id = "invented"
client_secret = "env:REDDIT_SECRET"
"""


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TOKEN", "canary-bearer")
    monkeypatch.setenv("REDDIT_SECRET", "canary-secret")


def stored(app: App) -> list[str]:
    with app.database.read() as session:
        return sorted(session.scalars(select(MentionRow.external_id)))


def roles(app: App) -> dict[tuple[str, str], str]:
    with app.database.read() as session:
        rows = session.execute(
            select(MentionRow.external_id, MentionBrandRow.brand, MentionBrandRow.role).join(
                MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id
            )
        )
        return {(external_id, brand): role for external_id, brand, role in rows}


def test_pages_are_stored_with_their_cursor_and_counted(make_app: MakeApp) -> None:
    feed = Feed("x", [page(1, mention("1"), mention("2")), page(2, mention("3"))], only_for="Acme")
    app = with_sources(make_app(BOTH).app, feed)

    found = collecting.collect(app, "x", now=NOW)

    assert (found.fetched, found.matched, found.new, found.trouble) == (3, 3, 3, "")
    assert stored(app) == ["1", "2", "3"]
    with app.database.read() as session:
        row = session.get_one(CursorRow, ("x", "Acme"))
    assert row.state == {"page": 2}


def test_a_second_pass_goes_on_behind_the_cursor_and_doubles_nothing(make_app: MakeApp) -> None:
    feed = Feed("x", [page(1, mention("1"))], only_for="Acme")
    app = with_sources(make_app(BOTH).app, feed)
    collecting.collect(app, "x", now=NOW)
    feed.pages.append(page(2, mention("1"), mention("2")))

    found = collecting.collect(app, "x", now=NOW)

    assert (found.matched, found.new) == (2, 1)
    assert stored(app) == ["1", "2"]
    assert [cursor for watch, cursor, _ in feed.asked if watch.brand == "Acme"] == [
        None,
        {"page": 1},
    ]


def test_pages_before_a_failure_stay_and_the_next_pass_resumes_there(make_app: MakeApp) -> None:
    pages = [page(n, mention(str(n))) for n in (1, 2, 3)]
    feed = Feed("x", pages, {2: RemoteError("x: the service fails (503)")}, only_for="Acme")
    app = with_sources(make_app(BOTH).app, feed)

    found = collecting.collect(app, "x", now=NOW)
    assert found.trouble == "x: the service fails (503)"
    assert stored(app) == ["1", "2"]

    feed.fails.clear()
    again = collecting.collect(app, "x", now=NOW)
    assert (again.new, again.trouble) == (1, "")
    assert stored(app) == ["1", "2", "3"]


class KilledError(BaseException):
    """The process ends here."""


def test_a_crash_in_a_page_leaves_neither_its_mentions_nor_its_cursor(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed("x", [page(1, mention("1")), page(2, mention("2"))], only_for="Acme")
    app = with_sources(make_app(BOTH).app, feed)
    save, saved = source_state.save_cursor, []

    def dies_the_second_time(*args: object, **kwargs: object) -> None:
        saved.append(args)
        if len(saved) == 2:
            raise KilledError
        save(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(source_state, "save_cursor", dies_the_second_time)
    with pytest.raises(KilledError):
        collecting.collect(app, "x", now=NOW)
    assert stored(app) == ["1"]

    monkeypatch.undo()
    assert collecting.collect(app, "x", now=NOW).new == 1
    assert stored(app) == ["1", "2"]


def test_another_query_starts_with_an_empty_cursor(make_app: MakeApp) -> None:
    feed = Feed("x", [page(1, mention("1"))], only_for="Acme")
    collecting.collect(with_sources(make_app(BOTH).app, feed), "x", now=NOW)
    other = BASIC.replace('query = "acme"', 'query = "acme OR akme"')

    collecting.collect(with_sources(make_app(BOTH, basic=other).app, feed), "x", now=NOW)

    assert [cursor for watch, cursor, _ in feed.asked if watch.brand == "Acme"] == [None, None]


def test_other_languages_start_with_an_empty_cursor_and_are_asked_for(make_app: MakeApp) -> None:
    feed = Feed("x", [page(1, mention("1"))], only_for="Acme")
    collecting.collect(with_sources(make_app(BOTH).app, feed), "x", now=NOW)
    spoken = BASIC.replace('query = "acme"', 'query = "acme"\nlanguages = ["en", "es"]')

    collecting.collect(with_sources(make_app(BOTH, basic=spoken).app, feed), "x", now=NOW)

    watch, cursor, _ = next(asked for asked in feed.asked[2:] if asked[0].brand == "Acme")
    assert watch.languages == ("en", "es")
    assert cursor is None


def test_a_backfill_is_handed_to_the_source(make_app: MakeApp) -> None:
    feed = Feed("x")
    app = with_sources(make_app(BOTH).app, feed)
    collecting.collect(app, "x", now=NOW, since=NOW - DAY)
    assert {since for _, _, since in feed.asked} == {NOW - DAY}


def test_a_backfill_tells_how_far_it_has_come(make_app: MakeApp) -> None:
    old = mention("2", published_at=NOW - DAY)
    feed = Feed("x", [page(1, mention("1")), page(2, old), page(3)], only_for="Acme")
    told: list[str] = []

    collecting.collect_all(
        with_sources(make_app(BOTH).app, feed), ["x"], now=NOW, progress=told.append
    )

    assert told == [
        "x: fetched 1, new 1 for Acme, back to 2026-11-20T11:55:00Z",
        "x: fetched 2, new 2 for Acme, back to 2026-11-19T12:00:00Z",
        "x: fetched 2, new 2 for Acme",
    ]


def test_a_gap_is_stored_with_the_page_that_showed_it(make_app: MakeApp) -> None:
    gap = Gap(NOW - DAY, NOW - HOUR, "x: search sees 7 days, and this stretch is older")
    feed = Feed("x", [page(1, mention("1"), gap=gap)], only_for="Acme")
    app = with_sources(make_app(BOTH).app, feed)

    found = collecting.collect(app, "x", now=NOW)
    collecting.collect(app, "x", now=NOW)

    assert found.gaps == [gap.reason]
    with app.database.read() as session:
        row = session.scalars(select(GapRow)).one()
    assert (row.source, row.brand, row.since, row.until) == ("x", "Acme", gap.since, gap.until)


def test_what_cannot_be_read_is_told(make_app: MakeApp) -> None:
    feed = Feed("x", [page(1, broken=("x post 9: it has no text",))], only_for="Acme")
    app = with_sources(make_app(BOTH).app, feed)
    assert collecting.collect(app, "x", now=NOW).broken == ["x post 9: it has no text"]


def test_one_failing_source_never_stops_the_others(make_app: MakeApp) -> None:
    failing = Feed("x", fails={0: RemoteError("x: rate limited (429)")})
    fine = Feed("reddit", [page(1, mention("r1", source="reddit"))], only_for="Acme")
    app = with_words(with_sources(make_app(BOTH).app, failing, fine))
    clock = Clock()

    passed = scheduler.full_pass(app, clock=clock, wait=clock.wait)
    found = {one.source: one for one in passed.collected}

    assert found["x"].trouble == "x: rate limited (429)"
    assert (found["reddit"].new, found["reddit"].trouble) == (1, "")
    with app.database.read() as session:
        states = source_state.states(session)
    assert (states["x"].trouble, states["x"].failures) == ("x: rate limited (429)", 1)
    assert states["x"].last_ok_at is None
    assert (states["reddit"].trouble, states["reddit"].last_ok_at) == ("", NOW)


def test_a_paused_source_is_left_alone_until_its_time_has_come(make_app: MakeApp) -> None:
    wait = timedelta(minutes=7)
    feed = Feed("x", fails={0: RemoteError("x: rate limited (429)", retry_after=wait)})
    app = with_sources(make_app(BOTH).app, feed)
    settings = app.config.sources["x"]
    collecting.collect(app, "x", now=NOW)

    before = NOW + wait - timedelta(seconds=1)
    assert not circuit_breaker.allows(app.database, "x", now=before, settings=settings)
    assert circuit_breaker.allows(app.database, "x", now=NOW + wait, settings=settings)

    feed.fails.clear()
    collecting.collect(app, "x", now=NOW + wait)
    assert circuit_breaker.allows(app.database, "x", now=NOW + wait, settings=settings)


def test_a_source_refused_three_times_is_off_until_its_configuration_changes(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = RemoteError("x: refused (401): Unauthorized", permanent=True)
    app = with_sources(make_app(BOTH).app, Feed("x", fails={0: refusal}))
    settings = app.config.sources["x"]
    for hours in range(3):
        assert not circuit_breaker.is_off(app.database, "x", settings=settings)
        collecting.collect(app, "x", now=NOW + timedelta(hours=hours))

    assert circuit_breaker.is_off(app.database, "x", settings=settings)
    later = NOW + DAY
    assert not circuit_breaker.allows(app.database, "x", now=later, settings=settings)

    monkeypatch.setenv("X_TOKEN", "a-new-bearer")
    changed = make_app(BOTH).app
    settings = changed.config.sources["x"]
    assert circuit_breaker.allows(changed.database, "x", now=later, settings=settings)
    collecting.collect(with_sources(changed, Feed("x")), "x", now=later)
    with changed.database.read() as session:
        state = source_state.states(session)["x"]
    assert (state.off, state.trouble, state.failures) == (False, "", 0)


def test_own_posts_are_kept_as_own_and_go_no_further(make_app: MakeApp) -> None:
    own = [reply("2", to="1"), mention("3", "Acme is lovely", author=ACME)]
    feed = Feed("x", [page(1, mention("1"), *own)], only_for="Acme")
    app = with_words(with_sources(make_app(BOTH).app, feed))

    found = collecting.collect(app, "x", now=NOW)

    assert found.matched == 1
    assert roles(app) == {
        ("1", "Acme"): Role.BRAND,
        ("2", "Acme"): Role.OWN,
        ("3", "Acme"): Role.OWN,
    }
    assert scoring.score(app, now=NOW) == 1
    with app.database.read() as session:
        waiting = session.scalar(
            select(func.count())
            .select_from(MentionBrandRow)
            .where(MentionBrandRow.role == Role.OWN, MentionBrandRow.stage != Stage.DONE)
        )
    assert waiting == 0


def test_a_post_found_for_a_second_brand_gets_a_second_listing(make_app: MakeApp) -> None:
    two = BASIC.replace("[[alerts.rules]]", '[[brands]]\nname = "Bolt"\nquery = "bolt"\n\n', 1)
    two = two.replace('\nname = "vip"', '\n[[alerts.rules]]\nname = "vip"')
    app = make_app(BOTH, basic=two).app
    with_sources(app, Feed("x", [page(1, mention("1", "no name in it"))], only_for="Acme"))
    collecting.collect(app, "x", now=NOW)
    with_sources(app, Feed("x", [page(1, mention("1", "no name in it"))], only_for="Bolt"))

    found = collecting.collect(app, "x", now=NOW)

    assert (found.matched, found.new) == (1, 0)
    assert roles(app) == {("1", "Acme"): Role.BRAND, ("1", "Bolt"): Role.BRAND}


def test_what_a_source_cannot_be_asked_for_whole_is_matched_here(make_app: MakeApp) -> None:
    near = BASIC.replace('query = "acme"', 'query = "acme NEAR/1 awful"', 1)
    found = [mention("1", "Acme: awful"), mention("2", "Acme is what we call that awful thing")]
    feed = Feed("x", [page(1, *found)], only_for="Acme")
    app = with_sources(make_app(BOTH, basic=near).app, feed)

    collecting.collect(app, "x", now=NOW)

    assert set(roles(app)) == {("1", "Acme")}


def test_a_post_about_a_competitor_is_listed_for_share_of_voice(make_app: MakeApp) -> None:
    feed = Feed("x", [page(1, mention("1", "Globex beats Acme"), mention("2", "Globex!"))])
    app = with_sources(make_app(BOTH).app, feed)
    feed.only_for = "Globex"

    collecting.collect(app, "x", now=NOW)

    assert roles(app) == {
        ("1", "Acme"): Role.BRAND,
        ("1", "Globex"): Role.COMPETITOR,
        ("2", "Globex"): Role.COMPETITOR,
    }


def test_since_when_a_source_hears_whom_is_noted_by_passes_that_go_well(make_app: MakeApp) -> None:
    feed = Feed("x", [page(1, mention("1"))])
    app = with_sources(make_app(BOTH).app, feed)
    collecting.collect(app, "x", now=NOW)
    collecting.collect(app, "x", now=NOW + HOUR)
    with app.database.read() as session:
        found = hearing.since(session, ["Acme", "Globex"])
    assert found == {"x": {"Acme": NOW, "Globex": NOW}}


def test_a_brand_that_a_source_cannot_search_for_is_left_out_of_it_alone(
    make_app: MakeApp,
) -> None:
    feed = Feed("reddit", [page(1, mention("1", "Globex!"))])
    app = with_sources(make_app(BOTH, basic=BASIC.replace('"acme"', '"☕"')).app, feed)

    found = collecting.collect(app, "reddit", now=NOW)

    assert [watch.brand for watch, _, _ in feed.asked] == ["Globex"]
    (told,) = found.broken
    assert told.startswith("Acme is left out: query '☕': Reddit finds whole words only")
    assert (found.trouble, found.new, found.unreadable) == ("", 1, 0)


def test_posts_that_come_twice_in_one_page_are_stored_once(make_app: MakeApp) -> None:
    feed = Feed("x", [page(1, mention("1"), mention("1"), mention("1"))], only_for="Acme")
    app = with_sources(make_app(BOTH).app, feed)
    assert collecting.collect(app, "x", now=NOW).new == 1
    assert stored(app) == ["1"]


def test_an_author_told_without_details_keeps_those_known(make_app: MakeApp) -> None:
    bare = mention("2", author=type(ACME)(id="501", handle=""))
    app = with_sources(
        make_app(BOTH).app, Feed("x", [page(1, mention("1")), page(2, bare)], only_for="Acme")
    )
    collecting.collect(app, "x", now=NOW)
    with app.database.read() as session:
        found = session.scalars(select(MentionRow.author_id)).all()
    assert len(set(found)) == 1


def test_a_pause_begins_when_the_pass_failed_not_when_it_began(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(BOTH).app
    seconds = iter([0.0, 80.0])
    monkeypatch.setattr(collecting, "monotonic", lambda: next(seconds))
    told = RemoteError("x: rate limited (429)", retry_after=timedelta(seconds=60))
    collecting.collect(with_sources(app, Feed("x", fails={0: told})), "x", now=NOW)
    settings = app.config.sources["x"]
    assert not circuit_breaker.allows(
        app.database, "x", now=NOW + timedelta(seconds=139), settings=settings
    )
    assert circuit_breaker.allows(
        app.database, "x", now=NOW + timedelta(seconds=140), settings=settings
    )


def test_one_pass_leaves_a_paused_source_alone_and_says_so(make_app: MakeApp) -> None:
    app = with_words(make_app(BOTH).app)
    told = RemoteError("x: rate limited (429)", retry_after=timedelta(seconds=120))
    x, reddit = Feed("x", fails={0: told}), Feed("reddit")
    with_sources(app, x, reddit)
    clock = Clock()
    scheduler.full_pass(app, clock=clock, wait=clock.wait)
    asked = len(x.asked)

    passed = scheduler.full_pass(app, clock=clock, wait=clock.wait)

    assert len(x.asked) == asked
    assert [one.trouble for one in passed.collected] == [
        "",
        "x: left alone after its last trouble; see earshot doctor",
    ]
