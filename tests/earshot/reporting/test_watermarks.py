"""What is said of a change, by the posts as they stood and as they stand."""

from datetime import timedelta

import pytest

from earshot.reporting import watermarks
from earshot.reporting.watermarks import OTHERWISE, Standing, Watermark
from storage.link_ledger import Turn
from storage.listing_states import IncidentState, ListingState
from tests.earshot.world import DAY, HOUR, NOW

POST = ListingState(
    mention_id=1,
    published_at=NOW - DAY,
    author_id=7,
    label="neutral",
    corrected=None,
    is_hidden=False,
    waits=False,
    edited_at=None,
    is_deleted=False,
    answered_at=None,
)
POSTS = [POST._replace(mention_id=n, author_id=n) for n in range(1, 11)]
YARDSTICK = timedelta(hours=24)


def standing(posts: list[ListingState], *incidents: IncidentState) -> Standing:
    return Standing(posts, posts, incidents, YARDSTICK)


def watermark(of: Standing, judged: int = 0) -> Watermark:
    return Watermark("ORS-v2", "words@1", of.counts(), 0, of.newest, judged, "0f")


def why(before: Standing, now: Standing, *turns: Turn) -> str:
    return watermarks.why_changed(watermark(before), now, turns)


def changed(**values: object) -> list[ListingState]:
    """The first of the posts is another one."""
    return [POSTS[0]._replace(**values), *POSTS[1:]]  # type: ignore[arg-type]


def closed(how: str, *mention_ids: int, incident_id: int = 1) -> list[IncidentState]:
    return [IncidentState(incident_id, one, NOW - DAY, how) for one in mention_ids]


def test_it_is_stored_whole() -> None:
    of = watermark(standing(changed(is_hidden=True, edited_at=NOW), *closed("dismissed", 1)), 3)
    assert watermarks.load(of.dump()) == of


@pytest.mark.parametrize("text", ["", "listings=3 newest=3 model=-"])
def test_that_of_an_earlier_release_says_nothing(text: str) -> None:
    assert watermarks.load(text) is None


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        pytest.param({}, {"is_deleted": True, "author_id": None}, "1 post deleted", id="deleted"),
        pytest.param({"label": None}, {}, "1 score came late", id="scored"),
        pytest.param({}, {"corrected": "positive"}, "1 tone corrected", id="corrected"),
        pytest.param(
            {"corrected": "positive"}, {"corrected": "negative"}, "tones corrected anew", id="anew"
        ),
        pytest.param({}, {"edited_at": NOW}, "1 post edited", id="edited"),
        pytest.param(
            {"edited_at": NOW - HOUR}, {"edited_at": NOW}, "posts edited again", id="edited again"
        ),
        pytest.param({}, {"answered_at": NOW - HOUR}, "1 answer came late", id="answered"),
        pytest.param({}, {"answered_at": NOW + HOUR}, OTHERWISE, id="answered too late"),
        pytest.param({"answered_at": NOW - HOUR}, {}, "1 answer taken back", id="no answer"),
        pytest.param({}, {"author_id": 99}, OTHERWISE, id="what is not counted"),
    ],
)
def test_one_change(before: dict[str, object], now: dict[str, object], said: str) -> None:
    assert why(standing(changed(**before)), standing(changed(**now))) == said


def test_who_came_late_is_told_as_late_and_as_nothing_else() -> None:
    """Though they are edited, hidden, corrected, answered or not scored."""
    late = POST._replace(mention_id=20, edited_at=NOW, corrected="positive", answered_at=NOW)
    unscored = POST._replace(mention_id=21, label=None)
    noise = POST._replace(mention_id=22, is_hidden=True)
    now = standing([*POSTS, late, unscored, noise], *closed("dismissed", 20))
    assert why(standing(POSTS), now) == "2 mentions came late"


def test_who_came_and_who_went_are_counted_apart() -> None:
    late = [POST._replace(mention_id=n) for n in (20, 21)]
    assert why(standing(POSTS), standing([*POSTS[3:], *late])) == (
        "2 mentions came late, 3 mentions removed"
    )


def test_as_many_others_are_hidden() -> None:
    before = [POSTS[0]._replace(is_hidden=True), *POSTS[1:]]
    now = [POSTS[0], POSTS[1]._replace(is_hidden=True), *POSTS[2:]]
    assert why(standing(before), standing(now)) == "other posts hidden as noise"


def test_an_incident_counts_once_however_many_posts_it_has() -> None:
    now = standing(
        POSTS,
        *closed("dismissed", 1, 2, 3),
        *closed("dismissed", 4, incident_id=2),
        *closed("duplicate", 5, incident_id=3),
        *closed("elsewhere", 6, incident_id=4),
    )
    assert why(standing(POSTS), now) == (
        "2 incidents dismissed, 1 incident needs no answer, 1 incident answered elsewhere"
    )
    assert why(now, standing(POSTS, *closed("dismissed", 1))) == (
        "1 dismissal taken back, 1 incident needs an answer after all, "
        "1 answer elsewhere taken back"
    )


def test_of_links_only_those_count_that_hold_now_or_held() -> None:
    turns = [
        Turn(1, 1, 1, None, "proposed"),
        Turn(2, 1, 1, "proposed", "confirmed"),
        Turn(3, 2, 2, None, "confirmed"),
        Turn(4, 2, 2, "confirmed", "withdrawn"),  # as if it had never been
        Turn(5, 3, 3, "confirmed", "rejected"),
        Turn(6, 4, 99, None, "confirmed"),  # who wrote nothing here
    ]
    assert why(standing(POSTS), standing(POSTS), *turns) == "1 link confirmed, 1 link rejected"
    known = watermarks.why_changed(watermark(standing(POSTS), judged=4), standing(POSTS), turns)
    assert known == "1 link rejected"


def test_what_is_not_stored_any_more() -> None:
    before = watermark(standing(POSTS))
    late = POST._replace(mention_id=20)
    assert watermarks.removed(before, standing([*POSTS, late])) == 0
    assert watermarks.removed(before, standing([*POSTS[2:], late])) == 2
