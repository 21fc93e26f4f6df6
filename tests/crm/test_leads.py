from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.leads import (
    asks_something,
    best_first,
    by_month,
    counts,
    first_orders,
    lead,
    wanted,
)
from domain.lead import Account, BuyingPost, Counts, Known, Lead, Wanted
from domain.valuation import Purchase

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = date(2026, 11, 20)
MAY = date(2026, 5, 4)
QUARTER = timedelta(days=90)


def account(number: int = 1) -> Account:
    return Account(number, "x", str(number), f"author{number}", "", "", None)


def post(number: int, **changed: Any) -> BuyingPost:  # noqa: ANN401 -- any field
    told: dict[str, Any] = {
        "mention_id": number,
        "author_id": 1,
        "brand": "Acme",
        "published_at": NOW,
        "probability": 0.6,
        "story": number,
        "answered": False,
        "text": "I want one",
        "url": "",
    }
    return BuyingPost(**(told | changed))


def lead_of(*posts: BuyingPost, **known: Any) -> Lead:  # noqa: ANN401 -- any field
    return lead(Known(account(), "yes", **known), posts, now=NOW)


def points(one: Lead) -> dict[str, int]:
    return {part.name: part.points for part in one.parts}


def test_the_best_lead_there_can_be_has_100_points_and_the_worst_hardly_any() -> None:
    best = lead_of(
        *(post(n, probability=1.0, text="Shall I buy it?") for n in (1, 2, 3)),
        compares_with=("Globex",),
    )
    worst = lead_of(post(1, published_at=NOW - 900 * DAY, probability=0.5, answered=True))
    assert best.score == sum(part.most for part in best.parts) == 100
    assert worst.score == sum(points(worst).values()) == 12 + 5


@pytest.mark.parametrize(
    ("ago", "expected"),
    [(timedelta(), 30), (14 * DAY, 15), (28 * DAY, 8), (280 * DAY, 0), (-HOUR, 30)],
)
def test_recency_is_worth_half_after_two_weeks(ago: timedelta, expected: int) -> None:
    found = lead_of(post(1, published_at=NOW - ago))
    assert points(found)["recency"] == expected


def test_copies_count_once_and_no_more_than_three_posts_count() -> None:
    copies = [post(n, story=1) for n in (1, 2, 3)]
    assert (lead_of(*copies).posts, points(lead_of(*copies))["posts"]) == (1, 5)
    two = lead_of(*copies, post(4))
    assert (two.posts, points(two)["posts"]) == (2, 10)
    many = lead_of(*(post(n) for n in range(1, 9)))
    assert (many.posts, points(many)["posts"]) == (8, 15)


def test_the_newest_post_says_what_was_asked_and_whether_it_was_answered() -> None:
    first = post(1, published_at=NOW - 9 * DAY, probability=0.9, answered=True, text="How much?")
    found = lead_of(first, post(2, text="I'd take two", brand="Initech"))
    assert (found.newest.text, found.first_at) == ("I'd take two", NOW - 9 * DAY)
    assert found.brands == ("Acme", "Initech")
    assert (found.probability, found.is_question, found.answered) == (0.9, True, False)
    assert points(found)["unanswered"] == 10
    assert points(lead_of(first))["unanswered"] == 0


def test_a_post_about_two_brands_is_answered_once_both_have() -> None:
    one, other = post(1, answered=True), post(1, brand="Initech")
    assert not lead_of(one, other).answered
    assert lead_of(one, other).posts == 1


def test_of_the_same_score_the_newest_stands_first() -> None:
    found = [lead_of(post(n)) for n in (3, 9, 5)]
    weak = lead_of(post(11, probability=0.5))
    assert [one.newest.mention_id for one in best_first([weak, *found])] == [9, 5, 3, 11]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Is it any good? I want one", True),
        ("هل هي جيدة؟", True),
        ("\u8cb7\u3048\u308b\uff1f", True),
        ("I want one", False),
        ("I want this one: https://shop.example/p?id=4", False),
        ("www.shop.example/?p=1", False),
    ],
)
def test_a_question_mark_in_an_address_asks_nothing(text: str, expected: bool) -> None:  # noqa: FBT001
    assert asks_something(text) is expected


# --- orders ---------------------------------------------------------------------------------------


def paid(person: int, on: date, amount: int, order: str) -> Purchase:
    return Purchase(person, on, Decimal(amount), "EUR", order)


def test_the_first_order_is_one_that_was_kept() -> None:
    june, july = date(2026, 6, 1), date(2026, 7, 1)
    found = first_orders(
        [
            paid(1, MAY, 50, "shop:1"),
            paid(1, june, -50, "shop:1"),
            paid(1, july, 20, "shop:2"),
            paid(2, MAY, 50, "shop:3"),
            paid(2, MAY, -20, "shop:3"),
            paid(3, MAY, 50, "shop:4"),
            paid(3, june, -50, "shop:4"),
        ]
    )
    assert found == {1: july, 2: MAY}


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        pytest.param([MAY - DAY], None, id="a customer before"),
        pytest.param([MAY + DAY, MAY - DAY], None, id="one of two persons was"),
        pytest.param([MAY], Wanted(MAY, is_linked=True, ordered_on=MAY), id="the same day"),
        pytest.param(
            [MAY + 99 * DAY],
            Wanted(MAY, is_linked=True, ordered_on=MAY + 99 * DAY),
            id="later",
        ),
        pytest.param([], Wanted(MAY, is_linked=True, ordered_on=None), id="never"),
    ],
)
def test_who_had_ordered_before_is_none_who_wanted_to_become_a_customer(
    orders: list[date], expected: Wanted | None
) -> None:
    assert wanted(MAY, is_linked=True, orders=orders) == expected


def of(on: date, ordered_after: int | None = None, *, is_linked: bool = True) -> Wanted:
    ordered_on = None if ordered_after is None else on + timedelta(days=ordered_after)
    return Wanted(on, is_linked, ordered_on)


def test_whose_days_are_not_over_is_pending_whatever_they_did() -> None:
    last_day, day_after = TODAY - QUARTER, TODAY - QUARTER - DAY
    found = [of(last_day, 1), of(last_day, is_linked=False), of(day_after, 1)]
    assert counts(found, within=QUARTER, today=TODAY) == Counts(3, 2, linked=1, ordered=1)


def test_an_order_counts_up_to_the_last_of_the_days() -> None:
    found = [of(MAY, 0), of(MAY, 90), of(MAY, 91), of(MAY), of(MAY, is_linked=False)]
    assert counts(found, within=QUARTER, today=TODAY) == Counts(
        5, 0, linked=4, ordered=2, same_day=1
    )
    assert counts([], within=QUARTER, today=TODAY) == Counts()


def test_months_go_by_when_they_first_wanted_to_buy() -> None:
    april = of(date(2026, 4, 30))
    late = of(date(2026, 5, 31))
    assert by_month([late, april, of(MAY)]) == {
        date(2026, 4, 1): [april],
        date(2026, 5, 1): [late, of(MAY)],
    }
