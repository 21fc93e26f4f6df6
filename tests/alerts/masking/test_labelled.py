"""How well masking finds what it should, on lines in seven languages that say what that is."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from alerts.masking import ALL, mask

REGIONS = ("US", "GB", "DE", "ES", "FR", "IT", "PT", "NL")
MARKED = re.compile(r"«(?P<kind>\w+)\|(?P<what>[^»]*)»")
HIDDEN = re.compile(r"\[(?:email|(?:phone|iban|card) …\w\w)\]")


def lines() -> Iterator[tuple[str, str]]:
    """(language, text with its marks)."""
    text = (Path(__file__).parent / "labelled.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            lang, _, marked = line.partition("\t")
            yield lang, marked


def as_hidden(found: re.Match[str]) -> str:
    last = "".join(filter(str.isalnum, found["what"]))[-2:]
    return "[email]" if found["kind"] == "email" else f"[{found['kind']} …{last}]"


def test_there_are_enough_lines_in_each_language() -> None:
    found = Counter(lang for lang, _ in lines())

    assert found.total() >= 120
    assert set(found) == {"en", "de", "es", "fr", "it", "pt", "nl"}
    assert min(found.values()) >= 15


def test_what_must_be_hidden_is_and_next_to_nothing_else() -> None:
    wanted, hidden, both = 0, 0, 0
    for _, marked in lines():
        should = Counter(HIDDEN.findall(MARKED.sub(as_hidden, marked)))
        shown = mask(MARKED.sub(r"\g<what>", marked), ALL, REGIONS)
        did = Counter(HIDDEN.findall(shown))
        wanted, hidden = wanted + should.total(), hidden + did.total()
        both += (should & did).total()

    assert wanted > 100
    assert both / wanted == 1.0, "recall"
    assert both / hidden >= 0.98, "precision"
    assert both < hidden, "a hotline that another country could read as a person's: known, and kept"


def test_nothing_but_what_is_hidden_changes() -> None:
    off = [
        marked
        for _, marked in lines()
        if mask(MARKED.sub(r"\g<what>", marked), ALL, REGIONS) != MARKED.sub(as_hidden, marked)
    ]

    assert len(off) <= 1, off
