from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from domain.errors import ConfigError, RemoteError
from earshot.core import circuit_breaker
from listener.sources.x.settings import XSettings
from storage import source_state
from storage.engine import Database
from tests.earshot.world import DAY, MINUTE, NOW

SETTINGS = XSettings(enabled=True, bearer_token=SecretStr("canary-1"))
OTHERS = XSettings(enabled=True, bearer_token=SecretStr("canary-2"))
REFUSED = RemoteError("x: refused (401)", permanent=True)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


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
    assert circuit_breaker.pause(failures, asked) == timedelta(minutes=minutes)


def test_a_pause_is_longer_by_its_jitter(database: Database) -> None:
    error = RemoteError("x: 503")
    circuit_breaker.failed(database, "x", error, now=NOW, settings=SETTINGS, jitter=0.5)
    almost = NOW + 89 * SECOND
    assert not circuit_breaker.allows(database, "x", now=almost, settings=SETTINGS)
    assert circuit_breaker.allows(database, "x", now=NOW + 90 * SECOND, settings=SETTINGS)


def test_an_unknown_source_may_be_called(database: Database) -> None:
    assert circuit_breaker.allows(database, "x", now=NOW, settings=SETTINGS)
    assert not circuit_breaker.is_off(database, "x", settings=SETTINGS)


def test_failures_in_a_row_make_the_pause_longer_and_success_ends_it(database: Database) -> None:
    at = NOW
    for minutes in (1, 2, 4, 8, 15, 15):
        circuit_breaker.failed(database, "x", RemoteError("x: 503"), now=at, settings=SETTINGS)
        end = at + minutes * MINUTE
        almost = end - timedelta(seconds=1)
        assert not circuit_breaker.allows(database, "x", now=almost, settings=SETTINGS)
        assert circuit_breaker.allows(database, "x", now=end, settings=SETTINGS)
        at = end
    circuit_breaker.succeeded(database, "x", now=at)
    circuit_breaker.failed(database, "x", RemoteError("x: 503"), now=at, settings=SETTINGS)
    assert circuit_breaker.allows(database, "x", now=at + MINUTE, settings=SETTINGS)


def refuse(database: Database, at: datetime, settings: XSettings = SETTINGS) -> datetime:
    """Refused at this time and whenever it may be asked again, until it is off; when that was."""
    while True:
        circuit_breaker.failed(database, "x", REFUSED, now=at, settings=settings)
        if circuit_breaker.is_off(database, "x", settings=settings):
            return at
        assert not circuit_breaker.allows(database, "x", now=at + HOUR - SECOND, settings=settings)
        assert circuit_breaker.allows(database, "x", now=at + HOUR, settings=settings)
        at += HOUR


def test_refused_again_and_again_it_is_off_and_asked_once_a_day(database: Database) -> None:
    off_at = refuse(database, NOW)
    assert off_at == NOW + 2 * HOUR
    for _ in range(3):
        almost = off_at + DAY - SECOND
        assert not circuit_breaker.allows(database, "x", now=almost, settings=SETTINGS)
        off_at += DAY
        assert circuit_breaker.allows(database, "x", now=off_at, settings=SETTINGS)
        circuit_breaker.failed(database, "x", REFUSED, now=off_at, settings=SETTINGS)
        assert circuit_breaker.is_off(database, "x", settings=SETTINGS)
    circuit_breaker.succeeded(database, "x", now=off_at)
    circuit_breaker.failed(database, "x", REFUSED, now=off_at, settings=SETTINGS)
    assert not circuit_breaker.is_off(database, "x", settings=SETTINGS)


def test_what_is_asked_by_hand_in_its_pause_is_refused_no_further(database: Database) -> None:
    for minutes in range(0, 59, 10):
        at = NOW + minutes * MINUTE
        circuit_breaker.failed(database, "x", REFUSED, now=at, settings=SETTINGS)
    assert not circuit_breaker.is_off(database, "x", settings=SETTINGS)
    assert circuit_breaker.allows(database, "x", now=NOW + HOUR, settings=SETTINGS)


def test_only_refusals_in_a_row_count(database: Database) -> None:
    for hours in range(9):
        error = RemoteError("x: 503") if hours % 3 else REFUSED
        circuit_breaker.failed(database, "x", error, now=NOW + hours * HOUR, settings=SETTINGS)
        assert not circuit_breaker.is_off(database, "x", settings=SETTINGS)
    pause_ends = NOW + 8 * HOUR + 2 * MINUTE
    assert circuit_breaker.allows(database, "x", now=pause_ends, settings=SETTINGS)


def test_other_settings_may_be_tried_at_once(database: Database) -> None:
    circuit_breaker.failed(database, "x", REFUSED, now=NOW, settings=SETTINGS)
    assert circuit_breaker.allows(database, "x", now=NOW, settings=OTHERS)
    refuse(database, NOW + HOUR)
    assert not circuit_breaker.is_off(database, "x", settings=OTHERS)
    assert circuit_breaker.allows(database, "x", now=NOW, settings=OTHERS)


@pytest.mark.parametrize(
    ("error", "sure"),
    [
        pytest.param(ConfigError("bad"), False, id="wrong settings"),
        pytest.param(REFUSED, True, id="in its own words"),
    ],
)
def test_what_is_sure_is_off_at_once(
    database: Database, error: RemoteError | ConfigError, *, sure: bool
) -> None:
    circuit_breaker.failed(database, "x", error, now=NOW, settings=SETTINGS, sure=sure)
    assert circuit_breaker.is_off(database, "x", settings=SETTINGS)
    assert not circuit_breaker.allows(database, "x", now=NOW + DAY - SECOND, settings=SETTINGS)
    assert circuit_breaker.allows(database, "x", now=NOW + DAY, settings=SETTINGS)


def test_whoever_sees_it_work_may_switch_it_on(database: Database) -> None:
    off_at = refuse(database, NOW)
    assert circuit_breaker.reset(database, "x")
    assert circuit_breaker.allows(database, "x", now=off_at, settings=SETTINGS)
    assert not circuit_breaker.reset(database, "x")
    assert not circuit_breaker.reset(database, "never tried")
    circuit_breaker.failed(database, "x", REFUSED, now=off_at, settings=SETTINGS)
    assert not circuit_breaker.reset(database, "x"), "one refusal alone"
    assert circuit_breaker.allows(database, "x", now=off_at, settings=SETTINGS)


def test_one_source_does_not_touch_another(database: Database) -> None:
    circuit_breaker.failed(database, "x", REFUSED, now=NOW, settings=SETTINGS)
    assert circuit_breaker.allows(database, "reddit", now=NOW, settings=SETTINGS)


def test_a_fingerprint_tells_settings_apart_and_gives_no_secret_away(database: Database) -> None:
    assert circuit_breaker.fingerprint(SETTINGS) != circuit_breaker.fingerprint(OTHERS)
    assert circuit_breaker.fingerprint(SETTINGS) == circuit_breaker.fingerprint(
        XSettings(enabled=True, bearer_token=SecretStr("canary-1"))
    )
    circuit_breaker.failed(database, "x", REFUSED, now=NOW, settings=SETTINGS)
    with database.read() as session:
        row = source_state.states(session)["x"]
    assert "canary" not in f"{row.fingerprint} {row.trouble}"
