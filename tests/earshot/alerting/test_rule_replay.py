from earshot.alerting.rule_replay import replay
from earshot.core.app import App
from storage.tables import IncidentRow, OutboxRow
from tests.conftest import MakeApp
from tests.earshot.world import BEN, DAY, HOUR, NOW, live, mention, with_words


def keys(app: App) -> list[str]:
    fired = replay(app, since=NOW - 30 * DAY, now=NOW)
    return [one.candidate.external_id for one in fired]


def test_says_what_would_have_fired_and_changes_nothing(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(
        app,
        mention("2", published_at=NOW - 20 * DAY),
        mention("1", published_at=NOW - 25 * DAY, author=BEN),
        mention("3", "Acme is lovely", published_at=NOW - 10 * DAY),
        mention("4", published_at=NOW - 9 * DAY, is_repost=True),
        mention("5", published_at=NOW - 40 * DAY),
    )

    fired = replay(app, since=NOW - 30 * DAY, now=NOW)

    assert [one.candidate.external_id for one in fired] == ["1", "2"]
    assert [one.opening.rule for one in fired] == ["negative"] * 2
    assert fired[0].at == NOW - 25 * DAY
    with app.database.read() as session:
        assert session.query(IncidentRow).count() == session.query(OutboxRow).count() == 0


def test_what_belongs_together_fires_once_until_it_was_quiet_for_72_hours(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app().app)
    start = NOW - 20 * DAY
    hours = (0, 71, 143, 216)
    live(
        app,
        *(
            mention(str(hour), conversation_id="t", published_at=start + hour * HOUR)
            for hour in hours
        ),
    )
    assert keys(app) == ["0", "216"]
