from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.incident import Incident
from domain.mention import Mention
from domain.sentiment import Label
from earshot.alerting import actions
from earshot.core.app import App
from earshot.reporting.unanswered import Unanswered, unanswered
from tests.conftest import MakeApp
from tests.earshot.world import (
    ACME,
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    live,
    mention,
    reply,
    store,
    with_words,
)


def waiting(app: App, *, since: timedelta = 60 * DAY) -> list[Unanswered]:
    with app.database.read() as session:
        return unanswered(session, app.config, since=NOW - since, now=NOW)


def posts(app: App) -> list[str]:
    return [one.candidate.external_id for one in waiting(app)]


def test_what_asks_stands_by_due_time_with_why(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(
        app,
        mention("late", published_at=NOW - 3 * HOUR),
        mention("later", author=BEN),
        mention("soon", "Acme caught fire", author=BEN),
        mention("praise", "Acme is lovely"),
    )
    found = waiting(app)
    assert [one.candidate.external_id for one in found] == ["soon", "late", "later"]
    assert [one.why for one in found] == [
        "safety word “caught fire”",
        "negative, 90% sure",
        "negative, 90% sure",
    ]
    assert found[0].due_at == NOW + 10 * MINUTE
    assert all(one.incident is not None for one in found)


def test_it_says_why_no_alert_told_of_it(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("history", published_at=NOW - 20 * DAY))
    [one] = waiting(app)
    assert one.incident is None
    assert "history" in one.no_alert
    assert one.due_at == NOW - 20 * DAY + 4 * HOUR


def test_what_is_owed_and_not_sent_is_no_alert_yet(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))
    assert [one.no_alert for one in waiting(app)] == ["it has not been sent yet"]


@pytest.mark.parametrize(
    "quiet",
    [
        pytest.param(mention("2", author=ACME), id="own"),
        pytest.param(mention("2", is_repost=True, parent_id="0"), id="a repost"),
        pytest.param(mention("2", "Globex is awful"), id="about a competitor"),
    ],
)
def test_what_is_silent_is_not_among_them(make_app: MakeApp, quiet: Mention) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"), quiet)
    assert posts(app) == ["1"]


def test_an_answer_takes_it_away(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"), mention("2", author=BEN), reply("3", to="1"))
    assert posts(app) == ["2"]


@pytest.mark.parametrize("close", [actions.dismiss, actions.resolve])
def test_what_a_person_closed_waits_no_more(
    make_app: MakeApp, close: Callable[..., Incident]
) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))
    close(app, 1, by="eva", now=NOW)
    assert posts(app) == []


def test_a_correction_counts_at_once(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", "Acme is lovely"), mention("2", author=BEN))
    actions.correct(app, 1, None, Label.NEGATIVE, by="eva", now=NOW)
    actions.correct(app, 2, None, Label.POSITIVE, by="eva", now=NOW)
    assert posts(app) == ["1"]
    actions.correct(app, 1, None, None, by="eva", now=NOW)
    assert posts(app) == []


def test_what_is_older_is_left_out(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"), mention("2", author=BEN, published_at=NOW - 2 * DAY))
    assert [one.candidate.external_id for one in waiting(app, since=DAY)] == ["1"]


def test_what_nobody_has_judged_does_not_ask_yet(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    store(app, mention("1"))
    assert posts(app) == []
