"""How often a post that the bundled model takes for buying really wants to buy.

    .venv/bin/python -m benchmarks.buying

On the invented posts that no model has learnt from, by the probability it is asked to have: what
docs/value.md says of leads, and what domain.lead.LEAST_PROBABILITY was chosen by.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.sentiment import Asks, Sentiment
from reputation.response import wilson
from sentiment import own_posts
from sentiment.loading import load

FROM = (0.0, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True)
class Read:
    """One post: what it asks, and with what probability the model takes it for buying."""

    language: str
    asks: Asks
    buying: float  # 0 where it takes it for something else


def read() -> list[Read]:
    """Every post that is measured on, as the service reads it."""
    _, posts = own_posts.split(own_posts.read())
    found = load("bundled").classify(
        [post.text for post in posts], [post.language for post in posts]
    )
    return [
        Read(post.language, post.asks, _probability(one))
        for post, one in zip(posts, found, strict=True)
    ]


def _probability(found: Sentiment) -> float:
    return (found.asks_probability or 0) if found.asks is Asks.BUYING else 0


def counts(posts: Sequence[Read], at_least: float) -> tuple[int, int, int]:
    """(taken for buying and right, taken for buying, buying) from a probability on."""
    taken = [one for one in posts if one.buying > 0 and one.buying >= at_least]
    right = sum(one.asks is Asks.BUYING for one in taken)
    return right, len(taken), sum(one.asks is Asks.BUYING for one in posts)


def _show(name: str, posts: Sequence[Read]) -> None:
    for at_least in FROM:
        right, taken, buying = counts(posts, at_least)
        low, high = wilson(right, taken) if taken else (0, 1)
        print(  # noqa: T201 -- its result
            f"{name:16} {len(posts):>5} posts  from {at_least:.2f}: {right:>3} of {taken:>3} right "
            f"({low:.0%} to {high:.0%}), {right} of {buying} found"
        )


def main() -> None:
    posts = read()
    _show("all", posts)
    _show("English", [one for one in posts if one.language == "en"])
    _show("nine others", [one for one in posts if one.language != "en"])


if __name__ == "__main__":
    main()
