import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ConfigError
from listener.query import Query, parse, phrase, reworded, to_reddit, to_x


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
    ],
)
def test_matches(*, query: str, text: str, expected: bool) -> None:
    assert parse(query).matches(text) is expected


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        pytest.param("", "it is empty", id="empty"),
        pytest.param("  ", "it is empty", id="blank"),
        pytest.param('acme "kettle', 'a " is never closed', id="quote"),
        pytest.param("(acme", "a ( is never closed", id="open"),
        pytest.param("acme)", "a ) has no ( before it", id="close"),
        pytest.param("()", "a word is missing", id="empty group"),
        pytest.param("acme OR", "a word is missing", id="or at the end"),
        pytest.param("OR acme", "a word is missing", id="or at the start"),
        pytest.param("acme AND", "AND stands between", id="and at the end"),
        pytest.param("acme AND AND b", "AND stands between", id="and twice"),
        pytest.param("acme or apex", "write OR in capitals", id="or in small letters"),
        pytest.param("acme NOT jobs", "- for not", id="not as a word"),
        pytest.param("-jobs", "almost everything", id="only not"),
        pytest.param("acme OR -jobs", "almost everything", id="or not"),
        pytest.param("acme -OR", "a - has no word", id="minus or"),
        pytest.param("from:acme", "operator of one network", id="operator"),
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
    assert repr(query) in str(caught.value)


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
    ("query", "x", "reddit"),
    [
        ("acme", "acme", "acme"),
        (
            'acme "red kettle" -jobs',
            'acme "red kettle" -jobs',
            'acme AND "red kettle" AND NOT jobs',
        ),
        ("#acme OR @acme", "#acme OR @acme", '"#acme" OR "@acme"'),
        ("acme (a OR b c)", "acme (a OR (b c))", "acme AND (a OR (b AND c))"),
        ("acme -(a OR b)", "acme (-a -b)", "acme AND (NOT a AND NOT b)"),
        ("acme -(a b)", "acme", "acme AND (NOT a OR NOT b)"),
        ('coca-cola "OR"', '"coca-cola" "OR"', '"coca-cola" AND "OR"'),
        ("c++ -c#", '"c++" -"c#"', '"c++" AND NOT "c#"'),
    ],
)
def test_in_the_words_of_the_networks(query: str, x: str, reddit: str) -> None:
    assert to_x(parse(query)) == x
    assert to_reddit(parse(query)) == reddit


def test_languages_bind_the_query_and_not_the_own_accounts() -> None:
    query = parse("acme OR apex")
    assert to_x(query, ("en", "he")) == "(acme OR apex) (lang:en OR lang:iw)"
    assert (
        to_x(query, ("en",), own_accounts=("acme_help", "99"))
        == "((acme OR apex) (lang:en)) OR from:acme_help OR from:99"
    )


@pytest.mark.parametrize("render", [to_x, to_reddit])
def test_a_query_the_network_would_refuse_is_refused_here(render: object) -> None:
    query = parse(" OR ".join(f"word{n}" for n in range(60)))
    assert callable(render)
    with pytest.raises(ConfigError, match="512 characters"):
        render(query)


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
    ],
)
def test_no_text_makes_matching_slow(text: str) -> None:
    query = parse(" OR ".join(f'"{"a " * 20}{n}"' for n in range(10)) + " -b")
    best = min(_seconds(query, text) for _ in range(5))
    assert best < 0.05


def _seconds(query: Query, text: str) -> float:
    began = time.perf_counter()
    query.matches(text)
    return time.perf_counter() - began


WORDS = st.sampled_from(["acme", "apex", "kettle", "jobs", "red", "pot"])
TERMS = WORDS | st.lists(WORDS, min_size=2, max_size=3).map(lambda some: f'"{" ".join(some)}"')
QUERIES = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' '.join(some)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' OR '.join(some)})"),
        st.tuples(TERMS, TERMS).map(lambda two: f"({two[0]} -{two[1]})"),
    ),
    max_leaves=6,
)
TEXTS = st.lists(WORDS | st.just("and"), max_size=8).map(" ".join)


@given(QUERIES, TEXTS)
def test_x_is_asked_for_exactly_what_matches(query: str, text: str) -> None:
    parsed = parse(query)
    said = to_x(parsed)
    assert parse(said).matches(text) is parsed.matches(text)
    assert eval(_as_python(said, text)) is parsed.matches(text)  # noqa: S307 (our own six words)


def _as_python(said: str, text: str) -> str:
    """X's reading of a query, spelled as Python: an independent second meaning."""
    padded = f" {text} "
    lexemes = re.findall(r'-?"[^"]*"|-?\w+|[()]', said)
    made: list[str] = []
    for lexeme in lexemes:
        word = lexeme.lstrip("-").strip('"')
        if lexeme == "OR":
            made.append("or")
            continue
        if made and made[-1] not in ("or", "(") and lexeme != ")":
            made.append("and")
        if lexeme in "()":
            made.append(lexeme)
        else:
            made.append(f"{'not ' * lexeme.startswith('-')}{f' {word} ' in padded}")
    return " ".join(made)


@given(st.text(max_size=200))
def test_any_text_is_either_a_query_or_a_config_error(text: str) -> None:
    try:
        query = parse(text)
    except ConfigError:
        return
    assert query.terms
    query.matches(text)
    assert isinstance(query.matches(" ".join(query.terms)), bool)


# --- phrases that mean something else ----------------------------------------------------------

MEANINGS = {"sick": "great", "killer coffee": "the coffee", "killer": "strong", "nestlé": "them"}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("that is sick!", "that is great!", id="a word"),
        pytest.param("SICK, #Sick. @sick", "great, #great. @great", id="case and signs"),
        pytest.param("sickness, carsick, sick_note", "sickness, carsick, sick_note", id="whole"),
        pytest.param("Killer\n Coffee is bad", "the coffee is bad", id="a phrase over lines"),
        pytest.param("killer-coffee, killer tea", "the coffee, strong tea", id="the longest wins"),
        pytest.param("a killer", "a strong", id="at the end"),
        pytest.param("Nestle and NESTLE\u0301", "them and them", id="accents"),
        pytest.param("s\u00adi\u200bck\u200b day", "great day", id="invisible characters"),
        pytest.param("\uff33\uff49\uff43\uff4b", "great", id="full width"),
        pytest.param("so sick sick", "so great great", id="twice"),
        pytest.param(
            "I\u2009was sick\u2026\U0001f637", "I\u2009was great\u2026\U0001f637", id="the rest"
        ),
        pytest.param("", "", id="empty"),
    ],
)
def test_a_phrase_is_read_as_what_it_means(text: str, read: str) -> None:
    assert reworded(text, MEANINGS) == read


def test_what_is_put_in_is_not_read_again() -> None:
    assert reworded("sick and great", {"sick": "great", "great": "sick"}) == "great and sick"


@pytest.mark.parametrize(
    ("text", "phrase", "read"),
    [
        pytest.param("今日はアクメの製品", "アクメ", "今日はXの製品", id="Japanese"),
        pytest.param("यह हिन्दी है", "हिन्दी", "यह X है", id="Hindi"),
        pytest.param("यह हिन्दी है", "हिन", "यह हिन्दी है", id="part of a Hindi word"),
        pytest.param("아크메는 좋다", "아크메", "X는 좋다", id="Korean"),
        pytest.param("Straße", "strasse", "X", id="sharp s"),
        pytest.param("C++ is C", "c++", "X is C", id="signs"),
        pytest.param("take ½ off", "1", "take X off", id="a character of two words"),
    ],
)
def test_a_phrase_is_found_in_any_script(text: str, phrase: str, read: str) -> None:
    assert reworded(text, {phrase: "X"}) == read


@given(st.lists(st.sampled_from(["sick", "Si\u0301ck", "a", " ", "-", "#", "☕", "\u200b", "漢"])))
def test_a_phrase_is_read_wherever_a_query_finds_it(parts: list[str]) -> None:
    text = "".join(parts)
    read = reworded(text, {"sick": "well"})
    assert not phrase("sick").matches(read)
    assert phrase("well").matches(read) is phrase("sick").matches(text)
    assert read == text or phrase("sick").matches(text)
