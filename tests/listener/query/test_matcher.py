import time

from hypothesis import given
from hypothesis import strategies as st

from listener.query import Facts, Matcher, parse, phrase
from tests.listener.query.worlds import FACTS, QUERIES, TEXTS

MARKS = st.sampled_from(["", " #acme", " 🔥", " 漢字", " nestlé"])


@given(st.lists(QUERIES, min_size=1, max_size=6), TEXTS, MARKS)
def test_a_matcher_finds_what_each_query_finds_by_itself(
    queries: list[str], text: str, mark: str
) -> None:
    named = {str(number): parse(query) for number, query in enumerate(queries)}
    named |= {"tag": parse("#ac* -pot"), "emoji": parse("🔥"), "name": phrase("漢")}
    for facts in (FACTS, Facts()):
        assert Matcher(named).matching(text + mark, facts) == {
            name for name, query in named.items() if query.matches(text + mark, facts)
        }


def test_a_matcher_without_queries_finds_nothing() -> None:
    assert Matcher({}).matching("acme") == set()


def test_a_thousand_queries_cost_little_more_than_ten() -> None:
    queries = {f"b{n}": parse(f'(brand{n} OR "acme {n}") -jobs{n}') for n in range(1000)}
    few = Matcher(dict(list(queries.items())[:10]))
    many = Matcher(queries)
    text = "the brand7 kettle of acme 5 is broken " * 5

    assert many.matching(text) == few.matching(text) == {"b5", "b7"}
    assert _seconds(many, text) < 5 * _seconds(few, text)


def _seconds(matcher: Matcher, text: str) -> float:
    """The best of some tries: what else the machine does only adds."""
    taken = []
    for _ in range(20):
        began = time.process_time()
        for _ in range(50):
            matcher.matching(text)
        taken.append(time.process_time() - began)
    return min(taken)
