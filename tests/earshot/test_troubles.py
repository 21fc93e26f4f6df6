from datetime import timedelta

import pytest
from pydantic import SecretStr

from domain.errors import ConfigError, RemoteError
from earshot import troubles
from listener.settings import XSettings
from storage import sources
from storage.engine import Database
from tests.earshot.world import DAY, MINUTE, NOW

SETTINGS = XSettings(enabled=True, bearer_token=SecretStr("canary-1"))
OTHERS = XSettings(enabled=True, bearer_token=SecretStr("canary-2"))
REFUSED = RemoteError("x: refused (401)", permanent=True)


@pytest.mark.parametrize(
    ("failures", "asked", "minutes"),
    [
        pytest.param(1, None, 1, id="the first"),
        pytest.param(2, None, 2, id="the second"),
        pytest.param(4, None, 8, id="the fourth"),
        pytest.param(5, None, 15, id="no longer than a quarter of an hour"),
        pytest.param(10_000, None, 15, id="for ever"),
        pytest.param(1, timedelta(minutes=40), 40, id="as long as asked"),
        pytest.param(9, timedelta(0), 0, id="asked for nothing"),
        pytest.param(1, timedelta(days=-3), 0, id="asked for the past"),
        pytest.param(1, timedelta(days=27_000), 24 * 60, id="asked for a lifetime"),
    ],
)
def test_pause(failures: int, asked: timedelta | None, minutes: int) -> None:
    assert troubles.pause(failures, asked) == timedelta(minutes=minutes)


def test_an_unknown_source_may_be_called(database: Database) -> None:
    assert troubles.may_call(database, "x", now=NOW, settings=SETTINGS)
    assert not troubles.is_off(database, "x", settings=SETTINGS)


def test_failures_in_a_row_make_the_pause_longer_and_success_ends_it(database: Database) -> None:
    at = NOW
    for minutes in (1, 2, 4, 8, 15, 15):
        troubles.note(database, "x", RemoteError("x: 503"), now=at, settings=SETTINGS)
        end = at + minutes * MINUTE
        almost = end - timedelta(seconds=1)
        assert not troubles.may_call(database, "x", now=almost, settings=SETTINGS)
        assert troubles.may_call(database, "x", now=end, settings=SETTINGS)
        at = end
    troubles.clear(database, "x", now=at)
    troubles.note(database, "x", RemoteError("x: 503"), now=at, settings=SETTINGS)
    assert troubles.may_call(database, "x", now=at + MINUTE, settings=SETTINGS)


@pytest.mark.parametrize(
    "error", [pytest.param(REFUSED, id="refused"), pytest.param(ConfigError("bad"), id="config")]
)
def test_a_refusal_holds_until_the_settings_change(
    database: Database, error: RemoteError | ConfigError
) -> None:
    troubles.note(database, "x", error, now=NOW, settings=SETTINGS)
    much_later = NOW + 900 * DAY
    assert troubles.is_off(database, "x", settings=SETTINGS)
    assert not troubles.may_call(database, "x", now=much_later, settings=SETTINGS)
    assert not troubles.is_off(database, "x", settings=OTHERS)
    assert troubles.may_call(database, "x", now=NOW, settings=OTHERS)


def test_whoever_sees_it_work_may_switch_it_on(database: Database) -> None:
    troubles.note(database, "x", REFUSED, now=NOW, settings=SETTINGS)
    assert troubles.switch_on(database, "x")
    assert troubles.may_call(database, "x", now=NOW, settings=SETTINGS)
    assert not troubles.switch_on(database, "x")
    assert not troubles.switch_on(database, "never tried")


def test_one_source_does_not_touch_another(database: Database) -> None:
    troubles.note(database, "x", REFUSED, now=NOW, settings=SETTINGS)
    assert troubles.may_call(database, "reddit", now=NOW, settings=SETTINGS)


def test_a_fingerprint_tells_settings_apart_and_gives_no_secret_away(database: Database) -> None:
    assert troubles.fingerprint(SETTINGS) != troubles.fingerprint(OTHERS)
    assert troubles.fingerprint(SETTINGS) == troubles.fingerprint(
        XSettings(enabled=True, bearer_token=SecretStr("canary-1"))
    )
    troubles.note(database, "x", REFUSED, now=NOW, settings=SETTINGS)
    with database.read() as session:
        row = sources.states(session)["x"]
    assert "canary" not in f"{row.fingerprint} {row.trouble}"
