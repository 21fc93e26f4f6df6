"""Lines in, one result for each line out."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.sentiment import Label
from sentiment.classifier import Classifier
from sentiment.loading import load
from sentiment.scoring import (
    TEXTS_AT_FIRST,
    TEXTS_AT_ONCE,
    InputText,
    as_json,
    read_lines,
    score,
)


def test_plain_lines_are_texts() -> None:
    lines = ["I love it\n", "\n", '{"text": 1}\r\n', "last"]
    assert [one.text for one in read_lines(lines)] == ["I love it", "", '{"text": 1}', "last"]


def test_json_lines_are_noticed_by_the_first() -> None:
    lines = ['\ufeff{"text": "I love it", "lang": "en"}\n', '{"text": "a\\nb", "lang": 3}\n']
    assert list(read_lines(lines)) == [InputText("I love it", "en"), InputText("a\nb")]


@pytest.mark.parametrize("first", ["", " \t", '{"id": 1}', '{"text": "torn'])
def test_what_stands_before_the_first_good_object_hides_no_format(first: str) -> None:
    found = list(read_lines([first, '{"text": "fine"}']))
    assert found[1] == InputText("fine")
    assert (found[0].text, found[0].problem != "") == (first, bool(first.strip()))


def test_a_text_in_braces_is_no_object() -> None:
    assert list(read_lines(["{sigh} again"])) == [InputText("{sigh} again")]


def test_a_number_of_any_length_costs_no_text() -> None:
    line = f'{{"text": "fine", "id": {"9" * 5_000}, "n": -1e999}}'
    assert list(read_lines([line])) == [InputText("fine")]


def test_a_json_line_may_name_whom_the_tone_is_toward() -> None:
    lines = ['{"text": "acme is good", "target": "Acme"}', '{"text": "fine", "target": 3}']
    assert list(read_lines(lines)) == [
        InputText("acme is good", target="Acme"),
        InputText("fine"),
    ]


def test_a_first_bad_line_does_not_hide_the_format_when_it_is_said() -> None:
    lines = ["oops\n", '{"text": "fine"}\n']
    found = list(read_lines(lines, json_lines=True))
    assert found == [InputText("oops", problem="not a JSON object"), InputText("fine")]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param("{", "not a JSON object", id="broken"),
        pytest.param("[1]", "not a JSON object", id="list"),
        pytest.param("[" * 100_000, "not a JSON object", id="deep"),
        pytest.param('{"txt": "x"}', "no text in the JSON object", id="other key"),
        pytest.param('{"text": null}', "no text in the JSON object", id="null"),
    ],
)
def test_a_bad_json_line_says_why(line: str, problem: str) -> None:
    (found,) = read_lines([line], json_lines=True)
    assert (found.text, found.problem) == (line, problem)


def test_every_line_has_a_result_in_order(classifier: Classifier) -> None:
    lines = ['{"text": "I love it"}', "oops", '{"text": "I hate it"}', '{"text": ""}']
    found = list(score(classifier, read_lines(lines)))
    assert [one.label for _, one in found] == [Label.POSITIVE, None, Label.NEGATIVE, None]
    assert [one.reason for _, one in found] == ["", "not a JSON object", "", "empty text"]
    assert [given.text for given, _ in found] == ["I love it", "oops", "I hate it", ""]


def test_the_model_reads_what_is_meant_and_the_text_stays(classifier: Classifier) -> None:
    def reading(text: str, target: str) -> str:
        return text.replace("sick", "awful" if target else "great")

    lines = ['{"text": "Acme is sick"}', '{"text": "Acme is sick", "target": "Acme"}']
    found = list(score(classifier, read_lines(lines), reading=reading))
    assert [one.label for _, one in found] == [Label.POSITIVE, Label.NEGATIVE]
    assert [one.toward for _, one in found] == [False, True]
    assert {given.text for given, _ in found} == {"Acme is sick"}


def test_the_tone_is_toward_the_target_where_it_stands_in_the_text(own_folder: Path) -> None:
    lines = [
        '{"text": "the ACME phone is good", "target": "acme"}',
        '{"text": "the phone is good", "target": "acme"}',
        "oops",
        '{"text": "the acme phone is good"}',
        '{"text": "  #acme is good", "target": "Acme"}',
    ]
    found = list(score(load(str(own_folder)), read_lines(lines)))
    assert [one.toward for _, one in found] == [True, False, False, False, True]


def test_the_first_results_come_before_the_rest_is_read(classifier: Classifier) -> None:
    read: list[int] = []

    def lines() -> Iterator[str]:
        for i in range(10_000):
            read.append(i)
            yield f"I love it {i}"

    results = score(classifier, read_lines(lines()))
    first, _ = next(results)
    assert first.text == "I love it 0"
    assert len(read) == TEXTS_AT_FIRST


def test_never_more_than_one_part_is_held(classifier: Classifier) -> None:
    ahead: list[int] = []
    given = 0

    def lines() -> Iterator[str]:
        nonlocal given
        for _ in range(5_000):
            given += 1
            yield ""

    for done, _ in enumerate(score(classifier, read_lines(lines())), start=1):
        ahead.append(given - done)
    assert done == 5_000
    assert max(ahead) < TEXTS_AT_ONCE


def test_no_lines_give_no_results(classifier: Classifier) -> None:
    assert list(score(classifier, read_lines([]))) == []


def test_the_json_of_a_score(classifier: Classifier) -> None:
    (scored,) = classifier.classify(["I love it"])
    record = json.loads(json.dumps(as_json("I love it", scored)))
    assert list(record) == [
        "text", "label", "negative", "neutral", "positive", "confidence", "lang", "model",
        "truncated", "unsure", "toward", "asks", "emotion", "sarcastic",
        "asks_probability", "wants_answer",
    ]  # fmt: skip
    assert record["label"] == "positive"
    assert record["confidence"] == record["positive"]
    assert (record["unsure"], record["toward"]) == (False, False)


def test_the_json_of_an_unscored_text_has_a_reason(classifier: Classifier) -> None:
    (scored,) = classifier.classify([""])
    record = as_json("", scored)
    assert (record["label"], record["reason"]) == (None, "empty text")
    probabilities = ("negative", "neutral", "positive", "confidence")
    assert [record[name] for name in probabilities] == [None] * 4, "not known is not 0"
    assert (record["asks"], record["emotion"], record["sarcastic"]) == (None, None, None)
