"""What stands beside a score: what was heard, what is not scored, stars, by which rules."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from domain.mention import Author, Mention
from domain.reputation import Reputation, Stars
from domain.sentiment import Label
from domain.source_state import SourceState
from earshot.core.app import App
from earshot.reporting import coverage, measure
from earshot.reporting.rule_hashes import filters_of, rules_of
from storage import coverage as ledger
from storage import deletions, source_state
from tests.conftest import BASIC, MakeApp
from tests.storage.made import DAY, HOUR, NOW, mention, row_of, score, store

TODAY = date(2026, 11, 20)
READ = """
[sources.x]
enabled = true
bearer_token = "env:X_TOKEN"

[sources.hackernews]
enabled = true
"""


def in_utc(make_app: MakeApp, extra: str = "") -> App:
    """In a zone whose windows are all of one length."""
    return make_app(extra, basic=BASIC.replace("Europe/Madrid", "UTC")).app


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TOKEN", "canary-bearer")


def told(source: str, number: int, *, ago: timedelta = DAY, **more: Any) -> list[Mention]:  # noqa: ANN401
    """So many posts of a source, each of somebody else."""
    return [
        mention(
            f"{source} {one}",
            source=source,
            author=Author(f"{source} {one}", f"{source}{one}"),
            published_at=NOW - ago,
            **more,
        )
        for one in range(number)
    ]


def read_by(session: Session, app: App, source: str, days: int) -> None:
    """The source has been read for so many whole days, up to the end of today."""
    until = measure.end_of(TODAY, app.config)
    begun = until - days * DAY
    ledger.add(session, source, {"passes": 1}, now=begun)
    state = SourceState(source, first_at=begun, last_ok_at=until)
    source_state.save_state(session, state)


def measured(session: Session, app: App) -> Reputation:
    return measure.measure(session, "Acme", TODAY, app.config).reputation


def heard(found: Reputation) -> dict[str, float | None]:
    return {one.source: one.heard for one in found.sources}


def test_the_share_that_was_heard_is_weighed_by_what_each_source_brings(make_app: MakeApp) -> None:
    app = in_utc(make_app, READ)
    with app.database.begin() as session:
        store(session, *told("x", 90), *told("hackernews", 9))
        score(session)
        read_by(session, app, "x", 14)
        read_by(session, app, "hackernews", 56)
        found = measured(session, app)
    assert heard(found) == {"x": pytest.approx(0.5), "hackernews": pytest.approx(1)}
    # X was heard in a quarter of eight weeks and brought 90; the other one in all of them.
    x, other = 1 + 90 / 0.25, 1 + 9
    assert found.heard == pytest.approx((x * 0.5 + other) / (x + other))


def test_a_source_that_never_brought_anything_weighs_little(make_app: MakeApp) -> None:
    app = in_utc(make_app, READ)
    with app.database.begin() as session:
        store(session, *told("x", 99))
        score(session)
        read_by(session, app, "x", 56)
        found = measured(session, app)
        assert found.heard == pytest.approx(100 / 101)
        window = {"since": NOW - 28 * DAY, "until": NOW}
        read = coverage.read(session, app.config, since=window["since"], now=NOW)
        assert coverage.shares(read, [(NOW - DAY, NOW)]) == [pytest.approx(0.5)], "alike"
        usual = coverage.usual(session, "Acme", **window)
        assert coverage.shares(read, [(NOW - DAY, NOW)], usual) == [pytest.approx(100 / 101)]


def test_what_was_missed_of_another_brand_was_heard(make_app: MakeApp) -> None:
    app = in_utc(make_app, READ.replace("[sources.hackernews]\nenabled = true", ""))
    with app.database.begin() as session:
        store(session, *told("x", 9))
        score(session)
        read_by(session, app, "x", 56)
        for brand, days in (("Other", 7), ("Acme", 14)):
            source_state.add_gap(
                *(session, "x", brand),
                since=NOW - days * DAY,
                until=NOW - (days - 7) * DAY,
                reason="too many",
                now=NOW,
            )
        assert measured(session, app).heard == pytest.approx(0.75)


def test_what_is_imported_was_heard_between_its_first_and_its_last_mention(
    make_app: MakeApp,
) -> None:
    app = in_utc(make_app, READ)
    with app.database.begin() as session:
        until = measure.end_of(TODAY, app.config)
        sides = [*told("forum", 1, ago=NOW - until + 21 * DAY)]
        store(session, *sides)
        later = told("forum", 2, ago=NOW - until + 7 * DAY)[1:]
        store(session, *later)
        store(
            session, *told("shop", 1, ago=40 * DAY), *told("shop", 2, ago=NOW - until + 7 * DAY)[1:]
        )
        score(session)
        found = measured(session, app)
    assert heard(found) == {"forum": pytest.approx(0.5), "shop": pytest.approx(0.75)}
    assert found.heard == 0, "none of the sources that are read was ever heard"


def test_a_source_that_is_read_no_more_is_not_heard_from_then_on(make_app: MakeApp) -> None:
    app = in_utc(make_app)
    with app.database.begin() as session:
        store(session, *told("x", 3, ago=20 * DAY))
        score(session)
        read_by(session, app, "x", 56)
        stopped = measure.end_of(TODAY, app.config) - 14 * DAY
        source_state.save_state(session, SourceState("x", first_at=stopped, last_ok_at=stopped))
        found = measured(session, app)
    assert heard(found) == {"x": pytest.approx(0.5)}
    assert found.heard is None, "no source is read"


def test_what_waits_is_told_from_what_no_model_scores(make_app: MakeApp) -> None:
    app = in_utc(make_app)
    with app.database.begin() as session:
        store(session, *told("unread", 3))
        score(session, None)
        store(session, *told("x", 2))
        score(session, Label.POSITIVE)
        store(session, *told("new", 4), *told("old", 5, ago=60 * DAY))
        store(session, *told("repost", 1, is_repost=True))
        deletions.purge(session, [row_of(session, "new 0").id], now=NOW)
        found = measured(session, app)
        assert (found.waiting, found.unscored, found.n_persons) == (3, 4, 2)


def test_stars_stand_beside_and_change_nothing(make_app: MakeApp) -> None:
    app = in_utc(make_app)
    with app.database.begin() as session:
        store(session, *told("x", 40))
        score(session, Label.NEGATIVE)
        without = measured(session, app)
        for one in told("trustpilot", 5, rating=1.0):
            store(session, one)
        found = measured(session, app)
    assert without.stars == ()
    assert found.stars == (Stars("trustpilot", 5, (7 * 3.5 + 5) / 12),)
    assert found.score == without.score


def hashes(make_app: MakeApp, extra: str = "", brand: str = "") -> tuple[str, str]:
    basic = BASIC.replace('query = "acme"\n', f'query = "acme"\n{brand}')
    config = make_app(extra, basic=basic).app.config
    return rules_of(config, "Acme"), filters_of(config, "Acme")


EXAMPLES = """
relevant = ["acme kettle", "acme tea", "acme lid", "acme mug"]
irrelevant = ["acme of hills", "acme of life", "acme of art", "acme of fame"]
"""


@pytest.mark.parametrize(
    ("extra", "brand", "rules", "filters"),
    [
        pytest.param("", "", False, False, id="the same again"),
        pytest.param("[hours]\nfrom='09:00'\nto='17:00'", "", False, False, id="hours"),
        pytest.param("[alerts.words]\nlegal = ['sue']", "", True, False, id="words of law"),
        pytest.param("[alerts.words]\npress = ['reporter']", "", False, False, id="other words"),
        pytest.param("[noise]\nspam = false", "", False, True, id="noise"),
        pytest.param("[noise]\nblock_authors = ['x:7']", "", False, True, id="blocked authors"),
        pytest.param(
            "",
            EXAMPLES,
            False,
            True,
            id="examples",
        ),
        pytest.param("", "languages = ['en']\n", True, True, id="languages, which choose words"),
    ],
)
def test_a_hash_says_that_rules_or_filters_are_others(
    make_app: MakeApp, extra: str, brand: str, *, rules: bool, filters: bool
) -> None:
    before, after = hashes(make_app), hashes(make_app, extra, brand)
    assert (before[0] != after[0], before[1] != after[1]) == (rules, filters)
    assert all(len(one) == 12 for one in after)


def test_the_order_of_a_list_changes_no_hash(make_app: MakeApp) -> None:
    one = hashes(make_app, "[noise]\nblock_authors = ['x:7', 'x:8']")
    assert one == hashes(make_app, "[noise]\nblock_authors = ['x:8', 'x:7']")


def test_what_is_no_brand_has_no_filters(make_app: MakeApp) -> None:
    assert filters_of(in_utc(make_app).config, "Globex") == ""


def test_the_day_says_by_what_it_was_measured(make_app: MakeApp) -> None:
    app = in_utc(make_app)
    with app.database.begin() as session:
        store(session, *told("x", 1))
        score(session)
        found = measured(session, app)
    expected: Sequence[object] = ("tiny@1", 24 * HOUR, *hashes(make_app))
    assert (found.model, found.answer_yardstick, found.rules, found.filters) == tuple(expected)
