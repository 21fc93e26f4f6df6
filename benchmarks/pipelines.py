"""The ordinary way to score texts: the pipeline of the transformers library, on torch."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForSequenceClassification,
    TextClassificationPipeline,
)

from sentiment import folder as model_folder
from sentiment.backend import LABELS
from sentiment.classifier import Classifier
from sentiment.finishing import MAX_TOKENS, macro_recall
from sentiment.heads import TONE
from sentiment.labelled import LabelledText
from sentiment.network import from_folder, predict
from sentiment.reader import reader_of

ROBERTA_BASE = {  # the sizes of that model, but for the words: looking one up costs nothing
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3_072,
    "max_position_embeddings": 514,
}
SPECIAL = (  # as the bundled models call them: English, multilingual
    {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"},
    {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>"},
)
SIDE = 2_048  # of the square matrices that are multiplied
REPEATS = 20


def same_weights(folder: Path, threads: int) -> TextClassificationPipeline:
    """Our encoder under the library's own head, which is untrained and costs the same."""
    encoder = from_folder(folder).encoder
    config = BertConfig.from_dict(encoder.config.to_dict())
    config.num_labels = len(LABELS)
    model = BertForSequenceClassification(config)
    model.bert.load_state_dict(encoder.state_dict(), strict=False)  # all but the untrained pooler
    return _pipeline(model, _tokenizer(folder), threads)


def roberta_base(folder: Path, threads: int, **sizes: int) -> TextClassificationPipeline:
    """A model of that shape with random weights: they are good for timing and nothing else."""
    tokenizer = _tokenizer(folder)
    own = {
        "vocab_size": len(tokenizer),
        "pad_token_id": tokenizer.pad_token_id,
        "num_labels": len(LABELS),
    }
    config = RobertaConfig.from_dict(ROBERTA_BASE | sizes | own)
    return _pipeline(RobertaForSequenceClassification(config), tokenizer, threads)


def in_batches(
    pipeline: TextClassificationPipeline, size: int
) -> Callable[[Sequence[str]], object]:
    """The pipeline as a way to score texts."""
    return lambda texts: pipeline(
        list(texts), batch_size=size, truncation=True, max_length=MAX_TOKENS, top_k=None
    )


def matrix_peaks(threads: int) -> dict[str, float]:
    """Billions of multiplications and additions a second, by the kind of number."""
    torch.set_num_threads(threads)
    whole = torch.randn(SIDE, SIDE)
    half = whole.bfloat16()
    small = torch.randint(-64, 64, (SIDE, SIDE), dtype=torch.int8)
    return {
        "fp32": _peak(lambda: whole @ whole),
        "bf16": _peak(lambda: half @ half),
        "int8": _peak(lambda: torch._int_mm(small, small)),  # noqa: SLF001  torch has no other door
    }


def operations_per_text(folder: Path, texts: Sequence[str]) -> float:
    """Multiplications and additions in our model's matrix products, mean of these texts."""
    config = from_folder(folder).encoder.config
    width, inner = config.hidden_size, config.intermediate_size
    lengths = [len(one.ids) for one in reader_of(folder, tokens=MAX_TOKENS).read(texts)]
    per_token = 4 * width**2 + 2 * width * inner  # queries, keys, values, output; and the two wide
    products = sum(n * per_token + 2 * n**2 * width for n in lengths)  # each token to each other
    return 2.0 * config.num_hidden_layers * products / len(texts)


def recalls(
    classifier: Classifier, folder: Path, rows: Sequence[LabelledText]
) -> tuple[float, float]:
    """Macro-averaged recall of our model in single precision, and as it runs, in 8 bits.

    Single precision has the weights as they were rounded; what the rounding itself cost can only be
    measured where the trained weights are, and is, by `sentiment.finishing`.
    """
    labelled = zip(
        rows, classifier.classify([row.text for row in rows], any_language=True), strict=True
    )
    scored = [(row, LABELS.index(one.label)) for row, one in labelled if one.label]
    truth = np.array([LABELS.index(row.label) for row, _ in scored], dtype=np.int64)
    small = np.eye(len(LABELS))[[label for _, label in scored]]
    encoded = reader_of(folder, tokens=MAX_TOKENS).read([row.text for row, _ in scored])
    whole = predict(from_folder(folder), encoded)[TONE.name]
    return macro_recall(whole, truth), macro_recall(small, truth)


def _pipeline(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, threads: int
) -> TextClassificationPipeline:
    torch.set_num_threads(threads)
    return TextClassificationPipeline(  # type: ignore[no-untyped-call]
        model=model, tokenizer=tokenizer, device="cpu"
    )


def _tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer.from_file(str(folder / model_folder.TOKENIZER))
    names = next(one for one in SPECIAL if tokenizer.token_to_id(one["pad_token"]) is not None)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, model_max_length=MAX_TOKENS, **names
    )


def _peak(multiply: Callable[[], torch.Tensor]) -> float:
    multiply()
    shortest = float("inf")
    for _ in range(REPEATS):
        started = time.perf_counter()
        multiply()
        shortest = min(shortest, time.perf_counter() - started)
    return 2 * SIDE**3 / shortest / 1e9
