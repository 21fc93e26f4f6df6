"""Phrases of a text read as what they mean, found where a query would find them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from listener.tokens import joined, tokens


def reworded(text: str, meanings: Mapping[str, str]) -> str:
    """The text with each phrase among these read as what it means, the longest phrase first.

    Phrases stand where matches() would find them: whole words, case and accents do not count. What
    is put in is not read again. Of two spellings of the same phrase the last counts.
    """
    words = joined(text)
    wanted = {tuple(tokens(one)): meanings[one] for one in meanings if joined(one) in words}
    if not wanted:
        return text
    found, lengths = list(_placed(text)), sorted({len(one) for one in wanted}, reverse=True)
    said, copied, at = [], 0, 0
    while at < len(found):
        reads = (found[at : at + length] for length in lengths)
        hit = next((one for one in reads if tuple(token for token, _, _ in one) in wanted), None)
        if hit is not None:
            said += [text[copied : hit[0][1]], wanted[tuple(token for token, _, _ in hit)]]
            copied = hit[-1][2]
        at += len(hit) if hit else 1
    return "".join((*said, text[copied:]))


def _placed(text: str) -> Iterator[tuple[str, int, int]]:
    """The tokens of a text, each with the characters [start, end) that it stands for."""
    word, start, end = "", 0, 0
    for at, character in enumerate(text):
        first, *others = _between_letters(character)
        glued = first[1:] if others else first[1:-1]
        start = start if word else at
        if glued or not others:  # a letter, or an accent or invisible sign on the one before
            end = at + 1
        word += glued
        if others:
            if word:
                yield word, start, end
            yield from ((token, at, at + 1) for token in others[:-1])
            word, start, end = others[-1][:-1], at, at + 1
    if word:
        yield word, start, end


@lru_cache(maxsize=4096)
def _between_letters(character: str) -> Sequence[str]:
    """What becomes of the word "aa" with this character in its middle."""
    return tokens(f"a{character}a")
