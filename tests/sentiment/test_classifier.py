"""What the bundled classifier answers, and that it answers the same whatever stands beside."""

import math
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.sentiment import Label
from sentiment.classifier import Classifier
from sentiment.loading import load

MIXED = [
    "I love this phone",
    "Worst service ever, I want my money back",
    "",
    "The store opens at nine.",
    "😡",
    "good " * 300,
    "@ana https://example.org",
    "ok",
    *(f"{'very ' * n}nice tweet number {n}" for n in range(60)),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("I love this phone, best I ever had", Label.POSITIVE, id="praise"),
        pytest.param("Worst service ever, never again", Label.NEGATIVE, id="complaint"),
        pytest.param("The meeting is on Tuesday at 10am.", Label.NEUTRAL, id="statement"),
        pytest.param("not good at all", Label.NEGATIVE, id="negation"),
        pytest.param("@acme your app keeps crashing http://x.y", Label.NEGATIVE, id="to a brand"),
        pytest.param("😍😍", Label.POSITIVE, id="only emojis, glad"),
        pytest.param("😡🤬", Label.NEGATIVE, id="only emojis, angry"),
    ],
)
def test_plain_cases_get_the_plain_label(
    classifier: Classifier, text: str, expected: Label
) -> None:
    assert classifier.classify([text])[0].label is expected


def test_no_texts_give_no_results(classifier: Classifier) -> None:
    assert classifier.classify([]) == []


def test_results_stand_in_the_order_of_the_texts(classifier: Classifier) -> None:
    alone = [classifier.classify([text])[0] for text in MIXED]
    together = classifier.classify(MIXED)
    assert [one.label for one in together] == [one.label for one in alone]
    assert [one.reason for one in together] == [one.reason for one in alone]


def test_a_score_does_not_depend_on_batch_or_order(classifier: Classifier) -> None:
    together = dict(zip(MIXED, classifier.classify(MIXED), strict=True))
    shuffled = random.Random(3).sample(MIXED, len(MIXED))  # noqa: S311
    for text, again in zip(shuffled, classifier.classify(shuffled), strict=True):
        assert again.negative == pytest.approx(together[text].negative, abs=1e-5)
        assert again.positive == pytest.approx(together[text].positive, abs=1e-5)
    for text in MIXED:
        alone = classifier.classify([text])[0]
        assert alone.neutral == pytest.approx(together[text].neutral, abs=1e-5)


def test_probabilities_add_up_to_one(classifier: Classifier) -> None:
    for one in classifier.classify(["fine", "I hate it", "good " * 300]):
        assert one.negative + one.neutral + one.positive == pytest.approx(1, abs=1e-9)
        assert one.confidence == max(one.negative, one.neutral, one.positive)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "empty text", id="empty"),
        pytest.param(" \t\n\u2003 ", "empty text", id="only spaces"),
        pytest.param("\x00\x00", "empty text", id="only NUL"),
        pytest.param("\ud83d", "empty text", id="half a character"),
        pytest.param("@ana @bo https://t.co/x", "empty text: only handles and links", id="reply"),
        pytest.param("ꙮꙮꙮ", "no word or sign the model knows", id="unknown script"),
    ],
)
def test_a_text_without_words_is_not_scored(classifier: Classifier, text: str, reason: str) -> None:
    (one,) = classifier.classify([text])
    assert (one.label, one.reason, one.confidence) == (None, reason, 0)
    assert one.model == classifier.name


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("so \ud83d good", id="lone surrogate"),
        pytest.param("so\x00good\x07", id="control characters"),
        pytest.param("g̷̢o̵͔o̷d" * 50, id="stacked marks"),
        pytest.param("\u202egood\u202c", id="turned direction"),
        pytest.param("good" + "😂" * 5000, id="many emojis"),
    ],
)
def test_hostile_text_is_survived(classifier: Classifier, text: str) -> None:
    (one,) = classifier.classify([text])
    assert one.label is not None or one.reason


def test_a_very_long_text_is_cut_fast_and_says_so(classifier: Classifier) -> None:
    classifier.classify(["warm up, and load the language detector"])
    started = time.perf_counter()
    long, short, word = classifier.classify(["This is great. " * 7_000, "great", "x" * 100_000])
    assert time.perf_counter() - started < 2
    assert (long.label, long.truncated) == (Label.POSITIVE, True)
    assert not short.truncated
    assert word.truncated


def test_a_text_of_more_tokens_than_are_read_is_truncated(classifier: Classifier) -> None:
    one, other = classifier.classify(["nice " * 250, "nice " * 260])
    assert (one.truncated, other.truncated) == (False, True)


def test_a_language_given_by_the_source_decides(classifier: Classifier) -> None:
    spanish, undetermined, british = classifier.classify(
        ["I love it", "I love it", "I love it"], ["es", "und", "en-GB"]
    )
    assert (spanish.label, spanish.lang) == (None, "es")
    assert spanish.reason == "language es: the bundled model reads en"
    assert undetermined.label is Label.POSITIVE
    assert (british.label, british.lang) == (Label.POSITIVE, "en")


def test_a_language_not_given_is_detected_when_plain(classifier: Classifier) -> None:
    (one,) = classifier.classify(["Me encanta este producto, es lo mejor que he comprado nunca"])
    assert (one.label, one.lang) == (None, "es")
    assert one.reason.startswith("language es")


def test_the_language_guard_can_be_switched_off(classifier: Classifier) -> None:
    (one,) = classifier.classify(["Me encanta este producto"], ["es"], any_language=True)
    assert one.label is not None


def test_the_name_tells_the_weights(classifier: Classifier) -> None:
    name, _, sha = classifier.name.partition("@")
    assert (name, len(sha)) == ("bundled", 12)
    assert classifier.languages == ("en",)


def test_a_model_that_gives_no_number_gives_a_reason(hub_folder: Callable[..., Path]) -> None:
    broken = load(str(hub_folder("negative", "neutral", "positive", weight=math.nan)))
    (one,) = broken.classify(["the phone is good"])
    assert (one.label, one.reason) == (None, "the model gave no valid number")
