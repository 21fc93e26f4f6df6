"""The benchmark is fair to the query, and relevance stays as good as it was."""

from benchmarks import relevance
from benchmarks.relevance import Counts

TEXTS = relevance.read()
NAMES = list(dict.fromkeys(one.name for one in TEXTS))


def of(name: str) -> list[relevance.Text]:
    return [one for one in TEXTS if one.name == name]


def test_every_name_has_as_many_of_each_kind_and_none_twice() -> None:
    kinds = [(one.name, one.part, one.relevant) for one in TEXTS]
    assert {kinds.count(kind) for kind in kinds if kind[1] == "example"} == {16}
    assert {kinds.count(kind) for kind in kinds if kind[1] == "measured"} == {24}
    assert len({one.text.casefold() for one in TEXTS}) == len(TEXTS) == 80 * len(NAMES)


def test_the_query_alone_finds_every_post() -> None:
    for name in NAMES:
        found = relevance.by_query(of(name))
        assert (found.recall, found.precision) == (1, 0.5), name


def test_with_eight_examples_a_side_it_is_as_good_as_the_papers_say() -> None:
    found = sum((relevance.by_examples(of(name), 8) for name in NAMES), Counts())
    assert found.precision > 0.79
    assert found.recall > 0.94
