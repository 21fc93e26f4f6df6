"""[alerts.quiet]."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import ConfigError
from earshot.config.load import load

BRAND = """
timezone = "Europe/Berlin"

[[brands]]
name = "Acme"
query = "acme"
"""


def quiet(tmp_path: Path, lines: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(f"{BRAND}\n[alerts.quiet]\n{lines}\n", encoding="utf-8")
    return path


def test_quiet_hours_are_those_of_the_zone_above(tmp_path: Path) -> None:
    found = load(quiet(tmp_path, 'from = "22:00"\nto = "07:00"'))
    evening = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)  # 22:00 in Berlin
    assert found.quiet_until(evening) == datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def test_without_the_table_no_hours_are_quiet(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(BRAND, encoding="utf-8")
    assert load(path).quiet_until(datetime(2026, 11, 20, 23, 0, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        pytest.param('from = "22:00"', "alerts.quiet.to", id="no end"),
        pytest.param('from = "22"\nto = "07:00"', "is not a time of day", id="no time"),
        pytest.param('from = "07:00"\nto = "07:00"', "are the same", id="no hours"),
        pytest.param('from = "22:00"\nto = "07:00"\ndays = []', "unknown key", id="another key"),
    ],
)
def test_what_is_wrong_names_its_key(tmp_path: Path, lines: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(quiet(tmp_path, lines))
    assert "alerts.quiet" in str(caught.value)
    assert problem in " ".join(caught.value.problems)
