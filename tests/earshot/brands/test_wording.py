import pytest

from domain.errors import ConfigError
from earshot.brands.wording import SHIPPED, Wording, shipped_words
from tests.alerts.samples import triaged


@pytest.fixture(scope="module")
def shipped() -> Wording:
    return Wording({name: shipped_words(name, ()) for name in SHIPPED}, {})


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        pytest.param("Your wand got my wrist. Second degree says the nurse.", {"safety"}, id="en"),
        pytest.param("The battery CAUGHT FIRE on my desk", {"safety"}, id="upper case"),
        pytest.param("Die Maschine qualmte, wir waren in der Notaufnahme", {"safety"}, id="de"),
        pytest.param("Mon fils a eu une brulure, je vais porter plainte", {*SHIPPED}, id="fr"),
        pytest.param("Salía humo del cargador", {"safety"}, id="es"),
        pytest.param("La batteria ha preso fuoco", {"safety"}, id="it"),
        pytest.param("Levei um choque elétrico e já falei com o Procon", {*SHIPPED}, id="pt"),
        pytest.param("البطارية انفجرت في يدي", {"safety"}, id="ar"),
        pytest.param("You will hear from my lawyer", {"legal"}, id="courts"),
        pytest.param("This espresso is fire", set(), id="slang"),
        pytest.param("Fired up the Acme this morning, love it", set(), id="another word"),
        pytest.param("Stuck in traffic on Acme Road, all lanes burning rubber", set(), id="a jam"),
    ],
)
def test_the_lists_that_come_along(shipped: Wording, text: str, lists: set[str]) -> None:
    assert set(shipped.found(triaged(text=text)).words) == lists


def test_only_the_brands_languages_are_looked_for() -> None:
    assert "qualmt*" in shipped_words("safety", ["de"])
    assert "qualmt*" not in shipped_words("safety", ["en", "es"])
    assert set(shipped_words("safety", ["en"])) < set(shipped_words("safety", ()))


def test_a_word_may_end_in_a_star_and_several_are_a_phrase() -> None:
    wording = Wording({"churn": ["cancel*", "switching to"]}, {})
    for text, found in {
        "I am cancelling": "cancel*",
        "we are Switching to Globex": "switching to",
        "to switching": None,
    }.items():
        assert wording.found(triaged(text=text)).words.get("churn") == found


def test_queries_of_rules_see_the_fields_too() -> None:
    wording = Wording({}, {"ana": "author:ana parcel", "reviews": "type:review parcel"})
    assert wording.found(triaged()).queries == {"ana"}
    assert wording.found(triaged(rating=1.0, author_handle="bo")).queries == {"reviews"}


@pytest.mark.parametrize("words", [{"safety": ["!!"]}, {"safety": ["a b", "*"]}])
def test_a_word_that_is_none_is_refused(words: dict[str, list[str]]) -> None:
    with pytest.raises(ConfigError):
        Wording(words, {})
