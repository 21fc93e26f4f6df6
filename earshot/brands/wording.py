"""What the words of a mention say to the rules: the queries they name, and lists of words."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

from domain.asking import ALARMING, Found
from domain.incident import Candidate
from domain.mention import Author, Mention
from listener.query import Matcher, Query, facts_of, parse, phrase

SHIPPED = ALARMING  # word lists that come along


class Wording:
    """Looks for everything at once. Made once; threads may share it."""

    def __init__(self, words: Mapping[str, Sequence[str]], queries: Mapping[str, str]) -> None:
        """words: the words of each list. queries: by the name of the rule they stand in.

        Raises ConfigError for a query or a word that cannot be read.
        """
        self._words = [(name, word) for name in words for word in words[name]]
        asked = {f"word {place}": word_query(word) for place, (_, word) in enumerate(self._words)}
        self._asked = Matcher(asked | {f"rule {name}": parse(queries[name]) for name in queries})
        self._rules = list(queries)

    def found(self, candidate: Candidate) -> Found:
        """Which queries the mention answers, and of each list the first word it has."""
        keys = self._asked.matching(candidate.text, facts_of(_mention(candidate)))
        words: dict[str, str] = {}
        for place, (name, word) in enumerate(self._words):
            if f"word {place}" in keys:
                words.setdefault(name, word)
        return Found(words, frozenset(name for name in self._rules if f"rule {name}" in keys))


def word_query(word: str) -> Query:
    """A phrase, or a word that may end in *. Raises ConfigError when it has no letter or digit."""
    return phrase(word) if " " in word.strip() else parse(word)


def shipped_words(name: str, languages: Iterable[str]) -> tuple[str, ...]:
    """The list that comes along, in these languages; in all that it has when none is given."""
    lists = tomllib.loads((files("alerts") / "words" / f"{name}.toml").read_text("utf-8"))
    wanted = set(languages) or set(lists)
    return tuple(word for lang, words in lists.items() if lang in wanted for word in words)


def _mention(candidate: Candidate) -> Mention:
    """The candidate as a query looks at it."""
    return Mention(
        source=candidate.source,
        external_id=candidate.external_id,
        text=candidate.text,
        published_at=candidate.published_at,
        url=candidate.url,
        lang=candidate.lang,
        parent_id=candidate.parent_id,
        author=Author(
            id=candidate.author_id,
            handle=candidate.author_handle,
            followers=candidate.followers,
        ),
        rating=candidate.rating,
    )
