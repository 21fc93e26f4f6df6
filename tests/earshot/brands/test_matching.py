from datetime import timedelta

import pytest

from domain.brand import Brand, Competitor, OwnAccount
from domain.listing import Role
from domain.mention import Author
from earshot.brands import matching
from earshot.brands.tracked import competing, tracked
from tests.earshot.world import ACME as ACME_HELP
from tests.earshot.world import NOW, mention

GLOBEX = Competitor("Globex")
ACME = Brand("Acme", '(acme OR "acme co") -anvil', (OwnAccount("x", "1000"),), (GLOBEX,))
BOLT = Brand(
    *("Bolt", "bolt", (OwnAccount("", "bolt_care"),), (Competitor("Acme"), GLOBEX), ("en", "es"))
)
ALL = tracked((ACME, BOLT))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Acme!", {"Acme": Role.BRAND}, id="a brand"),
        pytest.param("#acme", {"Acme": Role.BRAND}, id="a hashtag"),
        pytest.param("acmeology", {}, id="part of a word"),
        pytest.param("Acme anvil", {}, id="shut out by its query"),
        pytest.param("Globex", {"Globex": Role.COMPETITOR}, id="a competitor"),
        pytest.param("Acme or Bolt?", {"Acme": Role.BRAND, "Bolt": Role.BRAND}, id="two brands"),
        pytest.param("nobody", {}, id="nobody"),
        pytest.param("", {}, id="empty"),
    ],
)
def test_roles(text: str, expected: dict[str, Role]) -> None:
    assert matching.roles(mention("1", text), ALL) == expected


def test_a_competitor_that_is_a_brand_is_listed_once_as_the_brand() -> None:
    assert [one.name for one in ALL] == ["Acme", "Bolt", "Globex"]
    assert [one.name for one in competing(ALL, BOLT)] == ["Acme", "Globex"]


HOOLI = Competitor("Hooli", "hooli -gavin", (OwnAccount("x", "77"),))
RIVALS = tracked(
    (
        Brand("Acme", "acme", (OwnAccount("x", "1000"),), (HOOLI,), ("en",)),
        Brand("Bolt", "bolt", competitors=(Competitor("hooli"),), languages=("de", "en")),
    )
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Hooli!", {"Hooli": Role.COMPETITOR}, id="its query"),
        pytest.param("Gavin of Hooli", {}, id="shut out by its query"),
        pytest.param("Hooli or Bolt?", {"Hooli": Role.COMPETITOR, "Bolt": Role.BRAND}, id="both"),
    ],
)
def test_a_competitor_is_matched_by_a_query_of_its_own(
    text: str, expected: dict[str, Role]
) -> None:
    assert matching.roles(mention("1", text), RIVALS) == expected


def test_what_a_competitor_writes_is_its_own_and_still_a_mention_of_a_brand() -> None:
    by_hooli = mention("1", "Hooli beats Acme", author=Author("77", "hooli"))
    assert matching.roles(by_hooli, RIVALS) == {"Hooli": Role.OWN, "Acme": Role.BRAND}
    assert matching.automatic(by_hooli, RIVALS) == frozenset()


def test_what_a_brand_writes_about_a_competitor_is_no_mention_of_it() -> None:
    by_acme = mention("1", "We beat Hooli", author=Author("1000", "acme"))
    assert matching.roles(by_acme, RIVALS) == {"Acme": Role.OWN}


def test_what_answers_a_competitors_account_is_about_the_competitor() -> None:
    answer = mention("1", "my order is late", addressed=("77",))
    assert matching.roles(answer, RIVALS) == {"Hooli": Role.COMPETITOR}


def test_a_competitor_is_heard_in_the_languages_of_all_its_brands() -> None:
    (hooli,) = (one for one in RIVALS if one.name == "Hooli")
    assert hooli.watch.languages == ("en", "de")
    assert matching.roles(mention("1", "hooli", lang="fr"), RIVALS) == {}
    anywhere = tracked((Brand("Acme", "acme", competitors=(GLOBEX,)), BOLT))
    assert next(one for one in anywhere if one.name == "Globex").languages == ()


def test_a_competitors_accounts_are_not_followed_for_answers() -> None:
    (hooli,) = (one for one in RIVALS if one.name == "Hooli")
    assert (hooli.watch.own_accounts, hooli.watch.only_addressed) == ((), HOOLI.own_accounts)


def test_what_the_service_found_needs_no_match_here() -> None:
    found = matching.roles(mention("1", "see link"), ALL, found_for="Acme")
    assert found == {"Acme": Role.BRAND}


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        pytest.param("en", {"Bolt": Role.BRAND}, id="spoken"),
        pytest.param(None, {"Bolt": Role.BRAND}, id="not told"),
        pytest.param("fr", {}, id="another"),
    ],
)
def test_a_brand_listens_in_its_languages(lang: str | None, expected: dict[str, Role]) -> None:
    assert matching.roles(mention("1", "bolt", lang=lang), ALL) == expected


@pytest.mark.parametrize(
    ("source", "author", "expected"),
    [
        pytest.param("x", ACME_HELP, {"Acme": Role.OWN}, id="by its id"),
        pytest.param("reddit", ACME_HELP, {"Bolt": Role.BRAND}, id="another network"),
        pytest.param("reddit", Author("9", "Bolt_Care"), {"Bolt": Role.OWN}, id="on any network"),
        pytest.param("x", Author("9", "ana", name="1000"), {"Bolt": Role.BRAND}, id="a name"),
    ],
)
def test_own_posts_are_nothing_else(source: str, author: Author, expected: dict[str, Role]) -> None:
    one = mention("1", "bolt", source=source, author=author)
    assert matching.roles(one, ALL) == expected


@pytest.mark.parametrize(
    ("source", "addressed", "expected"),
    [
        pytest.param("x", ("1000",), {"Acme": Role.BRAND}, id="by the account's id"),
        pytest.param("reddit", ("7", "Bolt_Care"), {"Bolt": Role.BRAND}, id="by its handle"),
        pytest.param("x", ("1000", "bolt_care"), {"Acme": Role.BRAND, "Bolt": Role.BRAND}, id="2"),
        pytest.param("reddit", ("1000",), {}, id="another network's account"),
        pytest.param("x", ("10001", "ana"), {}, id="somebody else"),
    ],
)
def test_who_speaks_to_an_own_account_speaks_of_its_brand(
    source: str, addressed: tuple[str, ...], expected: dict[str, Role]
) -> None:
    one = mention("1", "anvil: it did not help", source=source, lang="fr", addressed=addressed)
    assert matching.roles(one, ALL) == expected


def test_a_plain_repost_speaks_to_nobody() -> None:
    one = mention("1", "RT: our new kettle", addressed=("1000",), is_repost=True)
    assert matching.roles(one, ALL) == {}


def test_an_own_account_that_answers_another_is_no_mention() -> None:
    one = mention("1", "see you there", author=ACME_HELP, addressed=("bolt_care",))
    assert matching.roles(one, ALL) == {"Acme": Role.OWN}


@pytest.mark.parametrize(
    ("text", "about_acme", "about_bolt"),
    [
        pytest.param("Acme broke again.", "Acme broke again.", None, id="one brand: all of it"),
        pytest.param(
            "Acme broke. But Bolt helped!", "Acme broke.", "But Bolt helped!", id="two sentences"
        ),
        pytest.param(
            "Acme broke, while Bolt helped", "Acme broke", "while Bolt helped", id="two clauses"
        ),
        pytest.param(
            "Acme va mal, pero Bolt va bien", "Acme va mal", "pero Bolt va bien", id="Spanish"
        ),
        pytest.param(
            "Acme broke. It took weeks. Bolt helped. Nice people.",
            "Acme broke. It took weeks.",
            "Bolt helped. Nice people.",
            id="what follows belongs to whom was named last",
        ),
        pytest.param(
            "Acme and Bolt broke", "Acme and Bolt broke", "Acme and Bolt broke", id="both at once"
        ),
        pytest.param(
            "Globex is worse.\nAcme is fine", "Acme is fine", None, id="against a competitor"
        ),
    ],
)
def test_passage(text: str, about_acme: str, about_bolt: str | None) -> None:
    assert matching.passage(text, "Acme", ALL) == about_acme
    if about_bolt is not None:
        assert matching.passage(text, "Bolt", ALL) == about_bolt


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        pytest.param("Acme fell, ACME rose", "Acme", ["Acme", "ACME"], id="each place, in order"),
        pytest.param(
            "#acme2 and @acme_help", "Acme", ["acme", "@acme_help"], id="hashtag and handle"
        ),
        pytest.param("Globex or Bolt?", "Bolt", ["Bolt"], id="one brand of two"),
        pytest.param("Globex or Bolt?", "Globex", ["Globex"], id="a competitor"),
        pytest.param("an anvil, acmeology", "Acme", [], id="what its query shuts out"),
        pytest.param("Initech", "Initech", [], id="nobody who is listened for"),
        pytest.param("", "Acme", [], id="empty"),
    ],
)
def test_places(text: str, name: str, expected: list[str]) -> None:
    found = matching.places(text, name, ALL)
    assert [text[start:end] for start, end in found] == expected


def test_any_word_of_a_query_is_a_place() -> None:
    roads = tracked((Brand("Roads", '"road runner" OR beep OR #meep'),))
    text = "Meep meep, said RoadRunner; beep!"
    found = matching.places(text, "Roads", roads)
    assert [text[start:end] for start, end in found] == ["Meep", "meep", "RoadRunner", "beep"]


def test_a_text_that_names_nobody_is_read_whole() -> None:
    assert matching.passage("see link. so bad!", "Acme", ALL) == "see link. so bad!"


def test_a_long_text_is_quick_to_cut() -> None:
    text = "Acme is fine, but Bolt, " * 4_000
    assert matching.passage(text, "Acme", ALL)
    assert matching.roles(mention("1", text, published_at=NOW - timedelta(days=1)), ALL)


AUTOMATIC = tracked(
    (
        Brand(
            "Acme",
            "acme",
            (OwnAccount("x", "1000"),),
            auto_responders=(OwnAccount("x", "2000"),),
            auto_replies=("out of office: until *Monday*", "wir sind für dich da"),
        ),
    )
)


@pytest.mark.parametrize(
    ("author", "text", "expected"),
    [
        pytest.param(ACME_HELP, "Sorry, we look into it", False, id="a person"),
        pytest.param(ACME_HELP, "OUT OF OFFICE until Monday!", True, id="signs and case"),
        pytest.param(ACME_HELP, "Hallo! Wir sind fur dich da. #77", True, id="accents"),
        pytest.param(ACME_HELP, "out of officers until monday", False, id="part of a word"),
        pytest.param(Author("2000", "acme_bot"), "anything", True, id="an account"),
        pytest.param(Author("7", "acme_bot"), "out of office until Monday", False, id="another's"),
        pytest.param(Author("7", "2000"), "anything", False, id="its id as a handle"),
        pytest.param(None, "out of office until Monday", False, id="nobody's"),
    ],
)
def test_what_an_own_account_writes_by_itself(
    author: Author | None, text: str, *, expected: bool
) -> None:
    found = mention("1", text, author=author)
    assert (matching.automatic(found, AUTOMATIC) == {"Acme"}) is expected


def test_an_automatic_account_is_an_own_one() -> None:
    found = mention("1", "acme", author=Author("2000", "acme_bot"))
    assert matching.roles(found, AUTOMATIC) == {"Acme": Role.OWN}
    asked = mention("2", "hello?", addressed=("2000",))
    assert matching.roles(asked, AUTOMATIC) == {"Acme": Role.BRAND}
