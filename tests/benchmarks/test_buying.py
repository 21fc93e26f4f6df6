from benchmarks.buying import Read, counts
from domain.sentiment import Asks


def test_what_is_taken_for_buying_is_counted_from_a_probability_on() -> None:
    posts = [
        Read("en", Asks.BUYING, 0.9),
        Read("en", Asks.NOTHING, 0.6),
        Read("en", Asks.BUYING, 0.5),
        Read("de", Asks.BUYING, 0.3),
        Read("de", Asks.BUYING, 0),
        Read("de", Asks.PRAISE, 0),
    ]
    assert counts(posts, 0) == (3, 4, 4)
    assert counts(posts, 0.5) == (2, 3, 4)
    assert counts(posts, 0.95) == (0, 0, 4)
