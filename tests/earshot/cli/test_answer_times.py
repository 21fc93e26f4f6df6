"""`alerts times`: the figures for people and for scripts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.mention import Author
from tests.earshot.cli.conftest import ACME, AWFUL, HOUR, NOW, Cli, take_in

MINUTE = timedelta(minutes=1)
# The tenth, the oldest that waits, does so for 49 hours: the words stay true for the hour after.
FIRST = NOW - 49 * HOUR - 10 * MINUTE
ELSEWHERE = "(0 of these elsewhere, 0 due in time)"
WAITING = "pending 0, overdue 3, the oldest waits 2 d 1 h"
EVERYBODY = "with those still waiting (n 12): p50 6 h, p90 not reached"


@pytest.fixture
def answered(cli: Cli) -> Cli:
    """Twelve complaints of two days ago, two of Reddit; nine were answered, after 1 to 9 hours."""
    posts = []
    for n in range(1, 13):
        source = "reddit" if n > 10 else "x"
        author = Author(f"t2_{n}" if source == "reddit" else f"{n}", f"author{n}")
        asked = FIRST + n * MINUTE
        posts.append(
            replace(
                AWFUL,
                source=source,
                external_id=f"{n}",
                conversation_id=f"{n}",
                author=author,
                published_at=asked,
                text=f"Acme is awful, says number {n}",
            )
        )
        if n < 10:
            posts.append(
                replace(
                    posts[-1],
                    external_id=f"r{n}",
                    parent_id=f"{n}",
                    author=ACME,
                    text="Sorry!",
                    published_at=asked + n * HOUR,
                )
            )
    take_in(cli, *posts)
    return cli


def test_figures_for_people(answered: Cli) -> None:
    shown = answered("alerts", "times").lines

    assert shown == [
        "Acme: 4 of 12 due in time, 33% (14% to 61%)",
        f"  12 needed an answer, 9 got one {ELSEWHERE}; {WAITING}",
        f"  among the answered (n 9): fewer than 10: no percentiles; {EVERYBODY}",
        "  alerts: nobody has handled any yet",
    ]


def test_figures_for_scripts(answered: Cli) -> None:
    answered("alerts", "ack", 12)
    record = answered("alerts", "times", "--brand", "acme", "--json").record

    assert record["brand"] == "Acme"
    assert (record["needed"], record["due"], record["in_time"]) == (12, 12, 4)
    assert (record["answered_p50"], record["km_p50"], record["km_p90"]) == (None, 6 * 3600, None)
    assert record["attainment"] == pytest.approx(4 / 12)
    assert record["alerts"]["handled"] == 1
    assert record["alerts"]["share"] == 1


def test_figures_of_each_source_and_person(answered: Cli) -> None:
    answered("alerts", "assign", 12, "kim")
    by_source = answered("alerts", "times", "--by", "source", "--json").records
    by_person = answered("alerts", "times", "--by", "person").out

    assert [(one["by"], one["group"], one["needed"]) for one in by_source] == [
        ("source", "reddit", 2),
        ("source", "x", 10),
    ]
    assert "Acme kim: 0 of 1 due in time" in by_person
    assert "Acme (nobody): 4 of 11 due in time" in by_person


def test_the_hours_of_the_week_stand_in_their_order(answered: Cli) -> None:
    found = answered("alerts", "times", "--by", "hour", "--json").records

    assert sum(one["needed"] for one in found) == 12
    tz = answered.app.config.tz
    first, last = ((FIRST + n * MINUTE).astimezone(tz).strftime("%a %H:00") for n in (1, 12))
    assert {one["group"] for one in found} == {first, last}


def test_only_what_was_posted_since_counts(answered: Cli) -> None:
    assert answered("alerts", "times", "--since", "47h").lines[0] == (
        "Acme: nothing was due, so there is no share in time"
    )
