"""Runs any three-class sequence classifier of the transformers library, with torch.

Needs the extra `models`. Only safetensors weights are read and no code that comes with a model is
run, so a downloaded model can score wrongly but not act.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from domain.errors import ConfigError
from domain.sentiment import Label
from sentiment.backend import LABELS, Tokens
from sentiment.text import with_stand_ins

_SPELLINGS: Mapping[str, Label] = {
    spelling: label
    for label, spellings in {
        Label.NEGATIVE: ("negative", "neg"),
        Label.NEUTRAL: ("neutral", "neu"),
        Label.POSITIVE: ("positive", "pos"),
    }.items()
    for spelling in spellings
}
_MOST_TOKENS = 512  # attention costs the square of the length; no post needs more
_LOADING_ERRORS = (OSError, ValueError, KeyError, RuntimeError, ImportError)


class TorchBackend:
    """A hub id or a folder. Loading takes seconds: make one per process."""

    languages: tuple[str, ...] = ()  # a hub model does not say dependably what it reads

    def __init__(self, model: str, *, device: str = "cpu") -> None:
        """Raises ConfigError when the model cannot be had or its classes are not our three."""
        folder = Path(model).expanduser()
        where = str(folder) if folder.is_dir() else model
        try:
            self._tokenizer, self._model = _load(where, local_files_only=True)
        except _LOADING_ERRORS as error:
            if folder.is_dir():
                raise ConfigError(_not_loaded(model, error)) from error
            try:  # not downloaded yet
                self._tokenizer, self._model = _load(where, local_files_only=False)
            except _LOADING_ERRORS as hub_error:
                raise ConfigError(_not_loaded(model, hub_error)) from hub_error
        try:
            self._model.float().eval().to(device)
        except RuntimeError as error:
            raise ConfigError(
                f"sentiment.device is {device!r}: torch cannot use it here."
            ) from error
        config = self._model.config
        self._order = _order(model, config.id2label)
        self._device = device
        # RoBERTa counts its positions from 2; two tokens less do no other model any harm.
        places = getattr(config, "max_position_embeddings", _MOST_TOKENS + 2) - 2
        self._max_tokens = min(_MOST_TOKENS, places, self._tokenizer.model_max_length)
        self._special = set(self._tokenizer.all_special_ids)
        self.name = f"{folder.name if folder.is_dir() else model}@{_digest(self._model)[:12]}"

    def prepare(self, text: str) -> str:
        return with_stand_ins(text)

    def tokens(self, prepared: Sequence[str]) -> list[Tokens]:
        if not prepared:
            return []
        whole = self._tokenizer(list(prepared), truncation=True, max_length=self._max_tokens + 1)
        cut = self._tokenizer(list(prepared), truncation=True, max_length=self._max_tokens)
        return [
            Tokens(
                ids=ids,
                truncated=len(uncut) > self._max_tokens,
                known=not self._special.issuperset(ids),
            )
            for ids, uncut in zip(cut["input_ids"], whole["input_ids"], strict=True)
        ]

    def probabilities(self, batch: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        encoded = self._tokenizer.pad(
            {"input_ids": [list(ids) for ids in batch]}, return_tensors="pt"
        ).to(self._device)
        with torch.inference_mode():
            rows = self._model(**encoded).logits.softmax(dim=-1).cpu().numpy()  # (n, 3)
        ordered: NDArray[np.float32] = rows[:, self._order]
        return ordered


def _load(where: str, *, local_files_only: bool) -> tuple[Any, Any]:
    """(tokenizer, model); the library's own types are too loose to be of use."""
    allowed = {"local_files_only": local_files_only, "trust_remote_code": False}
    return (
        AutoTokenizer.from_pretrained(where, **allowed),
        AutoModelForSequenceClassification.from_pretrained(where, use_safetensors=True, **allowed),
    )


def _not_loaded(model: str, error: Exception) -> str:
    return f"model {model}: cannot be loaded ({str(error).strip().partition(chr(10))[0]})."


def _order(model: str, names: Mapping[int, str]) -> list[int]:
    """Where each of LABELS stands in the model's outputs."""
    meant = [_SPELLINGS.get(name.strip().lower()) for _, name in sorted(names.items())]
    if sorted(str(label) for label in meant) != sorted(LABELS):
        found = ", ".join(name for _, name in sorted(names.items()))
        raise ConfigError(
            f"model {model}: its labels are {found}; needed are exactly negative, neutral and "
            "positive (put the right names into id2label of its config.json)."
        )
    return [meant.index(label) for label in LABELS]


def _digest(model: torch.nn.Module) -> str:
    """The SHA-256 over all weights in the order of their names."""
    summed = hashlib.sha256()
    for name, values in sorted(model.state_dict().items()):
        summed.update(name.encode())
        summed.update(values.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return summed.hexdigest()
