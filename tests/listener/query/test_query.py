import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ConfigError
from listener.query import Facts, Query, parse, phrase


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        pytest.param("acme", "I love ACME!", True, id="case and punctuation"),
        pytest.param("acme", "acmeology", False, id="part of a word"),
        pytest.param("acme", "#Acme and @acme.", True, id="within a tag or a handle"),
        pytest.param("#acme", "acme", False, id="a tag is more than its word"),
        pytest.param("#acme", "so #ACME", True, id="a tag"),
        pytest.param("@acme_help", "hi @Acme_Help!", True, id="a handle"),
        pytest.param("acme kettle", "the kettle of acme", True, id="side by side is and"),
        pytest.param('"acme kettle"', "the kettle of acme", False, id="a phrase keeps its order"),
        pytest.param('"acme kettle"', "Acme\n  Kettle", True, id="a phrase over lines"),
        pytest.param("“acme kettle”", "acme kettle", True, id="curly quotes"),
        pytest.param("acme OR apex", "apex", True, id="or"),
        pytest.param("acme kettle OR apex", "apex", True, id="and binds tighter than or"),
        pytest.param("acme (kettle OR pot)", "acme pot", True, id="group"),
        pytest.param("acme -jobs", "acme jobs", False, id="not"),
        pytest.param("acme -(jobs OR career)", "acme career", False, id="not a group"),
        pytest.param("acme -(jobs berlin)", "acme jobs in Rome", True, id="not both"),
        pytest.param("acme --jobs", "acme jobs", True, id="not not"),
        pytest.param("acme AND kettle", "acme kettle", True, id="and may be said"),
        pytest.param("coca-cola", "Coca Cola", True, id="hyphen or space"),
        pytest.param("mcdonald's", "McDonald’s", True, id="either apostrophe"),
        pytest.param("c++", "C and C++", True, id="signs count"),
        pytest.param("c++", "C", False, id="signs are not optional"),
        pytest.param('"at&t"', "AT&T", True, id="ampersand"),
        pytest.param("acme.com", "see https://www.acme.com/x", True, id="a domain"),
        pytest.param("nestlé", "NESTLE", True, id="accents do not count"),
        pytest.param("straße", "STRASSE", True, id="sharp s"),
        pytest.param("İstanbul", "istanbul", True, id="dotted i"),
        pytest.param("アクメ", "今日はアクメの製品を買った", True, id="Japanese has no spaces"),
        pytest.param("아크메", "아크메는 좋다", True, id="Korean endings"),
        pytest.param("อะคมี", "ฉันรักอะคมีมาก", True, id="Thai has no spaces"),
        pytest.param("हिन्दी", "यह हिन्दी है", True, id="Hindi"),
        pytest.param("हिन", "यह हिन्दी है", False, id="part of a Hindi word"),
        pytest.param("مكتب", "هذا مَكْتَب", True, id="Arabic vowels"),
        pytest.param("acme", "ac\u200bm\u00ade", True, id="invisible characters"),
        pytest.param("acme", "\uff41\uff43\uff4d\uff45", True, id="full width"),
        pytest.param("acme", "", False, id="empty text"),
        pytest.param("acme NOT jobs", "acme jobs", False, id="not as a word"),
        pytest.param("NOT jobs acme", "acme", True, id="not at the start"),
        pytest.param("acme ORANGE", "acme or ange", False, id="a word that begins like OR"),
        pytest.param("acme*", "acmeology", True, id="a beginning"),
        pytest.param("acme*", "Acme!", True, id="a beginning that is the whole word"),
        pytest.param("acme*", "hyperacme", False, id="a beginning is no end"),
        pytest.param("nestl*", "NESTLÉ", True, id="a beginning before an accent"),
        pytest.param("coca-col*", "Coca Colas", True, id="a phrase whose last word goes on"),
        pytest.param("#acm*", "#AcmeDay", True, id="a tag that begins so"),
        pytest.param("#acm*", "AcmeDay", False, id="a tag that begins so is a tag"),
        pytest.param("アク*", "今日はアクメを買った", True, id="a Japanese beginning"),
        pytest.param('"acme*"', "acmes", False, id="a star in quotes is none"),
        pytest.param("🔥", "this is 🔥🔥", True, id="emoji"),
        pytest.param("acme 🔥", "acme 👍", False, id="another emoji"),
        pytest.param('"acme 🔥"', "Acme🔥", True, id="a phrase with an emoji"),
        pytest.param("👍", "thanks 👍🏽", True, id="any skin"),
        pytest.param("❤", "I ❤️ acme", True, id="text or picture"),
        pytest.param("👩‍💻", "a 👩🏽‍💻 at acme", True, id="an emoji made of two"),
        pytest.param("🇪🇸", "go 🇪🇸!", True, id="a flag"),
        pytest.param("acme NEAR/2 kettle", "acme makes a kettle", True, id="near"),
        pytest.param("acme NEAR/1 kettle", "acme makes a kettle", False, id="too far"),
        pytest.param("acme NEAR/2 kettle", "the kettle of acme", True, id="near, turned round"),
        pytest.param("acme ONEAR/2 kettle", "the kettle of acme", False, id="in order"),
        pytest.param("acme ONEAR/2 kettle", "acme, the kettle", True, id="commas do not count"),
        pytest.param("acme NEAR/1 kettle", "acme #kettle", True, id="a sign counts as one"),
        pytest.param("acme NEAR/0 kettle", "acme #kettle", False, id="side by side"),
        pytest.param("acme NEAR/2 漢", "acme 日本漢", True, id="a character counts as one"),
        pytest.param('"red pot" NEAR/1 acme', "acme pot red pot", True, id="from end to start"),
        pytest.param("acme NEAR/9 acme", "one acme only", False, id="near itself: twice"),
        pytest.param("acme NEAR/9 acme", "acme and acme", True, id="twice"),
        pytest.param("acme NEAR/9 (acme OR b)", "acme", False, id="places do not overlap"),
        pytest.param("acme NEAR/1 (pot OR kett*)", "acme my kettles", True, id="any of a group"),
        pytest.param("(a OR b) ONEAR/0 (c OR d)", "a d", True, id="groups on both sides"),
        pytest.param("x -acme NEAR/1 jobs", "x acme jobs", False, id="near binds tightest"),
        pytest.param("x -(acme NEAR/1 jobs)", "x acme and more jobs", True, id="not near"),
        pytest.param("x -(acme NEAR/1 jobs)", "jobs x", True, id="not near, half of it"),
        pytest.param(
            "acme NEAR/1 kettle", "acme a a kettle a a acme a kettle", True, id="the nearest counts"
        ),
    ],
)
def test_matches(*, query: str, text: str, expected: bool) -> None:
    assert parse(query).matches(text) is expected


FACTS = Facts(
    source="reddit",
    handle="ana",
    author_id="t2_7",
    lang="es",
    kind="reply",
    sites=frozenset({"www.reddit.com", "shop.acme.co.uk"}),
    has_link=True,
    followers=1000,
)


@pytest.mark.parametrize(
    ("field", "expected", "unknown"),
    [
        pytest.param("author:@Ana", True, False, id="handle"),
        pytest.param("AUTHOR:t2_7", True, False, id="id"),
        pytest.param("author:an", False, False, id="part of a handle"),
        pytest.param("site:acme.co.uk", True, False, id="subdomain"),
        pytest.param("site:reddit.com", True, False, id="its own address"),
        pytest.param("site:me.co.uk", False, False, id="end of a name"),
        pytest.param("lang:es", True, False, id="language"),
        pytest.param("lang:en", False, False, id="another language"),
        pytest.param("source:Reddit", True, False, id="source"),
        pytest.param("type:reply", True, False, id="type"),
        pytest.param("type:post", False, False, id="another type"),
        pytest.param('has:"link"', True, False, id="link, in quotes"),
        pytest.param("min_followers:1000", True, False, id="as many"),
        pytest.param("min_followers:1001", False, False, id="fewer"),
        pytest.param("-source:x", True, True, id="not a fact"),
        pytest.param("-type:reply", False, True, id="not this fact"),
        pytest.param("(lang:en OR has:link)", True, False, id="one of two"),
    ],
)
def test_fields_look_at_facts(*, field: str, expected: bool, unknown: bool) -> None:
    query = parse(f"acme {field}")
    assert query.matches("Acme!", FACTS) is expected
    assert query.matches("Acme!") is unknown, "what is not known matches no field"
    assert not query.matches("another", FACTS)
    assert query.without_fields.matches("Acme!")


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        pytest.param("", "it is empty", id="empty"),
        pytest.param("  ", "it is empty", id="blank"),
        pytest.param("acme\0kettle", "at character 5: a control character", id="control"),
        pytest.param('acme "kettle', 'a " is never closed', id="quote"),
        pytest.param("(acme", "a ( is never closed", id="open"),
        pytest.param("acme)", "a ) has no ( before it", id="close"),
        pytest.param("()", "a word is missing", id="empty group"),
        pytest.param("acme OR", "a word is missing", id="or at the end"),
        pytest.param("OR acme", "a word is missing", id="or at the start"),
        pytest.param("acme AND", "AND stands between", id="and at the end"),
        pytest.param("acme AND AND b", "AND stands between", id="and twice"),
        pytest.param("acme or apex", "write OR in capitals", id="or in small letters"),
        pytest.param("acme not jobs", "- for not", id="not in small letters"),
        pytest.param("acme NOT", "a NOT has no word after it", id="not at the end"),
        pytest.param("-jobs", "almost everything", id="only not"),
        pytest.param("acme OR -jobs", "almost everything", id="or not"),
        pytest.param("acme -OR", "a - has no word", id="minus or"),
        pytest.param("from:acme", "from: is none of author:", id="another network's operator"),
        pytest.param("acme https://x.com", 'write "https://x.com"', id="an address"),
        pytest.param("acme author: ana", "author: has no value right behind it", id="no value"),
        pytest.param("acme lang:english", "lang: takes a language", id="a language's name"),
        pytest.param("acme type:comment", "type: takes one of post, reply", id="another type"),
        pytest.param("acme has:image", "has: takes link", id="has something else"),
        pytest.param("acme site:acme", "site: takes a host", id="no host"),
        pytest.param("acme min_followers:1k", "min_followers: takes a whole", id="no number"),
        pytest.param("author:ana lang:en", "almost everything", id="facts are no words"),
        pytest.param("acme OR author:ana", "almost everything", id="a fact on one side"),
        pytest.param("a*", "a* is too short: 2 characters before the star", id="short beginning"),
        pytest.param("#a*", "#a* is too short", id="a short tag"),
        pytest.param("ac*me", "a * stands at the end of a word", id="star within"),
        pytest.param("*acme", "a * stands at the end of a word", id="star in front"),
        pytest.param("acme *", "a * stands at the end of a word", id="star alone"),
        pytest.param("acme NEAR kettle", "write NEAR/5 for near", id="near what"),
        pytest.param("acme NEAR/101 b", "NEAR/ takes a number up to 100", id="too far"),
        pytest.param("acme NEAR/" + "9" * 4400 + " b", "up to 100", id="much too far"),
        pytest.param("acme NEAR/3", "NEAR/3 stands between two words", id="near nothing"),
        pytest.param("NEAR/3 acme", "NEAR/3 stands between two words", id="near nothing before"),
        pytest.param("a NEAR/3 b NEAR/3 c", "NEAR/3 stands between two", id="near three"),
        pytest.param("a ONEAR/3 (b c)", "ONEAR/3 stands between two words", id="near both"),
        pytest.param("a NEAR/3 -b", "NEAR/3 stands between two words", id="near not"),
        pytest.param("a NEAR/3 (b OR lang:en)", "NEAR/3 stands between", id="near a fact"),
        pytest.param("acme !!", "no letter or digit", id="no word"),
        pytest.param('acme ""', "no letter or digit", id="empty phrase"),
        pytest.param("(" * 60 + "a" + ")" * 60, "nested more than 50", id="deep"),
        pytest.param("-" * 5000 + "a", "nested more than 50", id="minus signs"),
    ],
)
def test_says_what_is_wrong_and_in_which_query(query: str, wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(query)
    assert wrong in str(caught.value)
    if len(query) <= 80:
        assert repr(query) in str(caught.value)


@pytest.mark.parametrize(
    ("broken", "at"),
    [
        pytest.param("acme )", 5, id="bracket"),
        pytest.param("x" * 900 + ":y", 0, id="long field"),
        pytest.param("*" + "x" * 900, 0, id="long word"),
        pytest.param("NEAR/" + "9" * 900, 0, id="long operator"),
        pytest.param("!" * 900, 0, id="long nothing"),
    ],
)
@pytest.mark.parametrize("before", [0, 400])
def test_of_a_long_query_the_place_is_quoted(broken: str, at: int, before: int) -> None:
    words = [f"word{n}" for n in range(400)]
    query = " ".join([*words[:before], broken, *words[before:]])
    with pytest.raises(ConfigError) as caught:
        parse(query)
    said = str(caught.value)
    place = query.index(broken) + at
    assert f"at character {place + 1}: " in said
    assert query[place : place + 10] in said
    assert len(said) < 450
    quoted = said.removeprefix("query ").partition("': ")[0]
    assert len(quoted) <= 84, "two signs that there is more, and the quotes"


@pytest.mark.parametrize(
    ("query", "place"),
    [
        pytest.param("acme (kettle", "at character 6: a ( is never closed", id="open"),
        pytest.param("acme )", "at character 6: a ) has no ( before it", id="close"),
        pytest.param('acme "kettle', 'at character 6: a " is never closed', id="quote"),
        pytest.param("acme OR OR b", "at character 9: a word is missing", id="or or"),
        pytest.param("acme OR", "at character 6: a word is missing", id="the end"),
        pytest.param("acme lang:e", "at character 6: lang:", id="field"),
        pytest.param("acme -OR", "at character 6: a - has no word", id="minus"),
        pytest.param("acme or b", "at character 6: write OR", id="small or"),
        pytest.param("acme NEAR/3", "at character 6: NEAR/3 stands", id="near"),
        pytest.param("acme b !", "at character 8: '!' has no letter", id="no letter"),
    ],
)
def test_says_at_which_character(query: str, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(query)
    assert place in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("a" * 10_000, id="one word"),
        pytest.param("a " * 5_000, id="many words"),
        pytest.param("(" * 1_000 + "a" + ")" * 1_000, id="brackets"),
        pytest.param("(" * 10_000, id="open brackets"),
        pytest.param("a (" * 1_000 + "a" + ")" * 1_000, id="groups within groups"),
        pytest.param('"' * 9_999, id="quotes"),
        pytest.param("a OR " * 2_000, id="ORs"),
        pytest.param("NOT " * 1_900 + "a", id="minus signs"),
        pytest.param("a NEAR/1 " * 800, id="NEARs"),
        pytest.param("acme " + "*" * 7_000, id="stars"),
    ],
)
def test_a_hostile_query_ends_in_a_sentence_and_quickly(query: str) -> None:
    began = time.process_time()
    with pytest.raises(ConfigError) as caught:
        parse.__wrapped__(query)
    assert time.process_time() - began < 1
    assert "\n" not in str(caught.value)


def test_the_longest_query_is_read_and_matched() -> None:
    words = [f"word{n}" for n in range(700)]
    assert parse(" OR ".join(words)).matches("in word699 only")
    deep = "a " + "(b OR (a " * 25 + "a" + "))" * 25
    assert parse(deep).matches("a")


def test_terms_are_the_words_that_make_a_text_match() -> None:
    assert parse('acme ("Acme Kettles" OR #acme) -jobs -(a OR b) acme').terms == (
        "acme",
        "Acme Kettles",
        "#acme",
    )


def test_a_name_is_taken_literally() -> None:
    query = phrase('Ben OR "Jerry" (-x)')
    assert query.matches("ben or jerry x")
    assert not query.matches("ben")
    with pytest.raises(ConfigError, match="no letter"):
        phrase(" - ")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 10_000, id="one word"),
        pytest.param("a " * 5_000, id="many words"),
        pytest.param("!" * 10_000, id="no word"),
        pytest.param("e\u0301" * 5_000, id="accents"),
        pytest.param("\ufdfa" * 10_000, id="one character that unfolds to eighteen"),
        pytest.param("漢" * 10_000, id="unspaced"),
        pytest.param("\u200d" * 10_000, id="invisible"),
        pytest.param("🔥" * 10_000, id="emoji"),
    ],
)
@pytest.mark.parametrize(
    "query",
    [
        pytest.param(" OR ".join(f'"{"a " * 20}{n}"' for n in range(10)) + " -b", id="phrases"),
        pytest.param("a ONEAR/3 b OR 🔥 NEAR/100 漢 OR aa* NEAR/9 🔥", id="near"),
    ],
)
def test_no_text_makes_matching_slow(query: str, text: str) -> None:
    best = min(_seconds(parse(query), text) for _ in range(5))
    assert best < 0.05


def _seconds(query: Query, text: str) -> float:
    began = time.process_time()
    query.matches(text)
    return time.process_time() - began


@given(st.text(max_size=200))
def test_any_text_is_either_a_query_or_a_config_error(text: str) -> None:
    try:
        query = parse(text)
    except ConfigError:
        return
    assert query.terms
    query.matches(text)
    assert isinstance(query.matches(" ".join(query.terms)), bool)
