"""Fetches a model of the transformers library, and refuses files that could do more than score.

Pickled weights and code are not downloaded; in a folder they are left alone. What is read are
safetensors and plain text.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download

from domain.errors import ConfigError
from sentiment.folder import digest

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"  # names the parts of weights that are kept in several
TOKENIZERS = ("tokenizer.json", "vocab.*", "*.model")  # one of them holds the words
READ = ("*.safetensors", "*.json", "*.txt", "*.model", "*.codes", "*.bpe")
_PART = re.compile(r"[\w-][\w.-]*\.safetensors")  # a file of the folder itself
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A model whose files may be read."""

    folder: Path
    sha256: str  # of its weights


def fetch(model: str) -> Fetched:
    """A folder, or a hub id: downloaded once, and afterwards used as it was then.

    Raises ConfigError when it cannot be had, is damaged, or is anything but plain weights.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return _checked(model, folder)
    try:
        return _checked(model, _snapshot(model, local_files_only=True))
    except ConfigError:  # not downloaded yet, or not to the end
        return _checked(model, _snapshot(model, local_files_only=False))


def _snapshot(model: str, *, local_files_only: bool) -> Path:
    try:
        return Path(
            snapshot_download(
                model,
                local_files_only=local_files_only,
                allow_patterns=list(READ),
                ignore_patterns=["*/*"],
            )
        )
    except Exception as error:  # the library's own, and those of what it is built on
        reason = str(error).strip().partition("\n")[0]
        raise ConfigError(f"model {model}: cannot be downloaded ({reason}).") from error


def _checked(model: str, folder: Path) -> Fetched:
    if (folder / "adapter_config.json").exists():
        raise ConfigError(
            f"model {model}: it is an adapter, not a whole model; merge it into the model it was "
            "made for (merge_and_unload of peft), save that and name its folder."
        )
    for key in _asked(_read(model, folder / "config.json")):
        raise ConfigError(
            f"model {model}: its config.json asks for more than is read ({key}); take another "
            "model."
        )
    if not any(path for name in TOKENIZERS for path in folder.glob(name)):
        # The library would make an empty tokenizer of it, which knows no word.
        raise ConfigError(
            f"model {model}: it has no tokenizer; get it again, or take another model."
        )
    tokenizer = folder / "tokenizer_config.json"
    if tokenizer.exists() and "auto_map" in _read(model, tokenizer):
        # The library would quietly take another tokenizer, and the model would read nonsense.
        raise ConfigError(
            f"model {model}: its tokenizer needs code of its own, which is never run; take another "
            "model."
        )
    digests = [_digest(model, folder / name) for name in _weights(model, folder)]
    if len(digests) == 1:
        return Fetched(folder, digests[0])
    return Fetched(folder, hashlib.sha256("".join(digests).encode()).hexdigest())


def _asked(config: Mapping[str, Any]) -> Iterator[str]:
    """The keys that make the library read other weights, or fetch programs from the hub."""
    for key, value in config.items():
        names_a_program = key.endswith("_implementation") and "/" in json.dumps(value)
        if names_a_program or key == "transformers_weights":
            yield key
        elif isinstance(value, dict):
            yield from _asked(value)


def _weights(model: str, folder: Path) -> list[str]:
    """The files that hold the weights, in a steady order."""
    if (folder / WEIGHTS).is_file():
        return [WEIGHTS]
    if not (folder / INDEX).is_file():
        raise ConfigError(
            f"model {model}: it has no {WEIGHTS}, and weights of other kinds may hide programs; "
            "have it saved as safetensors (save_pretrained of transformers does so), or take "
            "another model."
        )
    named = _read(model, folder / INDEX).get("weight_map")
    parts = sorted(map(str, set(named.values()))) if isinstance(named, dict) else []
    if not parts or not all(_PART.fullmatch(part) for part in parts):
        raise ConfigError(
            f"model {model}: its {INDEX} names files that are not safetensors; take another model."
        )
    return parts


def _digest(model: str, path: Path) -> str:
    """The SHA-256 of a file. The hub's cache names each large file by it: the two must agree."""
    found, named = digest(path), path.resolve().name
    if not found or (_SHA256.fullmatch(named) and named != found):
        raise ConfigError(
            f"model {model}: {path.resolve()} is missing or damaged; remove it and get it again."
        )
    return found


def _read(model: str, path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"model {model}: its {path.name} is missing or not JSON.") from error
    return found if isinstance(found, dict) else {}
