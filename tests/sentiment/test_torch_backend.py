"""Models of the transformers library, through a transformer of one layer."""

import json
import random
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertForSequenceClassification,
    BertModel,
    GPT2Config,
    GPT2ForSequenceClassification,
    PreTrainedTokenizerFast,
)

from domain.errors import ConfigError
from domain.sentiment import Label
from sentiment.heads import TONE
from sentiment.loading import load
from sentiment.torch_backend import TorchBackend
from tests.sentiment.conftest import tokenizer

TEXTS = ["the phone is good", "awful", "it was on at nine the phone is the phone", "love it"]
STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
Maker = Callable[..., Path]


def probabilities(folder: Path, text: str) -> list[float]:
    """One for each class, as the transformers library has it."""
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    encoded = AutoTokenizer.from_pretrained(folder)([text], return_tensors="pt")
    with torch.inference_mode():
        found: list[float] = model(**encoded).logits.softmax(-1)[0].tolist()
    return found


def change(path: Path, **values: object) -> None:
    """Set keys of a JSON file."""
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


# --- labels ------------------------------------------------------------------------------------


def test_labels_are_found_by_name_in_any_order_and_case(hub_folder: Maker) -> None:
    folder = hub_folder("POSITIVE", "Neg", "neutral")
    positive, negative, neutral = probabilities(folder, TEXTS[0])
    (one,) = load(str(folder)).classify([TEXTS[0]])
    assert one.positive == pytest.approx(positive, abs=1e-5)
    assert one.negative == pytest.approx(negative, abs=1e-5)
    assert one.neutral == pytest.approx(neutral, abs=1e-5)


def test_the_line_an_error_offers_makes_the_model_work(hub_folder: Maker) -> None:
    folder = str(hub_folder(*STARS))
    with pytest.raises(ConfigError, match="its labels are 1 star, 2 stars, 3 stars") as caught:
        load(folder)
    line = str(caught.value).partition("for example: ")[2]

    given = {name: Label(label) for name, label in tomllib.loads(line)["labels"].items()}
    assert load(folder, labels=given).classify([TEXTS[0]])[0].label is not None


def test_probabilities_of_classes_that_mean_the_same_add_up(hub_folder: Maker) -> None:
    folder = hub_folder(*STARS)
    given = dict.fromkeys(STARS, Label.POSITIVE)
    given |= {"1 star": Label.NEGATIVE, "2 stars": Label.NEGATIVE, "3 stars": Label.NEUTRAL}
    found = probabilities(folder, TEXTS[0])
    (one,) = load(str(folder), labels=given).classify([TEXTS[0]])
    assert one.negative == pytest.approx(found[0] + found[1], abs=1e-5)
    assert one.neutral == pytest.approx(found[2], abs=1e-5)
    assert one.positive == pytest.approx(found[3] + found[4], abs=1e-5)


def test_other_meanings_of_the_labels_are_another_model(hub_folder: Maker) -> None:
    folder = str(hub_folder("negative", "neutral", "positive"))
    turned = {
        "negative": Label.POSITIVE,
        "neutral": Label.NEUTRAL,
        "positive": Label.NEGATIVE,
    }
    plain, other = load(folder), load(folder, labels=turned)
    (one,), (another,) = plain.classify([TEXTS[0]]), other.classify([TEXTS[0]])
    assert one.negative != pytest.approx(one.positive, abs=1e-4)
    assert another.negative == pytest.approx(one.positive, abs=1e-5)
    assert plain.name != other.name


def test_a_model_that_gives_several_labels_at_once_is_refused(hub_folder: Maker) -> None:
    folder = hub_folder("negative", "neutral", "positive")
    change(folder / "config.json", problem_type="multi_label_classification")
    with pytest.raises(ConfigError, match="any number of labels at once"):
        load(str(folder))


# --- scores ------------------------------------------------------------------------------------


def test_a_score_does_not_depend_on_batch_or_order(hub_folder: Maker) -> None:
    classifier = load(str(hub_folder("negative", "neutral", "positive")))
    rng = random.Random(4)  # noqa: S311
    texts = [*TEXTS, *(" ".join(rng.choices(TEXTS, k=k)) for k in range(1, 9))]
    together = dict(zip(texts, classifier.classify(texts), strict=True))
    orders = [texts[::-1], rng.sample(texts, len(texts)), *([text] for text in texts)]
    for order in orders:
        for text, again in zip(order, classifier.classify(order), strict=True):
            assert again.negative == pytest.approx(together[text].negative, abs=1e-5)
            assert again.positive == pytest.approx(together[text].positive, abs=1e-5)


def generative(folder: Path, pad: int | None) -> None:
    """Put in the folder a model that reads the last token that is no `pad`, as chatting ones do."""
    names = ["negative", "neutral", "positive"]
    sizes = {"vocab_size": 23, "n_positions": 34, "n_embd": 16, "n_layer": 1, "n_head": 2}
    labels = {"num_labels": 3, "id2label": dict(enumerate(names)), "pad_token_id": pad}
    torch.manual_seed(3)
    GPT2ForSequenceClassification(GPT2Config.from_dict(sizes | labels)).save_pretrained(folder)


@pytest.mark.parametrize("kind", ["reads all", "reads the last"])
@pytest.mark.parametrize(
    ("padding", "pad"),
    [
        pytest.param(None, None, id="no padding at all"),
        pytest.param("[PAD]", None, id="a padding the model does not know"),
        pytest.param("[SEP]", 0, id="another padding than the model's"),
        pytest.param("[PAD]", 0, id="the model's padding"),
    ],
)
def test_whatever_it_pads_with_a_model_scores_as_alone(
    hub_folder: Maker, kind: str, padding: str | None, pad: int | None
) -> None:
    folder = hub_folder("negative", "neutral", "positive")
    if kind == "reads the last":
        generative(folder, pad)
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer(), unk_token="[UNK]", sep_token="[SEP]", pad_token=padding
    ).save_pretrained(folder)

    together = load(str(folder)).classify(TEXTS)

    for text, one in zip(TEXTS, together, strict=True):
        alone = probabilities(folder, text)
        assert [one.negative, one.neutral, one.positive] == pytest.approx(alone, abs=1e-5), text


def test_a_word_the_network_has_no_numbers_for_costs_its_text_alone(
    hub_folder: Maker,
) -> None:
    folder = hub_folder("negative", "neutral", "positive")
    more = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer(), unk_token="[UNK]", pad_token="[PAD]"
    )
    more.add_tokens(["zebra"])
    more.save_pretrained(folder)

    good, bad = load(str(folder)).classify(["the phone is good", "the zebra is good"])

    assert good.label is not None
    assert bad.reason == "the model failed: RuntimeError"


def test_half_precision_hardly_moves_a_score(hub_folder: Maker) -> None:
    backend = TorchBackend(
        str(hub_folder("negative", "neutral", "positive")), device="cpu", labels={}
    )
    rows = backend.tokens([backend.prepare(text, []) for text in TEXTS])
    exact = backend.probabilities(rows)[TONE.name]
    backend.__dict__["_bf16"] = True  # what a GPU does
    rough = backend.probabilities(rows)[TONE.name]
    assert 0 < np.abs(rough - exact).max() < 0.01


def test_it_hears_whole_texts_only_and_nothing_but_their_tone(hub_folder: Maker) -> None:
    classifier = load(str(hub_folder("negative", "neutral", "positive")))
    named, whole = classifier.classify([TEXTS[0]] * 2, targets=[[(4, 9)], []])
    assert named == whole
    assert named.label is not None
    assert (named.toward, named.asks, named.emotion, named.sarcastic) == (False, None, None, None)


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


# --- what is refused ---------------------------------------------------------------------------


@pytest.fixture
def code(hub_folder: Maker) -> Path:
    """A model whose folder holds a program that leaves a trace when it is run."""
    folder = hub_folder("negative", "neutral", "positive")
    trace = f"open({str(folder / 'ran')!r}, 'w')\n"
    (folder / "theirs.py").write_text(f"{trace}class Theirs: pass\n")
    return folder


def test_a_model_that_needs_its_own_code_is_refused_and_the_code_not_run(code: Path) -> None:
    auto = dict.fromkeys(("AutoConfig", "AutoModelForSequenceClassification"), "theirs.Theirs")
    change(code / "config.json", model_type="theirs", auto_map=auto)
    with pytest.raises(ConfigError, match="code of its own, which is never run; take another"):
        load(str(code))
    assert not (code / "ran").exists()


def test_a_tokenizer_that_needs_its_own_code_is_refused_and_the_code_not_run(code: Path) -> None:
    auto = {"AutoTokenizer": ["theirs.Theirs", "theirs.Theirs"]}
    change(code / "tokenizer_config.json", tokenizer_class="Theirs", auto_map=auto)
    with pytest.raises(ConfigError, match="tokenizer needs code of its own, which is never run"):
        load(str(code))
    assert not (code / "ran").exists()


def test_code_beside_a_model_that_is_known_anyway_is_not_run(code: Path) -> None:
    auto = dict.fromkeys(("AutoConfig", "AutoModelForSequenceClassification"), "theirs.Theirs")
    change(code / "config.json", auto_map=auto)
    assert load(str(code)).classify(TEXTS[:1])[0].label is not None
    assert not (code / "ran").exists()


def test_a_model_that_was_never_taught_to_classify_is_refused(hub_folder: Maker) -> None:
    folder = hub_folder("negative", "neutral", "positive")
    trained = BertForSequenceClassification.from_pretrained(folder)
    assert isinstance(trained.bert, BertModel)
    names = trained.config.id2label
    trained.bert.save_pretrained(folder)
    change(folder / "config.json", id2label=names)
    with pytest.raises(ConfigError, match=r"its weights lack classifier\.bias"):
        load(str(folder))


def test_broken_weights_are_refused(hub_folder: Maker) -> None:
    folder = hub_folder("negative", "neutral", "positive")
    (folder / "model.safetensors").write_bytes(b"PK")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        load(str(folder))


def test_a_device_that_is_not_there_is_refused(hub_folder: Maker) -> None:
    with pytest.raises(ConfigError, match=r"sentiment\.device is 'nonsense'"):
        load(str(hub_folder("negative", "neutral", "positive")), device="nonsense")
