"""Scores texts from a file or a pipe, one result for each line, in order."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from domain.sentiment import Sentiment
from net.files import json_object
from sentiment.classifier import Classifier
from sentiment.tables import cells
from sentiment.target import places

TEXTS_AT_FIRST = 16  # so that the first results come at once, also from a slow model
TEXTS_AT_ONCE = 2_000  # enough to sort by length, little enough to see progress
_OBJECT = re.compile(r'\s*\{\s*["}]')  # how a JSON object begins, and hardly any text


@dataclass(frozen=True, slots=True)
class InputText:
    """One line of input."""

    text: str
    lang: str | None = None  # as the line states it
    target: str = ""  # a name in the text: whom the tone is asked toward
    problem: str = ""  # why the line holds no text to score


def read_lines(lines: Iterable[str], *, json_lines: bool | None = None) -> Iterator[InputText]:
    r"""One for each line: the line itself, or the `text`, `lang` and `target` of its JSON object.

    json_lines: whether the lines are JSON objects; None decides by the first that is not blank. A
    bad line gives a problem and never goes missing; a blank one is an empty text. Open files with
    newline="\n": texts may hold other breaks.
    """
    for line in lines:
        text = line.removesuffix("\n").removesuffix("\r").removeprefix("\ufeff")
        if json_lines is None and text.strip():
            json_lines = _OBJECT.match(text) is not None
        yield _from_json(text) if json_lines and text.strip() else InputText(text)


def read_table(lines: Iterable[str], *, tabs: bool, name: str) -> Iterator[InputText]:
    """One for each row of CSV or TSV: its `text`, and its `lang` and `target` where it has them.

    Raises InputError when there is no column `text`.
    """
    way_out = "; to score its lines as they are, pipe it to earshot score -"
    for _, row in cells(lines, tabs=tabs, needs=("text",), name=name, otherwise=way_out):
        if "text" in row:
            yield InputText(row["text"], row.get("lang") or None, row.get("target", ""))
        else:
            yield InputText("", problem="no text in the row")


def score(
    classifier: Classifier,
    inputs: Iterable[InputText],
    *,
    any_language: bool = False,
    reading: Callable[[str, str], str] = lambda text, _: text,
) -> Iterator[tuple[InputText, Sentiment]]:
    """Each input with its result, in order; works through any number in parts that grow.

    reading: what the model shall read for a text and its target.
    """
    remaining = iter(inputs)
    size = TEXTS_AT_FIRST
    while part := list(islice(remaining, size)):
        size = min(2 * size, TEXTS_AT_ONCE)
        good = [one for one in part if not one.problem]
        read = [reading(one.text, one.target) for one in good]
        scored = iter(
            classifier.classify(
                read,
                [one.lang for one in good],
                [places(text, one.target) for text, one in zip(read, good, strict=True)],
                any_language=any_language,
            )
        )
        for one in part:
            yield one, classifier.unscored(one.problem) if one.problem else next(scored)


def as_json(text: str, sentiment: Sentiment) -> dict[str, object]:
    """The JSON of a score, as scripts rely on it."""
    record: dict[str, object] = {
        "text": text,
        "label": sentiment.label,
        **sentiment.probabilities,
        "confidence": sentiment.confidence if sentiment.label else None,
        "lang": sentiment.lang,
        "model": sentiment.model,
        "truncated": sentiment.truncated,
        "unsure": sentiment.unsure,
        "toward": sentiment.toward,
        "asks": sentiment.asks,
        "emotion": sentiment.emotion,
        "sarcastic": sentiment.sarcastic,
        "asks_probability": sentiment.asks_probability,
        "wants_answer": sentiment.wants_answer,
    }
    if sentiment.label is None:
        record["reason"] = sentiment.reason
    return record


def _from_json(line: str) -> InputText:
    values = json_object(line, parse_int=float)
    if isinstance(values, str):
        return InputText(line, problem="not a JSON object")
    text, lang, target = (values.get(key) for key in ("text", "lang", "target"))
    if not isinstance(text, str):
        return InputText(line, problem="no text in the JSON object")
    return InputText(
        text,
        lang if isinstance(lang, str) else None,
        target if isinstance(target, str) else "",
    )
