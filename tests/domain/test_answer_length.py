import pytest

from domain.answer_length import MOST, length, most
from domain.network import NETWORKS


def test_limits_are_of_networks_there_are() -> None:
    assert set(MOST) <= set(NETWORKS)


@pytest.mark.parametrize(
    ("source", "characters"),
    [("x", 280), ("Twitter", 280), ("App Store", None), ("somewhere", None), ("Google Play", 350)],
)
def test_a_network_is_known_by_each_of_its_names(source: str, characters: int | None) -> None:
    assert most(source) == characters


# Counted by hand, by what the networks' documentation says.
@pytest.mark.parametrize(
    ("source", "text", "counted"),
    [
        pytest.param("x", "Hi @ana, sorry!", 15, id="letters"),
        pytest.param("x", "日本語", 6, id="x counts most scripts twice"),
        pytest.param("bluesky", "日本語", 3, id="others once"),
        pytest.param("x", "a 👨\u200d👩\u200d👧", 4, id="an emoji of several is two on X"),
        pytest.param("bluesky", "a 👨\u200d👩\u200d👧", 3, id="and one elsewhere"),
        pytest.param("x", "see https://acme.example/" + "a" * 90, 27, id="a link is 23"),
        pytest.param("mastodon", "see https://a.example", 27, id="a short one, too"),
        pytest.param("bluesky", "see https://a.example", 21, id="not on Bluesky"),
        pytest.param("mastodon", "@ana@social.example hi", 7, id="a name without its server"),
        pytest.param("reddit", "e\u0301", 1, id="a letter with its accent"),
        pytest.param("x", "👍🏽 ok", 5, id="a thumb with a colour"),
        pytest.param("x", "", 0, id="nothing"),
    ],
)
def test_it_is_counted_as_the_network_counts(source: str, text: str, counted: int) -> None:
    assert length(source, text) == counted
