"""The bundled model, and models of one layer that are made on the spot."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    PreTrainedTokenizerFast,
)

from domain.sentiment import Label
from sentiment.classifier import Classifier
from sentiment.corpora import Example, tone
from sentiment.finishing import About, finish
from sentiment.heads import HEADS
from sentiment.labelled import LabelledText
from sentiment.loading import load
from sentiment.network import Network
from sentiment.reader import Reader

WORDS = [
    "good",
    "great",
    "love",
    "bad",
    "awful",
    "hate",
    "it",
    "the",
    "is",
    "was",
    "phone",
    "on",
    "at",
    "nine",
    "user",
    "http",
    "acme",
    "bolt",
]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return load(threads=1)


@pytest.fixture
def reader() -> Reader:
    """Of whole words and nothing else."""
    return Reader(tokenizer(), tokens=30, names_emojis=True)


def tokenizer() -> Tokenizer:
    vocabulary = {word: i for i, word in enumerate([*SPECIAL, *WORDS])}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return made


def tiny_config(**more: object) -> BertConfig:
    sizes = {
        "vocab_size": len(SPECIAL) + len(WORDS),
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 34,
    }
    return BertConfig.from_dict(sizes | more)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(1)
    encoder = BertModel(tiny_config(max_position_embeddings=300), add_pooling_layer=False)
    return Network(encoder, HEADS)


@pytest.fixture
def labelled() -> list[LabelledText]:
    """A world in which a word decides; 120 texts, 40 of each label."""
    feelings = {
        Label.POSITIVE: ("good", "great", "love"),
        Label.NEGATIVE: ("bad", "awful", "hate"),
        Label.NEUTRAL: ("nine", "on", "at"),
    }
    return [
        LabelledText(f"{'the ' * (i % 7)}phone is {words[i % 3]}{' it' * (i % 11)}", label)
        for label, words in feelings.items()
        for i in range(40)
    ]


@pytest.fixture
def examples(labelled: Sequence[LabelledText]) -> list[Example]:
    """The same texts, as a network is taught them."""
    return [Example(row.text, tone({"label": row.label})) for row in labelled]


@pytest.fixture
def own_folder(
    tmp_path: Path, network: Network, reader: Reader, examples: Sequence[Example]
) -> Path:
    """An untrained one-layer model in our own format."""
    made = tmp_path / "tiny"
    finish(network, reader, examples, made, About("tiny", "0", ("en",)))
    return made


@pytest.fixture
def hub_folder(tmp_path: Path) -> Callable[..., Path]:
    """Makes an untrained one-layer model as the transformers library keeps them."""

    def make(*names: str, weight: float | None = None, safe: bool = True) -> Path:
        torch.manual_seed(2)
        config = tiny_config(num_labels=len(names), id2label=dict(enumerate(names)))
        model = BertForSequenceClassification(config)
        if weight is not None:
            torch.nn.init.constant_(model.classifier.weight, weight)
        folder = tmp_path / "hub-model"
        PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
            tokenizer_object=tokenizer(),
            model_max_length=32,
            pad_token="[PAD]",
            unk_token="[UNK]",
            cls_token="[CLS]",
            sep_token="[SEP]",
        ).save_pretrained(folder)
        model.save_pretrained(folder)
        if not safe:
            torch.save(model.state_dict(), folder / "pytorch_model.bin")
            (folder / "model.safetensors").unlink()
        return folder

    return make
