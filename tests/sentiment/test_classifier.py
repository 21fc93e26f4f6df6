"""What the bundled classifier answers, and that it answers the same whatever stands beside."""

import logging
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from domain.errors import EarshotError
from domain.sentiment import WANT_AN_ANSWER, Asks, Emotion, Label
from sentiment.backend import Answers, Prepared, Tokens
from sentiment.classifier import Classifier
from sentiment.heads import ASKS, EMOTION, HEADS, SARCASM, TONE, TOWARD, Head
from sentiment.loading import load
from sentiment.text import MAX_CHARS, Span

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


def test_a_very_long_text_is_cut_and_says_so(classifier: Classifier) -> None:
    long, short, word = classifier.classify(["This is great. " * 7_000, "great", "x" * 100_000])
    assert (long.label, long.truncated) == (Label.POSITIVE, True)
    assert not short.truncated
    assert word.truncated


def test_a_text_of_more_tokens_than_are_read_is_truncated(classifier: Classifier) -> None:
    one, other = classifier.classify(["nice " * 250, "nice " * 260])
    assert (one.truncated, other.truncated) == (False, True)


def test_a_language_given_by_the_source_decides(classifier: Classifier) -> None:
    japanese, undetermined, british = classifier.classify(
        ["I love it", "I love it", "I love it"], ["ja", "und", "en-GB"]
    )
    assert (japanese.label, japanese.lang) == (None, "ja")
    assert japanese.reason.startswith("language ja: the bundled model reads en")
    assert undetermined.label is Label.POSITIVE
    assert (british.label, british.lang) == (Label.POSITIVE, "en")


def test_a_language_not_given_is_detected_when_plain(classifier: Classifier) -> None:
    (russian,) = classifier.classify(["Мне очень нравится этот продукт, лучший из всех"])
    assert (russian.label, russian.lang) == (None, "ru")
    assert russian.reason.startswith("language ru")


def test_the_language_guard_can_be_switched_off(classifier: Classifier) -> None:
    (one,) = classifier.classify(["Jag älskar den här produkten"], ["sv"], any_language=True)
    assert one.label is not None


def test_the_name_tells_the_weights(classifier: Classifier) -> None:
    name, _, sha = classifier.name.partition("@")
    assert (name, len(sha)) == ("bundled", 12)


def test_a_model_of_no_numbers_scores_nothing_and_says_so(hub_folder: Callable[..., Path]) -> None:
    broken = load(str(hub_folder("negative", "neutral", "positive", weight=math.nan)))
    with pytest.raises(EarshotError, match="even over plain sentences: no valid number"):
        broken.classify(["the phone is good"])


# --- a model that fails ------------------------------------------------------------------------


class Fragile:
    """Reads letters, and fails over whatever holds one of those it was made with."""

    name = "fragile@1"
    languages: tuple[str, ...] = ()
    answer_from: float | None = None

    def __init__(self, *, unreadable: str = "", poison: str = "", most: int = 1_000) -> None:
        self.unreadable, self.poison = unreadable, poison
        self.most = most  # texts that fit into memory at once
        self.runs = 0

    def prepare(self, text: str, target: Sequence[Span]) -> Prepared:
        return Prepared(text, target)

    def tokens(self, prepared: Sequence[Prepared]) -> list[Tokens]:
        if any(letter in one.text for one in prepared for letter in self.unreadable):
            raise ValueError("unreadable")
        return [
            Tokens([ord(letter) for letter in one.text], truncated=False, known=True)
            for one in prepared
        ]

    def probabilities(self, batch: Sequence[Tokens]) -> Answers:
        self.runs += 1
        if len(batch) > self.most:
            raise MemoryError
        if any(ord(letter) in one.ids for one in batch for letter in self.poison):
            raise RuntimeError("the graph stumbled")
        return {TONE.name: np.array([[0.1, 0.2, 0.7]] * len(batch), dtype=np.float32)}


def test_only_the_text_the_model_fails_over_goes_without_a_label(
    caplog: pytest.LogCaptureFixture,
) -> None:
    backend = Fragile(poison="x")
    texts = ["a"] * 100 + ["x"] + ["a"] * 155
    scored = Classifier(backend).classify(texts)

    assert [i for i, one in enumerate(scored) if one.label is None] == [100]
    assert scored[100].reason == "the model failed: RuntimeError"
    assert scored[100].model == "fragile@1"
    assert backend.runs == 1 + 2 * math.log2(256) + 2, "two plain ones: the model itself is well"
    assert [record.getMessage() for record in caplog.records] == [
        "a text was not scored reason=the model failed: RuntimeError"
    ]


def test_a_text_that_cannot_even_be_read_stops_no_other() -> None:
    bad, poisonous, good = Classifier(Fragile(unreadable="y", poison="x")).classify(["y", "x", "a"])
    assert bad.reason == "the model failed: ValueError"
    assert poisonous.reason == "the model failed: RuntimeError"
    assert good.label is Label.POSITIVE


def test_a_model_that_fails_over_every_text_is_in_trouble_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(EarshotError) as caught:
        Classifier(Fragile(most=0)).classify(["my secret"] * 9)
    assert str(caught.value) == (
        "model fragile@1 fails even over plain sentences: MemoryError. Nothing was scored; see "
        "whether memory is free and its files are whole, or set sentiment.model to another."
    )
    assert caplog.records == [], "one error is told, not one for each text"


def test_texts_that_all_poison_the_model_are_none_of_its_trouble() -> None:
    scored = Classifier(Fragile(poison="x")).classify(["x"] * 9)
    assert {one.reason for one in scored} == {"the model failed: RuntimeError"}


def test_a_model_that_dies_among_the_texts_gives_none_of_them_a_label() -> None:
    class Dying(Fragile):
        def probabilities(self, batch: Sequence[Tokens]) -> Answers:
            if self.runs:
                raise RuntimeError("the device is gone\nfor ever")
            return super().probabilities(batch)

    with pytest.raises(EarshotError, match=r"RuntimeError, the device is gone\. Nothing was"):
        Classifier(Dying()).classify(["a" * 2_000, "a" * 2_001])


def test_a_batch_too_big_for_the_memory_is_scored_in_smaller_ones(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    scored = Classifier(Fragile(most=3)).classify(["a"] * 40)
    assert {one.label for one in scored} == {Label.POSITIVE}
    assert caplog.records == []


def test_a_mistake_of_ours_is_not_taken_for_a_failure_of_the_model() -> None:
    class Wrong(Fragile):
        def probabilities(self, batch: Sequence[Tokens]) -> Answers:
            raise TypeError(f"not {len(batch)}")

    with pytest.raises(TypeError):
        Classifier(Wrong()).classify(["a"])


# --- a model of several heads ------------------------------------------------------------------


class Talkative:
    """Says good of every text, surely bad of every name, and reads the first letters only."""

    name = "talkative@1"
    languages: tuple[str, ...] = ()
    answer_from: float | None = None
    reads = 40  # letters

    def __init__(self, *heads: Head) -> None:
        self.heads = heads
        self.heard: list[list[str]] = []  # the names in each text

    def prepare(self, text: str, target: Sequence[Span]) -> Prepared:
        self.heard.append([text[start:end] for start, end in target])
        return Prepared(text, target)

    def tokens(self, prepared: Sequence[Prepared]) -> list[Tokens]:
        made: list[Tokens] = []
        for one in prepared:
            ids = [ord(letter) for letter in one.text[: self.reads]]
            chosen = [int(any(a <= i < b for a, b in one.target)) for i in range(len(ids))]
            cut = len(one.text) > self.reads
            made.append(Tokens(ids, cut, known=True, target=chosen if any(chosen) else ()))
        return made

    def probabilities(self, batch: Sequence[Tokens]) -> Answers:
        said = {TOWARD: "negative", TONE: "positive", ASKS: "praise", EMOTION: "joy"}
        answers: dict[str, list[float]] = {}
        for head in self.heads:
            likely = said.get(head, head.labels[-1])
            sure, rest = (0.6, 0.2) if head is TONE else (0.8, 0.1)
            answers[head.name] = [sure if label == likely else rest for label in head.labels]
        return {name: np.array([row] * len(batch), np.float32) for name, row in answers.items()}


def test_the_whole_text_has_a_fifth_of_the_say_where_a_name_is_given() -> None:
    text = "acme is what it is"
    named, whole = Classifier(Talkative(*HEADS)).classify([text, text], targets=[[(0, 4)], []])
    assert (named.label, named.toward) == (Label.NEGATIVE, True)
    assert named.negative == pytest.approx(0.2 * 0.2 + 0.8 * 0.8)
    assert named.positive == pytest.approx(0.2 * 0.6 + 0.8 * 0.1)
    assert (whole.label, whole.toward) == (Label.POSITIVE, False)
    assert whole.positive == pytest.approx(0.6)


def test_a_model_that_hears_whole_texts_says_so() -> None:
    (one,) = Classifier(Talkative(TONE)).classify(["acme is fine"], targets=[[(0, 4)]])
    assert (one.label, one.toward) == (Label.POSITIVE, False)


@pytest.mark.parametrize(
    ("before", "toward"),
    [
        pytest.param(0, True, id="at the start"),
        pytest.param(Talkative.reads - 1, True, id="its first letter is read"),
        pytest.param(Talkative.reads, False, id="behind what the model reads"),
        pytest.param(MAX_CHARS, False, id="behind what is given to it"),
    ],
)
def test_a_name_that_was_cut_off_is_not_asked_about(before: int, *, toward: bool) -> None:
    text = "x" * before + "acme"
    (one,) = Classifier(Talkative(*HEADS)).classify([text], targets=[[(before, before + 4)]])
    assert one.toward is toward
    assert one.label is (Label.NEGATIVE if toward else Label.POSITIVE)


def test_one_place_that_is_read_is_enough() -> None:
    text = "acme " + "x" * Talkative.reads + " acme"
    targets = [[(0, 4), (len(text) - 4, len(text))]]
    (one,) = Classifier(Talkative(*HEADS)).classify([text], targets=targets)
    assert one.toward


def test_places_outlive_space_at_the_start() -> None:
    backend = Talkative(*HEADS)
    (one,) = Classifier(backend).classify([" \n\tacme, oh acme  "], targets=[[(3, 7), (12, 16)]])
    assert backend.heard == [["acme", "acme"]]
    assert one.toward


def test_what_else_the_model_says_is_told() -> None:
    (one,) = Classifier(Talkative(*HEADS)).classify(["fine"])
    assert (one.asks, one.emotion, one.sarcastic) == (Asks.PRAISE, Emotion.JOY, True)


def test_of_what_a_model_was_not_taught_it_has_no_opinion() -> None:
    (one,) = Classifier(Talkative(TONE, SARCASM)).classify(["fine"])
    assert (one.asks, one.emotion, one.sarcastic) == (None, None, True)
    (one,) = Classifier(Talkative(TONE)).classify(["fine"])
    assert (one.asks, one.emotion, one.sarcastic) == (None, None, None)


# --- two models ----------------------------------------------------------------------------------


class Single:
    """A model of one opinion that remembers what it was given."""

    def __init__(self, label: Label, *languages: str) -> None:
        self.name = f"{label}@1"
        self.languages = languages
        self.answer_from: float | None = None
        self.read: list[str] = []
        self._row = np.array([one is label for one in TONE.labels], dtype=np.float32)

    def prepare(self, text: str, target: Sequence[Span]) -> Prepared:
        return Prepared(text, target)

    def tokens(self, prepared: Sequence[Prepared]) -> list[Tokens]:
        self.read += [one.text for one in prepared]
        return [Tokens([1], truncated=False, known=True) for _ in prepared]

    def probabilities(self, batch: Sequence[Tokens]) -> Answers:
        return {TONE.name: np.stack([self._row] * len(batch))}


@pytest.mark.parametrize(
    ("text", "lang", "label"),
    [
        pytest.param("anything", "en", Label.POSITIVE, id="stated English"),
        pytest.param("anything", "de", Label.NEGATIVE, id="stated German"),
        pytest.param(
            "The kettle broke again after two weeks", None, Label.POSITIVE, id="heard English"
        ),
        pytest.param("La peor cosa", None, Label.NEGATIVE, id="short and foreign"),
        pytest.param("Der Kessel ist schon wieder kaputt", None, Label.NEGATIVE, id="German"),
        pytest.param(
            "Support mal wieder a complete joke, keine Antwort", None, Label.NEGATIVE, id="mixed"
        ),
        pytest.param("😍😍 10/10", None, Label.POSITIVE, id="without words"),
        pytest.param("anything", "ja", None, id="stated, and read by neither"),
        pytest.param("これは最悪だ、もう買わない", None, None, id="heard, and read by neither"),
    ],
)
def test_each_text_goes_to_the_model_that_reads_it(
    text: str, lang: str | None, label: Label | None
) -> None:
    english = Single(Label.POSITIVE, "en")
    others = Single(Label.NEGATIVE, "en", "de", "es")
    both = Classifier(english, others, name="both@1")
    (found,) = both.classify([text], [lang])
    assert (found.label, found.model) == (label, "both@1")
    assert bool(english.read) is (label is Label.POSITIVE)
    assert bool(others.read) is (label is Label.NEGATIVE)
    assert both.languages == ("en", "de", "es")


def test_texts_of_two_models_come_back_in_order() -> None:
    both = Classifier(Single(Label.POSITIVE, "en"), Single(Label.NEGATIVE, "de"), name="both@1")
    langs = ["de", "en", "en", "de", "fr"]
    found = both.classify([f"text {number}" for number in range(5)], langs)
    expected = [Label.NEGATIVE, Label.POSITIVE, Label.POSITIVE, Label.NEGATIVE, None]
    assert [one.label for one in found] == expected
    assert found[-1].reason == "language fr: the both model reads en, de"


def test_what_it_asks_has_a_probability_and_so_has_the_wish_for_an_answer(
    classifier: Classifier,
) -> None:
    for one in classifier.classify(["Why was I charged twice? Please refund me.", "Lovely day"]):
        assert one.asks_probability is not None
        assert one.wants_answer is not None
        assert 1 / len(ASKS.labels) <= one.asks_probability <= 1
        assert 0 <= one.wants_answer <= 1 + 1e-9
        if one.asks in WANT_AN_ANSWER:
            assert one.wants_answer >= one.asks_probability - 1e-9
