from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.digest import words
from alerts.digest.headline import headline
from domain.customer import Amount
from domain.digest import (
    Digest,
)
from domain.network import PUBLIC
from domain.reputation import NpsProxy, Reputation
from domain.volume import DayVolume
from tests.alerts.digest_samples import (
    ANA,
    ASLEEP,
    BUSY,
    FIRST_DAY,
    LATE,
    NOW,
    NPS,
    QUIET,
    SOON,
    TODAY,
    reputation,
)


def ordinary(digest: Digest = BUSY, *, negative: int = 11, total: int = 50) -> Digest:
    """The same digest after a day of that volume, with the same score as a week before."""
    last = replace(digest.days[-1], negative=negative, neutral=total - negative, positive=0,
                   unsure=0, unscored=0)  # fmt: skip
    days = (*digest.days[:-1], last)
    return replace(digest, days=days, reputation_before=replace(digest.reputation))


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        pytest.param(
            ordinary(replace(BUSY, open_incidents=(SOON,))),
            "An ordinary day, 50 mentions yesterday, 11 negative: answer Ana Ruiz (gold) first,"
            " due in 50 m.",
            id="ordinary-day",
        ),
        pytest.param(
            ordinary(replace(BUSY, open_incidents=(LATE, LATE, SOON)), total=140),
            "140 mentions yesterday, 11 negative, twice the usual 51 or more: answer Tomasz Wilk"
            " (platinum) first, overdue by 3 h 20 m, 1 more overdue.",
            id="busy-day",
        ),
        pytest.param(
            ordinary(replace(QUIET, days=BUSY.days), total=11),
            "Only 11 mentions yesterday, 11 negative, half the usual 51 or less: nobody waits for"
            " an answer.",
            id="slow-day",
        ),
        pytest.param(
            replace(QUIET, open_incidents=(ASLEEP,)),
            "No mentions yesterday: every open incident is snoozed (1).",
            id="all-snoozed",
        ),
        pytest.param(
            replace(QUIET, customers_waiting=2),
            "No mentions yesterday: no incident is open, 2 known customers without an answer.",
            id="customers-below-every-rule",
        ),
        pytest.param(
            replace(QUIET, health=BUSY.health),
            "No mentions, and not every source answers: nobody waits for an answer, so look after"
            " Mastodon first.",
            id="silence-with-a-broken-source",
        ),
        pytest.param(
            FIRST_DAY, "No mentions yesterday: nobody waits for an answer.", id="first-day"
        ),
    ],
)
def test_headline_says_what_changed_and_what_to_do(digest: Digest, said: str) -> None:
    assert headline(digest, PUBLIC) == said


def test_headline_goes_by_the_author_when_no_customer_is_known() -> None:
    unknown = replace(SOON, incident=replace(SOON.incident, customer=None), quote=ASLEEP.quote)
    assert "answer @nordlicht77 first" in headline(replace(BUSY, open_incidents=(unknown,)), PUBLIC)


def test_headline_survives_names_of_white_space() -> None:
    nameless = replace(SOON.quote, author_name=" ", author_handle="\u200b")
    known = replace(ANA, name="\u200b", tier="")
    one = replace(SOON, incident=replace(SOON.incident, customer=known), quote=nameless)
    assert "answer the oldest incident first" in headline(
        replace(BUSY, open_incidents=(one,)), PUBLIC
    )


NOW_SCORE = reputation(61.3)
WEEK_AGO = reputation(65.5, TODAY - timedelta(days=7))


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        pytest.param(NOW_SCORE, WEEK_AGO, "−4.2 against seven days before (more than chance)",
                     id="beyond-both-intervals"),
        pytest.param(NOW_SCORE, reputation(60.5), "+0.8 against seven days before (within chance)",
                     id="inside-the-intervals"),
        pytest.param(NOW_SCORE, reputation(61.33), "unchanged since seven days before",
                     id="same-when-rounded"),
        pytest.param(NOW_SCORE, None, "nothing yet from seven days before", id="first-week"),
        pytest.param(NOW_SCORE, QUIET.reputation,
                     "no comparison with seven days before: too few authors", id="too-few-before"),
        pytest.param(NOW_SCORE, replace(WEEK_AGO, formula="ORS-v2"),
                     "no comparison with seven days before: the formula changed", id="formula"),
        pytest.param(NPS, replace(NPS, value=-40.0, low=-47.0, high=-33.0),
                     "+28 against seven days before (more than chance)", id="proxy"),
        pytest.param(NPS, replace(NPS, n_authors=99),
                     "no comparison with seven days before: it takes 100 authors in both",
                     id="proxy-below-100"),
    ],
)  # fmt: skip
def test_change_is_told_with_its_chance_or_not_at_all(
    now: Reputation | NpsProxy, before: Reputation | NpsProxy | None, said: str
) -> None:
    assert words.changed(now, before) == said


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(words.signed(-12.4), "−12", id="signed-down"),
        pytest.param(words.signed(12.6), "+13", id="signed-up"),
        pytest.param(words.signed(-0.4), "0", id="signed-nothing"),
        pytest.param(words.percent(0.004), "<1%", id="percent-below-one"),
        pytest.param(words.percent(0.0), "0%", id="percent-nothing"),
        pytest.param(words.ratio(1, 0), "–", id="percent-of-nothing"),
        pytest.param(words.money([Amount("EUR", 1830.4)]), "EUR 1,830", id="money"),
        pytest.param(words.money([Amount("", -5.0)]), "−5", id="money-without-currency"),
        pytest.param(
            words.money([Amount("EUR", 1830.4), Amount("USD", 20.0)]),
            "EUR 1,830 and USD 20",
            id="money-of-two-currencies",
        ),
        pytest.param(words.money([]), "0", id="no-money"),
        pytest.param(words.many(1, "mention"), "1 mention", id="one"),
        pytest.param(words.many(1830, "mention"), "1,830 mentions", id="many"),
        pytest.param(words.due(NOW, NOW), "overdue by 0 m", id="due-now"),
        pytest.param(words.due(NOW + timedelta(hours=26), NOW), "due in 1 d 2 h", id="due-later"),
    ],
)
def test_figures_look_alike_everywhere(shown: str, expected: str) -> None:
    assert shown == expected


def test_usual_day_needs_a_week_and_forgets_the_days_before_the_first_mention() -> None:
    assert words.usual([0, 0, 4, 4, 4, 4, 4, 4]) is None
    assert words.usual([0, 0, 4, 4, 4, 4, 4, 4, 0]) == 4
    assert words.usual([]) is None
    assert words.usual_total([DayVolume(TODAY, 9, 9, 9, 9, 9)] * 8) == 45
