"""What the classes of somebody else's model mean in ours."""

import json
import re
from collections.abc import Mapping, Sequence

from domain.errors import ConfigError
from domain.sentiment import Label
from sentiment.backend import LABELS

_SPELLINGS: Mapping[str, Label] = {
    spelling: label for label in LABELS for spelling in (label.value, label.value[:3])
}
_BARE_KEY = re.compile("[A-Za-z0-9_-]+")  # what TOML takes without quotes


def meanings(model: str, names: Sequence[str], given: Mapping[str, Label]) -> list[Label]:
    """What each class of a model means, by its own name or as given; several may mean the same.

    Raises ConfigError, with the line to put into the configuration, when that does not tell.
    """
    sentence = f"model {model}: its labels are {', '.join(names)}"
    if len(set(names)) < len(LABELS):
        raise ConfigError(
            f"{sentence}; most posts are neutral, and it would have to call each of them something "
            "else: take a model that knows negative, neutral and positive."
        )
    known: Mapping[str, Label | None] = given or {
        name: _SPELLINGS.get(name.strip().lower()) for name in names
    }
    meant = [label for name in names if (label := known.get(name)) is not None]
    if len(meant) == len(names) == len(known) and set(meant) == set(LABELS):
        return meant
    raise ConfigError(
        f"{sentence}; its card tells what each means, say so under [sentiment], each of negative, "
        f"neutral and positive at least once, for example: {_line(names)}"
    )


def _line(names: Sequence[str]) -> str:
    """A guess at the meanings, as a line of config.toml."""
    pairs = (f'{_key(name)} = "{_guess(i, names)}"' for i, name in enumerate(names))
    return f"labels = {{ {', '.join(pairs)} }}"


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _guess(position: int, names: Sequence[str]) -> str:
    """By the word in the name ("very negative"), else by the number's place ("4 stars")."""
    name = names[position]
    for label in LABELS:
        if label.value[:3] in name.lower():
            return label.value
    if not re.search(r"\d", name):
        return "?"
    from_the_middle = 2 * position - (len(names) - 1)
    if abs(from_the_middle) <= 1:
        return Label.NEUTRAL.value
    return (Label.NEGATIVE if from_the_middle < 0 else Label.POSITIVE).value
