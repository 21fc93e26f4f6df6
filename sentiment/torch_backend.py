"""Runs any sequence classifier of the transformers library, with torch.

Needs the extra `models`. Only plain weights are read (`sentiment.hub`) and no code that comes with
a model is run, so a downloaded model can score wrongly but not act.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from domain.errors import ConfigError
from domain.sentiment import Label
from sentiment.backend import LABELS, Answers, Prepared, Tokens
from sentiment.heads import TONE
from sentiment.hub import fetch
from sentiment.labels import meanings
from sentiment.text import Span, with_stand_ins

_MOST_TOKENS = 512  # attention costs the square of the length; no post needs more
_LOADING_ERRORS = (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError)


class TorchBackend:
    """A hub id or a folder. Loading takes seconds: make one per process."""

    languages: tuple[str, ...] = ()  # a hub model does not say dependably what it reads
    answer_from: float | None = None

    def __init__(self, model: str, *, device: str, labels: Mapping[str, Label]) -> None:
        """labels: what its classes mean, by name; empty where the names tell.

        Raises ConfigError when the model cannot be had or its classes cannot be read as ours.
        """
        fetched = fetch(model)
        config = _read(model, AutoConfig, fetched.folder)
        meant = _meanings(model, config, labels)
        self._tokenizer = _read(model, AutoTokenizer, fetched.folder)
        self._model = _network(model, fetched.folder)
        try:
            self._model.float().eval().to(device)
        except RuntimeError as error:
            raise ConfigError(
                f"sentiment.device is {device!r}: torch cannot use it here."
            ) from error
        self._device = torch.device(device)
        self._bf16 = _has_bf16(self._device)
        self._ours = np.eye(len(LABELS), dtype=np.float32)[[LABELS.index(one) for one in meant]]
        # RoBERTa counts its positions from 2; two tokens less do no other model any harm.
        places = getattr(config, "max_position_embeddings", _MOST_TOKENS + 2) - 2
        self._max_tokens = min(_MOST_TOKENS, places, self._tokenizer.model_max_length)
        self._special = set(self._tokenizer.all_special_ids)
        # A model that was told of another padding than its tokenizer's would read it as words.
        padding = config.get_text_config().pad_token_id
        self._pads = padding is not None and padding == self._tokenizer.pad_token_id
        name = fetched.folder.name if Path(model).expanduser().is_dir() else model
        self.name = f"{name}@{_signature(fetched.sha256, labels)}"

    def prepare(self, text: str, target: Sequence[Span]) -> Prepared:  # noqa: ARG002  it hears none
        return Prepared(with_stand_ins(text))

    def tokens(self, prepared: Sequence[Prepared]) -> list[Tokens]:
        if not prepared:
            return []
        texts = [one.text for one in prepared]
        whole = self._tokenizer(texts, truncation=True, max_length=self._max_tokens + 1)
        cut = self._tokenizer(texts, truncation=True, max_length=self._max_tokens)
        return [
            Tokens(
                ids=ids,
                truncated=len(uncut) > self._max_tokens,
                known=not self._special.issuperset(ids),
            )
            for ids, uncut in zip(cut["input_ids"], whole["input_ids"], strict=True)
        ]

    def probabilities(self, batch: Sequence[Tokens]) -> Answers:
        ids = [list(one.ids) for one in batch]
        if self._pads:
            rows = self._run(self._tokenizer.pad({"input_ids": ids}, return_tensors="pt"))
        else:
            alone = [torch.tensor([one]) for one in ids]
            parts = [{"input_ids": one, "attention_mask": torch.ones_like(one)} for one in alone]
            rows = np.concatenate([self._run(part) for part in parts])
        return {TONE.name: rows @ self._ours}  # (n, 3)

    def _run(self, encoded: Mapping[str, torch.Tensor]) -> NDArray[np.float32]:
        """Probabilities of texts of one length, (n, classes of the model)."""
        fed = {name: values.to(self._device) for name, values in encoded.items()}
        bf16 = torch.autocast(self._device.type, torch.bfloat16, enabled=self._bf16)
        try:
            with torch.inference_mode(), bf16:
                logits = self._model(**fed).logits.float()
        except IndexError as error:  # a token that the network has no vector for
            raise RuntimeError("a token is unknown to the network") from error
        found: NDArray[np.float32] = logits.softmax(dim=-1).cpu().numpy()
        return found


def _has_bf16(device: torch.device) -> bool:
    """Whether matrix products may be done in bf16 there (docs/adr/0012)."""
    return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)


def _meanings(model: str, config: Any, labels: Mapping[str, Label]) -> list[Label]:  # noqa: ANN401 - untyped
    if config.problem_type == "multi_label_classification":
        raise ConfigError(
            f"model {model}: it gives any number of labels at once; take one that chooses one."
        )
    return meanings(model, [name for _, name in sorted(config.id2label.items())], labels)


def _network(model: str, folder: Path) -> Any:  # noqa: ANN401  the library's types are too loose
    network, report = _read(
        model,
        AutoModelForSequenceClassification,
        folder,
        use_safetensors=True,
        output_loading_info=True,
    )
    absent = sorted(report["missing_keys"])
    if absent:  # the library would go on with random numbers
        raise ConfigError(
            f"model {model}: its weights lack {absent[0]}, so it was never taught to tell classes "
            "apart; take one that was fine-tuned for classification."
        )
    return network


def _read(model: str, kind: Any, folder: Path, **more: Any) -> Any:  # noqa: ANN401  as above
    """One part of a model, from files alone and with none of its own code."""
    try:
        return kind.from_pretrained(folder, local_files_only=True, trust_remote_code=False, **more)
    except _LOADING_ERRORS as error:
        reason = str(error).strip().partition("\n")[0]
        if "trust_remote_code" in str(error):
            reason = "it needs code of its own, which is never run; take another model"
        raise ConfigError(f"model {model}: cannot be loaded ({reason}).") from error


def _signature(sha256: str, labels: Mapping[str, Label]) -> str:
    """Twelve digits that change with the weights, and with what their classes are said to mean."""
    if not labels:
        return sha256[:12]
    return hashlib.sha256(f"{sha256} {sorted(labels.items())}".encode()).hexdigest()[:12]
