from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation.packing import pack, unpack
from reputation.voices import Voices, voices, without_author
from tests.reputation.opinions import NEWEST, UNTIL, crowd, opinion

SINCE = UNTIL - timedelta(days=28)
DAY = timedelta(days=1)


def heard(*opinions: object) -> Voices:
    return voices(opinions, since=SINCE, until=UNTIL)  # type: ignore[arg-type]


def test_a_person_has_one_stance_in_which_what_is_newer_weighs_more() -> None:
    found = heard(opinion(7, 1.0, ago=14 * DAY), opinion(7, -1.0, ago=timedelta(0.0)), *crowd(1))
    # 14 days halve a post: (0.5 * 1 - 1 * 1) is out, as `until` itself is not in the window.
    assert found.stance.tolist() == [1.0, 0.0] or found.stance.tolist() == [0.0, 1.0]
    both = heard(opinion(7, 1.0, ago=14 * DAY), opinion(7, -1.0))
    assert both.stance[0] == pytest.approx((0.5 - 1) / 1.5)
    assert both.recency[0] == pytest.approx(1.0)


def test_one_post_gives_its_polarity_to_the_last_bit() -> None:
    assert heard(opinion(1, 0.33, ago=3 * DAY)).stance[0] == 0.33


def test_of_whom_is_nobodys_or_not_scored_there_is_no_voice() -> None:
    opinions = [opinion(None, -0.9, label="negative"), opinion(2, None)]
    assert len(heard(*opinions)) == 0
    beside = without_author(opinions, since=SINCE, until=UNTIL)
    assert (beside.n, beside.negative) == (1, 1)


def test_a_person_on_two_sources_is_one_and_can_be_heard_on_one_of_them() -> None:
    found = heard(opinion(1, 1.0), opinion(1, -1.0, source="reddit"), opinion(2, 0.5))
    assert sorted(found.stance) == pytest.approx([0.0, 0.5])
    assert found.sources == ("reddit", "x")
    alone = found.on({"reddit"})
    assert (len(alone), alone.stance[0]) == (1, -1.0)
    assert len(found.on({"bluesky"})) == 0


def test_is_young_who_has_no_older_account() -> None:
    new, old = NEWEST - 20 * DAY, NEWEST - 400 * DAY
    found = heard(
        opinion(1, account_created_at=new),
        opinion(1, source="y", account=9, account_created_at=old),
        opinion(2, account_created_at=new),
        opinion(3),
    )
    assert dict(zip(found.person.tolist(), found.is_young.tolist(), strict=True)) == {
        1: False,
        2: True,
        3: False,
    }
    assert found.accounts == 4


@given(st.permutations(range(12)))
def test_the_order_of_the_posts_changes_no_bit(order: list[int]) -> None:
    opinions = [
        opinion(n % 5, (-1) ** n / (n + 2), ago=n * DAY + DAY, source="xy"[n % 2])
        for n in range(12)
    ]
    first, other = heard(*opinions), heard(*(opinions[n] for n in order), opinions[0])
    assert pack(first) == pack(other)


def test_comes_back_from_its_bytes() -> None:
    found = heard(*crowd(3, 0.25), opinion(9, -0.1, ago=5 * DAY, story=4, source="reddit"))
    again = unpack(pack(found))
    assert again.sources == found.sources
    assert again.accounts == found.accounts
    assert np.array_equal(again.stance, found.stance)
    assert np.array_equal(again.recency, found.recency)
    assert np.array_equal(again.story, found.story)
