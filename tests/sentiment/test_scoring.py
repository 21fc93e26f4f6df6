"""Lines in, one result for each line out."""

import json

import pytest

from domain.sentiment import Label
from sentiment.classifier import Classifier
from sentiment.scoring import InputText, as_json, read_lines, score


def test_plain_lines_are_texts() -> None:
    lines = ["I love it\n", "\n", '{"text": 1}\r\n', "last"]
    assert [one.text for one in read_lines(lines)] == ["I love it", "", '{"text": 1}', "last"]


def test_json_lines_are_noticed_by_the_first() -> None:
    lines = ['\ufeff{"text": "I love it", "lang": "en"}\n', '{"text": "a\\nb", "lang": 3}\n']
    assert list(read_lines(lines)) == [InputText("I love it", "en"), InputText("a\nb")]


def test_a_first_bad_line_does_not_hide_the_format_when_it_is_said() -> None:
    lines = ["oops\n", '{"text": "fine"}\n']
    found = list(read_lines(lines, json_lines=True))
    assert found == [InputText("oops", problem="not a JSON object"), InputText("fine")]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param("", "not a JSON object", id="blank"),
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


def test_no_lines_give_no_results(classifier: Classifier) -> None:
    assert list(score(classifier, read_lines([]))) == []


def test_the_json_of_a_score(classifier: Classifier) -> None:
    (scored,) = classifier.classify(["I love it"])
    record = json.loads(json.dumps(as_json("I love it", scored)))
    assert list(record) == [
        "text", "label", "negative", "neutral", "positive", "confidence", "lang", "model",
        "truncated",
    ]  # fmt: skip
    assert record["label"] == "positive"
    assert record["confidence"] == record["positive"]


def test_the_json_of_an_unscored_text_has_a_reason(classifier: Classifier) -> None:
    (scored,) = classifier.classify([""])
    record = as_json("", scored)
    assert (record["label"], record["reason"]) == (None, "empty text")
