"""A model kept in a folder: model.onnx, tokenizer.json, and model.json that says what they are.

model.json pins the SHA-256 of the other two, so a damaged or exchanged file is noticed when it is
loaded instead of scoring quietly wrong.
"""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import ConfigError

WEIGHTS = "model.onnx"
TOKENIZER = "tokenizer.json"
DESCRIPTION = "model.json"


class Answers(BaseModel):
    """One head of the model, as it stands in model.json."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    labels: tuple[str, ...]  # the order of its outputs
    temperature: float  # already worked into the weights; kept for the record


class Description(BaseModel):
    """What model.json holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str  # what scores are signed with, before the hash
    version: str
    languages: tuple[str, ...]  # ISO 639-1 codes it was trained on; empty: any
    max_tokens: int  # longer texts are cut
    attention_heads: int  # needed to go on training
    names_emojis: bool = True  # see sentiment.text.normalise
    answer_from: float | None = None  # probability from which a post asks for an answer
    heads: dict[str, Answers]  # what the model answers, by the names of its outputs
    sha256: dict[str, str]  # file name -> hex digest


def is_model_folder(folder: Path) -> bool:
    """Whether the folder is one of ours, rather than one of the transformers library's."""
    return (folder / DESCRIPTION).is_file() and (folder / WEIGHTS).is_file()


def described(folder: Path) -> Description:
    """What the folder says it holds. Raises ConfigError when that cannot be read."""
    try:
        return Description.model_validate_json((folder / DESCRIPTION).read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigError(
            f"{folder / DESCRIPTION}: not a description of a model; install it again."
        ) from error


def signature(description: Description) -> str:
    """What scores of this model are signed with: name@hash of its weights."""
    return f"{description.name}@{description.sha256[WEIGHTS][:12]}"


def read(folder: Path) -> Description:
    """Raises ConfigError when the folder is damaged: a file missing, changed or not understood."""
    description = described(folder)
    for name in (WEIGHTS, TOKENIZER):
        if digest(folder / name) != description.sha256.get(name):
            raise ConfigError(
                f"{folder / name}: missing or not the file model.json names; install it again."
            )
    return description


def digest(path: Path) -> str:
    """The SHA-256 of a file in hex; empty when it cannot be read."""
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


def write_description(folder: Path, description: Description) -> Description:
    """Write model.json with the digests of the files beside it; return it as written."""
    pinned = description.model_copy(
        update={"sha256": {name: digest(folder / name) for name in (WEIGHTS, TOKENIZER)}}
    )
    (folder / DESCRIPTION).write_text(pinned.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return pinned
