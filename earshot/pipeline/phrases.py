"""Phrase rules: slang and brand words are read as what they mean, and the rest of a text counts."""

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from listener.query import reworded

if TYPE_CHECKING:
    from earshot.config.tables import PhraseSettings


def read(text: str, brand: str, rules: "Sequence[PhraseSettings]") -> str:
    """The text as the model shall read it; a rule of the brand's own wins over one for all."""
    for_all = {rule.phrase: rule.means for rule in rules if rule.brand is None}
    own = {
        rule.phrase: rule.means
        for rule in rules
        if rule.brand is not None and rule.brand.casefold() == brand.casefold()
    }
    return reworded(text, {**for_all, **own})


def model(name: str, rules: "Sequence[PhraseSettings]") -> str:
    """The name that scores are stored under: it changes with the rules, as the scores do."""
    if not rules:
        return name
    settings = sorted([rule.phrase, rule.means, rule.brand or ""] for rule in rules)
    return f"{name}+{hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:8]}"
