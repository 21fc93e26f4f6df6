"""Models of the transformers library, through a transformer of one layer."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from domain.errors import ConfigError
from sentiment.loading import load

TEXTS = ["the phone is good", "awful", "it was on at nine the phone is the phone", "love it"]
Maker = Callable[..., Path]


def test_labels_are_found_by_name_in_any_order_and_case(hub_folder: Maker) -> None:
    folder = hub_folder("POSITIVE", "Neg", "neutral")
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    encoded = AutoTokenizer.from_pretrained(folder)([TEXTS[0]], return_tensors="pt")
    with torch.inference_mode():
        positive, negative, neutral = model(**encoded).logits.softmax(-1)[0].tolist()
    (one,) = load(str(folder)).classify([TEXTS[0]])
    assert one.positive == pytest.approx(positive, abs=1e-5)
    assert one.negative == pytest.approx(negative, abs=1e-5)
    assert one.neutral == pytest.approx(neutral, abs=1e-5)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("LABEL_0", "LABEL_1", "LABEL_2"), id="no names"),
        pytest.param(("NEGATIVE", "POSITIVE"), id="two classes"),
        pytest.param(("1 star", "2 stars", "3 stars", "4 stars", "5 stars"), id="stars"),
        pytest.param(("negative", "negative", "positive"), id="one twice"),
    ],
)
def test_other_labels_are_refused_and_listed(hub_folder: Maker, names: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match=f"its labels are {', '.join(names)}; needed are"):
        load(str(hub_folder(*names)))


def test_a_score_does_not_depend_on_the_batch(hub_folder: Maker) -> None:
    classifier = load(str(hub_folder("negative", "neutral", "positive")))
    for text, together in zip(TEXTS, classifier.classify(TEXTS), strict=True):
        (alone,) = classifier.classify([text])
        assert alone.negative == pytest.approx(together.negative, abs=1e-5)
        assert alone.positive == pytest.approx(together.positive, abs=1e-5)


def test_longer_texts_are_cut_and_say_so(hub_folder: Maker) -> None:
    classifier = load(str(hub_folder("negative", "neutral", "positive")))
    fits, cut = classifier.classify(["good " * 30, "good " * 31])  # 32 tokens with both ends
    assert (fits.truncated, cut.truncated) == (False, True)
    assert cut.label is not None


def test_texts_without_known_words_are_not_scored(hub_folder: Maker) -> None:
    classifier = load(str(hub_folder("negative", "neutral", "positive")))
    unknown, empty = classifier.classify(["zebra", "@ana"])
    assert unknown.reason == "no word or sign the model knows"
    assert empty.reason == "empty text: only handles and links"
    assert classifier.classify([]) == []


def test_the_name_changes_with_the_weights(hub_folder: Maker) -> None:
    first = load(str(hub_folder("negative", "neutral", "positive"))).name
    second = load(str(hub_folder("negative", "neutral", "positive", weight=0.5))).name
    assert first.startswith("hub-model@")
    assert first != second


def test_pickled_weights_are_refused(hub_folder: Maker) -> None:
    with pytest.raises(ConfigError, match="cannot be loaded"):
        load(str(hub_folder("negative", "neutral", "positive", safe=False)))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be loaded"):
        load(str(tmp_path))


def test_a_device_that_is_not_there_is_refused(hub_folder: Maker) -> None:
    with pytest.raises(ConfigError, match=r"sentiment\.device is 'nonsense'"):
        load(str(hub_folder("negative", "neutral", "positive")), device="nonsense")
