"""Runs a model folder with ONNX Runtime and `tokenizers` alone; torch is never imported."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from domain.errors import ConfigError
from sentiment import folder as model_folder
from sentiment.backend import LABELS, Tokens
from sentiment.text import normalise

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


class OnnxBackend:
    """The model in one folder written by `sentiment.finishing`. Loads in about 0.3 s."""

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        """threads: 0 leaves it to ONNX Runtime. Raises ConfigError when the folder is damaged."""
        description = model_folder.read(folder)
        self.name = f"{description.name}@{description.sha256[model_folder.WEIGHTS][:12]}"
        self.languages = description.languages
        self._order = [description.labels.index(label) for label in LABELS]
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / model_folder.TOKENIZER))
            self._session = _session(folder / model_folder.WEIGHTS, threads)
        except Exception as error:  # both libraries raise bare Exceptions of their own
            raise ConfigError(
                f"{folder}: ONNX Runtime or tokenizers cannot load this model ({error})."
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(description.max_tokens)
        self._special = {self._tokenizer.token_to_id(token) for token in _SPECIAL}

    def prepare(self, text: str) -> str:
        return normalise(text)

    def tokens(self, prepared: Sequence[str]) -> list[Tokens]:
        return [
            Tokens(
                ids=encoding.ids,
                truncated=bool(encoding.overflowing),
                known=not self._special.issuperset(encoding.ids),
            )
            for encoding in self._tokenizer.encode_batch(list(prepared))
        ]

    def probabilities(self, batch: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        longest = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros((len(batch), longest), dtype=np.int32)
        for i, row in enumerate(batch):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        try:
            rows: NDArray[np.float32] = self._session.run(None, {"ids": ids, "mask": mask})[0]
        except Exception as error:  # the library's errors derive from nothing narrower
            raise RuntimeError(f"ONNX Runtime failed ({type(error).__name__})") from error
        return rows[:, self._order]


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors; warnings of the library do not belong on stderr
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
