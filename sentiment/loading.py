"""From the word in the configuration to a classifier."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from domain.errors import ConfigError
from domain.sentiment import Label
from sentiment import folder as model_folder
from sentiment import language
from sentiment.backend import Answers, Backend, Prepared, Tokens
from sentiment.classifier import Classifier
from sentiment.folder import is_model_folder
from sentiment.onnx_backend import OnnxBackend
from sentiment.text import Span

BUNDLED = "bundled"
BUNDLED_FOLDER = Path(__file__).parent / "bundled"
ENGLISH_FOLDER = BUNDLED_FOLDER / "english"  # fast, and reads most of what comes
MULTILINGUAL_FOLDER = BUNDLED_FOLDER / "multilingual"
RUNTIMES = ("auto", "onnx", "torch")
_HUB_ID = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)?")


def load(
    model: str = BUNDLED,
    *,
    device: str = "cpu",
    runtime: str = "auto",
    threads: int = 0,
    labels: Mapping[str, Label] | None = None,
) -> Classifier:
    """The classifier for "bundled", a folder or a hub id. Raises ConfigError when it cannot be had.

    Beside a folder made by training that does not read them, the bundled model of ten languages
    reads the others.
    runtime: "onnx" runs the bundled model and folders made by training, "torch" anything of the
    transformers library; "auto" takes the one that fits. device: torch's name of one.
    threads: for ONNX Runtime; 0 takes one for each core. labels: what the classes of a model of
    the transformers library mean, where their names do not tell.
    """
    if runtime not in RUNTIMES:
        raise ConfigError(
            f"sentiment.runtime is {runtime!r}; it must be one of {', '.join(RUNTIMES)}."
        )
    folder = ENGLISH_FOLDER if model == BUNDLED else Path(model).expanduser()
    ours = model == BUNDLED or is_model_folder(folder)
    if ours and runtime == "torch":
        raise ConfigError(
            f"model {model}: it is kept for ONNX Runtime; set sentiment.runtime to onnx."
        )
    if not ours and runtime == "onnx":
        raise ConfigError(
            f"model {model}: only torch can run it; set sentiment.runtime to torch or auto."
        )
    if ours and device != "cpu":
        raise ConfigError(f"model {model}: it runs on the cpu only; set sentiment.device to cpu.")
    if ours and labels:
        raise ConfigError(f"model {model}: it says itself what it gives; remove sentiment.labels.")
    if ours:
        language.prepare()
        backend = OnnxBackend(folder, threads=threads)
        name = BUNDLED if model == BUNDLED else backend.name.partition("@")[0]
        return _with_others(backend, threads, name)
    return Classifier(_torch(model, folder, device, labels or {}))


def alone(folder: Path, *, threads: int = 0) -> Classifier:
    """What one folder of ours says by itself, as it is measured."""
    return Classifier(OnnxBackend(folder, threads=threads))


def _with_others(ours: OnnxBackend, threads: int, name: str) -> Classifier:
    """A model of few languages, and the bundled one that reads the rest, where it reads more.

    They sign under one name, as one opinion.
    """
    others = _Later(MULTILINGUAL_FOLDER, threads)
    if not ours.languages or set(others.languages) <= set(ours.languages):
        return Classifier(ours)
    both = hashlib.sha256(f"{ours.name} {others.name}".encode()).hexdigest()
    return Classifier(ours, others, name=f"{name}@{both[:12]}")


class _Later:
    """A model that is loaded when the first text needs it: many runs have none."""

    def __init__(self, folder: Path, threads: int) -> None:
        description = model_folder.described(folder)
        self.name = model_folder.signature(description)
        self.languages = description.languages
        self.answer_from = description.answer_from
        self._load = cache(lambda: OnnxBackend(folder, threads=threads))

    def prepare(self, text: str, target: Sequence[Span]) -> Prepared:
        return self._load().prepare(text, target)

    def tokens(self, prepared: Sequence[Prepared]) -> list[Tokens]:
        return self._load().tokens(prepared)

    def probabilities(self, batch: Sequence[Tokens]) -> Answers:
        return self._load().probabilities(batch)


def _torch(model: str, folder: Path, device: str, labels: Mapping[str, Label]) -> Backend:
    if not folder.is_dir() and not _HUB_ID.fullmatch(model):
        raise ConfigError(f"model {model}: there is no such folder, and it is not a hub id.")
    try:
        from sentiment.torch_backend import TorchBackend  # noqa: PLC0415  seconds, and optional
    except ImportError as error:
        raise ConfigError(
            f"model {model}: needs torch and transformers: run pip install '.[models]' here."
        ) from error
    return TorchBackend(model, device=device, labels=labels)
