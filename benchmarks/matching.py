"""How many posts a second are matched against many brands' queries: one pass, and the naive loop.

    .venv/bin/python -m benchmarks.matching [--posts 1000] [--rounds 3]

Queries and posts are made up, the same in every run: words as common as words are, and brands that
one post in three names. Needs nothing but the ordinary installation.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from listener.query import Matcher, Query, parse
from listener.query.facts import UNKNOWN
from listener.query.matching import Words, holds

COUNTS = (10, 100, 1_000)  # queries
_VOCABULARY = 20_000
_LETTERS = "etaoinshrdlucmfwypvbgkqjxz"
_FORMS = (
    '{brand} ({common} OR {other} OR "{common} {other}") -jobs -{rare}',
    '"{brand} {rare}" OR #{brand} OR @{brand}',
    "{brand} NEAR/8 ({rare} OR {other}) -type:repost",
    '({brand} OR {brand}{rare}) -"{brand} {common}"',
    "{brand}* ({common} OR {rare}) lang:en",
    "{brand}",
)
_NAMING = 1 / 3  # of the posts name a brand

Way = Callable[[Sequence[str]], int]


def words(dice: random.Random) -> list[str]:
    """A vocabulary, the most common word first."""
    made: dict[str, None] = {}
    while len(made) < _VOCABULARY:
        length = min(2 + len(made) // 400, dice.randint(3, 11))
        made["".join(dice.choices(_LETTERS, range(26, 0, -1), k=length))] = None
    return list(made)


def queries(count: int, vocabulary: Sequence[str], dice: random.Random) -> dict[str, Query]:
    """So many queries, each for a brand of its own."""
    made = {}
    for number in range(count):
        form = _FORMS[number % len(_FORMS)]
        text = form.format(
            brand=brand(number),
            common=dice.choice(vocabulary[50:500]),
            other=dice.choice(vocabulary[500:]),
            rare=dice.choice(vocabulary[5_000:]),
        )
        made[brand(number)] = parse(text)
    return made


def brand(number: int) -> str:
    return f"brand{number}"


def posts(count: int, brands: int, vocabulary: Sequence[str], dice: random.Random) -> list[str]:
    """Posts of 8 to 60 words, common words more often, as Zipf has it."""
    weights = [1 / rank for rank in range(3, len(vocabulary) + 3)]
    made = []
    for _ in range(count):
        said = dice.choices(vocabulary, weights, k=dice.randint(8, 60))
        if dice.random() < _NAMING:
            said[dice.randrange(len(said))] = brand(dice.randrange(brands))
        made.append(" ".join(said))
    return made


def naive(found: Mapping[str, Query]) -> Way:
    return lambda texts: sum(query.matches(text) for text in texts for query in found.values())


def one_pass(found: Mapping[str, Query]) -> Way:
    matcher = Matcher(found)
    return lambda texts: sum(len(matcher.matching(text)) for text in texts)


def cut_once(found: Mapping[str, Query]) -> Way:
    """The loop made as good as it can be: each post is cut into words once for all queries."""

    def way(texts: Sequence[str]) -> int:
        cut = map(Words, texts)
        return sum(holds(one.root, post, UNKNOWN) for post in cut for one in found.values())

    return way


WAYS: Mapping[str, Callable[[Mapping[str, Query]], Way]] = {
    "naive loop": naive,
    "loop, words cut once": cut_once,
    "one pass": one_pass,
}


def measure(way: Way, texts: Sequence[str], rounds: int) -> tuple[float, int]:
    """Microseconds a post in the best of some rounds, and how many matches there were."""
    taken, matches = [], 0
    for _ in range(rounds):
        began = time.perf_counter()
        matches = way(texts)
        taken.append(time.perf_counter() - began)
    return min(taken) / len(texts) * 1e6, matches


def rows(count: int, rounds: int, *, counts: Sequence[int] = COUNTS) -> Iterator[str]:
    """One line for each number of queries: microseconds a post of each way.

    Raises ValueError when two ways do not match alike.
    """
    dice = random.Random(20261122)  # noqa: S311  repeatable, and nothing secret
    vocabulary = words(dice)
    texts = posts(count, max(counts), vocabulary, dice)
    found = queries(max(counts), vocabulary, dice)
    yield "   ".join(["queries", *(f"{name:>20}" for name in WAYS), "matches"])
    for number in counts:
        some = {name: found[name] for name in list(found)[:number]}
        taken = [measure(make(some), texts, rounds) for make in WAYS.values()]
        (matches,) = {matches for _, matches in taken}
        yield "   ".join([f"{number:7}", *(f"{one:17.1f} µs" for one, _ in taken), f"{matches:7}"])


def main() -> None:
    """Read the command line and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    for line in rows(given.posts, given.rounds):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
