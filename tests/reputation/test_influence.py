"""Who moves the score: the difference each author makes, against really leaving them out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.reputation import Reputation, Tone
from reputation.influence import influences
from reputation.score_v1 import reputation

UNTIL = datetime(2026, 11, 21, tzinfo=UTC)
DAY = date(2026, 11, 21)


def crowd(n: int) -> list[Tone]:
    return [
        Tone(
            f"x:{i:02}",
            UNTIL - timedelta(hours=1 + i * 9),
            (i % 7 - 3) / 3,
            i * 900,
            1.5 if i % 3 == 0 else None,
            f"text {i}",
        )
        for i in range(n)
    ]


def score(tones: list[Tone]) -> Reputation:
    return reputation("Acme", DAY, tones, [], until=UNTIL, prior=0.1, bootstrap=2)


def test_it_is_what_the_score_loses_when_the_author_is_left_out() -> None:
    tones = crowd(45)
    whole = score(tones)

    found = influences(tones, whole, until=UNTIL, prior=0.1)

    assert len(found) == 45
    for one in found:
        without = score([tone for tone in tones if tone.author != one.author])
        assert whole.score is not None
        assert without.score is not None
        assert one.points == pytest.approx(whole.score - without.score, abs=1e-9)


def test_the_strongest_comes_first_whichever_way_it_pulls() -> None:
    loud = Tone("x:loud", UNTIL - timedelta(hours=1), -1.0, 1_000_000, None, "loud")
    tones = [*(replace(tone, tier_weight=None) for tone in crowd(45)), loud]

    first, *others = influences(tones, score(tones), until=UNTIL, prior=0.1)

    assert first.author == "x:loud"
    assert first.points < 0
    sizes = [abs(one.points) for one in others]
    assert sizes == sorted(sizes, reverse=True)


def test_without_a_score_nobody_moves_it() -> None:
    assert influences(crowd(29), score(crowd(29)), until=UNTIL) == []
