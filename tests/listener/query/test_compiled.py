import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ConfigError
from listener.query import (
    REDDIT_DIALECT,
    X_DIALECT,
    Compiled,
    Dialect,
    Facts,
    UnsayableError,
    compiled,
    parse,
)
from tests.listener.query.worlds import FACTS, QUERIES, TEXTS

# The kinds of search there are.
WORDS_ONLY = Dialect("Plain", 300, either=None, without=None, groups=False, phrases=False)
NO_OR = Dialect("Sky", 300, either=None, without="-", groups=False, phrases=True, prefixes=True)
NO_GROUPS = Dialect("Tube", 300, either="|", without="-", groups=False, phrases=True)
NO_MINUS = Dialect("Odd", 300, either=" | ", without=None, groups=True, phrases=True)
SHORT = replace(X_DIALECT, longest=45)
PATIENT = replace(WORDS_ONLY, most_asks=60)
ALL = [X_DIALECT, REDDIT_DIALECT, WORDS_ONLY, NO_OR, NO_GROUPS, NO_MINUS, SHORT, PATIENT]


@pytest.mark.parametrize(
    ("query", "x", "reddit"),
    [
        ("acme", "acme", "acme"),
        (
            'acme -jobs "red kettle"',
            'acme "red kettle" -jobs',
            'acme AND "red kettle" AND NOT jobs',
        ),
        ("acme (a OR b c)", "acme (a OR (b c))", "acme AND (a OR (b AND c))"),
        ("acme -(a OR b)", "acme -a -b", "acme AND NOT a AND NOT b"),
        ('coca-cola "OR"', '"coca-cola" "OR"', '"coca-cola" AND "OR"'),
        ("हिन्दी OR 漢字", "हिन्दी OR 漢字", "हिन्दी OR 漢字"),
    ],
)
def test_what_a_network_can_say_is_said_in_its_words(query: str, x: str, reddit: str) -> None:
    assert compiled(parse(query), X_DIALECT) == Compiled((x,), ())
    assert compiled(parse(query), REDDIT_DIALECT) == Compiled((reddit,), ())


@pytest.mark.parametrize(
    ("query", "dialect", "asks", "left"),
    [
        pytest.param("a NEAR/3 (b OR c)", X_DIALECT, ["a (b OR c)"], ["NEAR/3"], id="near"),
        pytest.param("a -(b ONEAR/3 c)", X_DIALECT, ["a"], ["-(b ONEAR/3 c)"], id="not near"),
        pytest.param("a -(b c)", X_DIALECT, ["a"], ["-(b c)"], id="a negated group"),
        pytest.param("a (b OR -c)", X_DIALECT, ["a"], ["b OR -c"], id="an exclusion in an OR"),
        pytest.param("acm* a", X_DIALECT, ["a"], ["acm*"], id="a beginning"),
        pytest.param("acm* -bo*", NO_OR, ["acm* -bo*"], [], id="a beginning that is known"),
        pytest.param('a "b-c"', WORDS_ONLY, ["a b c"], ['"b-c"'], id="a phrase"),
        pytest.param('a -"b c"', WORDS_ONLY, ["a"], ['-"b c"'], id="an excluded phrase"),
        pytest.param('a "OR"', WORDS_ONLY, ["a or"], [], id="a word like an operator"),
        pytest.param("a -b", NO_MINUS, ["a"], ["-b"], id="an exclusion"),
        pytest.param("#a OR @b", X_DIALECT, ["#a OR @b"], [], id="signs that are known"),
        pytest.param(
            "#a OR @b", REDDIT_DIALECT, ['"#a" OR "@b"'], ["#a", "@b"], id="signs that are not"
        ),
        pytest.param("c++ -c#", X_DIALECT, ['"c++"'], ['"c++"', '-"c#"'], id="signs behind a word"),
        pytest.param("a 🔥", X_DIALECT, ['a "🔥"'], [], id="emoji"),
        pytest.param("a 🔥", REDDIT_DIALECT, ["a"], ['"🔥"'], id="emoji that are not found"),
        pytest.param('"a 👍🏽"', REDDIT_DIALECT, ["a"], ['"a 👍🏽"'], id="an emoji in a phrase"),
        pytest.param("a OR b c", NO_OR, ["a", "b c"], [], id="OR as two searches"),
        pytest.param("(a OR b) c", NO_OR, ["c a", "c b"], [], id="OR multiplied out"),
        pytest.param("a OR b OR c", NO_GROUPS, ["a|b|c"], [], id="OR of words"),
        pytest.param("(a OR b) -c", NO_GROUPS, ["a -c", "b -c"], [], id="no brackets"),
        pytest.param("a lang:he", X_DIALECT, ["a lang:iw"], [], id="its own code"),
        pytest.param("a lang:he", REDDIT_DIALECT, ["a"], ["lang:"], id="a field it lacks"),
        pytest.param("a -lang:en", REDDIT_DIALECT, ["a"], ["-lang:en"], id="not a field it lacks"),
        pytest.param("a author:Ana", X_DIALECT, ["a from:ana"], [], id="author"),
        pytest.param("a author:a.b", X_DIALECT, [], [], id="an author it cannot have"),
        pytest.param("a -author:a.b", X_DIALECT, ["a"], [], id="not an author it cannot have"),
        pytest.param("a source:x", X_DIALECT, ["a"], [], id="the source itself"),
        pytest.param("a source:x", REDDIT_DIALECT, [], [], id="another source"),
        pytest.param("a -source:x OR b", X_DIALECT, ["b"], [], id="not the source itself"),
        pytest.param(
            "a min_followers:9 type:post has:link",
            X_DIALECT,
            ["a has:links"],
            ["min_followers:", "type:"],
            id="one field of three",
        ),
    ],
)
def test_what_it_cannot_say_is_left_to_be_matched_here(
    query: str, dialect: Dialect, asks: list[str], left: list[str]
) -> None:
    assert compiled(parse(query), dialect) == Compiled(tuple(asks), tuple(left))


def test_languages_bind_the_query_and_not_what_is_found_besides() -> None:
    query = parse("acme OR apex")
    spoken = compiled(query, X_DIALECT, languages=("en", "he"))
    assert spoken == Compiled(("(acme OR apex) (lang:en OR lang:iw)",), ())
    both = compiled(query, X_DIALECT, languages=("en",), or_also=("from:acme_help", "from:99"))
    assert both.asks == ("((acme OR apex) lang:en) OR from:acme_help OR from:99",)
    assert compiled(query, REDDIT_DIALECT, languages=("en",)).left_here == ("lang:",)
    assert compiled(query, NO_OR, or_also=("from:acme",)).asks == ("acme", "apex", "from:acme")


def test_a_long_or_becomes_several_searches_that_say_the_rest_each() -> None:
    words = " OR ".join(f"word{n}" for n in range(90))
    found = compiled(parse(f"acme ({words}) -jobs"), X_DIALECT, or_also=("from:acme",))
    assert len(found.asks) == 2
    assert found.left_here == ()
    assert all(len(ask) <= 512 for ask in found.asks)
    assert all("acme" in ask and "-jobs" in ask for ask in found.asks)
    assert re.findall(r"word\d+", " ".join(found.asks)) == words.split(" OR ")
    assert found.asks[-1].endswith(" OR from:acme")


def test_exclusions_that_are_too_many_are_left_here_and_as_many_as_fit_are_asked() -> None:
    without = [f"-word{n}" for n in range(80)]
    found = compiled(parse(f"acme {' '.join(without)}"), X_DIALECT)
    (ask,) = found.asks
    assert ask.split()[1:] + list(found.left_here) == without
    assert len(found.left_here) == 40


def test_alternatives_that_would_take_too_many_searches_are_left_here() -> None:
    found = compiled(parse("acme (a OR b OR c) (d OR e OR f OR g)"), NO_OR)
    assert found == Compiled(("acme a", "acme b", "acme c"), ("d OR e OR f OR g",))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param(
            " OR ".join(f'"long words {n}"' for n in range(400)),
            "X takes 512 characters, and 8 searches do not hold this",
            id="too many words",
        ),
        pytest.param(f'"{"long " * 120}"', "X takes 512 characters", id="one long phrase"),
        pytest.param("acm*", "cannot search for acm*; add a word", id="only a beginning"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(query: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compiled(parse(query), X_DIALECT)
    assert said in str(caught.value)
    assert repr(query[:80])[:-1] in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("☕", id="an emoji"),
        pytest.param('"☕ 🔥" lang:en -jobs', id="emoji and what is no word"),
        pytest.param("☕ OR acm*", id="nor a beginning"),
        pytest.param("☕ OR (acme source:x)", id="a word that is another network's"),
    ],
)
def test_a_query_of_which_a_network_knows_no_word_is_told_apart(query: str) -> None:
    with pytest.raises(UnsayableError, match="cannot search for"):
        compiled(parse(query), REDDIT_DIALECT)


@pytest.mark.parametrize(
    ("query", "asks", "unheard"),
    [
        pytest.param("acme OR ☕", ("acme",), ('"☕"',), id="an emoji"),
        pytest.param("acm* OR acme", ("acme",), ("acm*",), id="a beginning"),
        pytest.param("(acme OR ☕) -jobs", ("acme AND NOT jobs",), ('"☕"',), id="beside others"),
        pytest.param("(☕ OR 🍵) acme", ("acme",), (), id="where a word is needed besides"),
        pytest.param("acme OR (☕ hot)", ("acme OR hot",), (), id="a word beside it"),
    ],
)
def test_alternatives_without_a_word_a_network_knows_are_told(
    query: str, asks: tuple[str, ...], unheard: tuple[str, ...]
) -> None:
    found = compiled(parse(query), REDDIT_DIALECT)
    assert (found.asks, found.unheard) == (asks, unheard)


@pytest.mark.parametrize("query", ["東京", "カップ", "한국어"])
def test_scripts_without_spaces_are_words_everywhere(query: str) -> None:
    for dialect in ALL:
        assert compiled(parse(query), dialect).asks == (query,)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("(a OR b) " * 600, id="ORs"),
        pytest.param("".join(f"(a{n} OR b{n}) " for n in range(500)), id="different ORs"),
        pytest.param(" OR ".join(f"(a{n} -b{n} -c{n})" for n in range(300)), id="exclusions"),
        pytest.param("a" + " (b OR a" * 49 + ")" * 49, id="groups within groups"),
        pytest.param("a " + " ".join(f"-b{n}" for n in range(900)), id="many exclusions"),
    ],
)
@pytest.mark.parametrize("dialect", ALL, ids=lambda one: f"{one.network} {one.longest}")
def test_no_query_makes_compiling_slow(query: str, dialect: Dialect) -> None:
    parsed = parse(query)
    began = time.process_time()
    try:
        found = compiled(parsed, dialect)
    except ConfigError:
        pass
    else:
        assert 0 < len(found.asks) <= dialect.most_asks
    assert time.process_time() - began < 2


# --- whatever matches here is found there ------------------------------------------------------


@given(QUERIES, TEXTS, st.sampled_from(ALL))
def test_the_searches_find_at_least_what_matches(query: str, text: str, dialect: Dialect) -> None:
    parsed, facts = parse(query), replace(FACTS, source=dialect.source)
    matches = parsed.matches(text, facts)
    try:
        found = compiled(parsed, dialect)
    except ConfigError:
        return
    assert all(len(ask) <= dialect.longest for ask in found.asks)
    hit = any(_finds(ask, text) for ask in found.asks)
    assert hit or not matches or any(_holds(one, text, facts) for one in found.unheard)
    if not (found.left_here or found.unheard):
        assert hit is matches


def _holds(part: str, text: str, facts: Facts) -> bool:
    """Whether a part of a query, a field alone perhaps, holds for the text."""
    return parse(f"({part}) anchor").matches(f"{text} anchor", facts)


def _finds(ask: str, text: str) -> bool:
    """A network's reading of a search, spelled as Python: an independent second meaning."""
    made: list[str] = []
    for lexeme in re.findall(r'-?"[^"]*"|-?[\w:*]+|[()|]', ask):
        word = lexeme.lstrip("-").strip('"')
        if lexeme in ("OR", "|"):
            made.append("or")
            continue
        if lexeme == "AND":
            continue
        if made and made[-1] not in ("or", "(", "not") and lexeme != ")":
            made.append("and")
        if lexeme == "NOT":
            made.append("not")
        elif lexeme in "()":
            made.append(lexeme)
        else:
            made.append(f"{'not ' * lexeme.startswith('-')}{_has(word, text)}")
    return bool(eval(" ".join(made)))  # noqa: S307 (our own words, as True and False)


def _has(word: str, text: str) -> bool:
    if ":" in word:
        return word in ("from:ana", "lang:en")
    ending = "" if word.endswith("*") else " "
    return f" {word.rstrip('*')}{ending}" in f" {text} "
