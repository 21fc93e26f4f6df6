"""The [[alerts.templates]] tables of config.toml: of what drafts of public answers are made."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alerts.rules import Names

PLACEHOLDER = re.compile(r"\{([^{}\s]*)\}")
_FILLED = ("handle", "name", "brand")


def _known_placeholders(text: str) -> str:
    unknown = next((one for one in PLACEHOLDER.findall(text) if one not in _FILLED), None)
    if unknown is not None:
        shown = "}, {".join(_FILLED[:-1])
        raise ValueError(
            f"holds {{{unknown}}}: a public text takes {{{shown}}} and {{{_FILLED[-1]}}}, and "
            "nothing of the CRM"
        )
    return text


def _language(code: str) -> str:
    if not re.fullmatch("[a-z]{2}", code):
        raise ValueError("is not a language: write two small letters, for example en")
    return code


class TemplateSettings(BaseModel):
    """One [[alerts.templates]] table of config.toml. Every condition that is set must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=60)
    lang: Annotated[str, AfterValidator(_language)] | None = None  # of the post; None: any
    rules: Names = ()  # by which the incident was opened; empty: any
    tiers: Names = ()  # confirmed customers of these tiers; empty: anybody
    text: Annotated[str, Field(min_length=1, max_length=2_500), AfterValidator(_known_placeholders)]


def duplicate_names(templates: Sequence[TemplateSettings]) -> Iterator[str]:
    """Yield a sentence for each name used twice: a draft names its template."""
    for name, times in Counter(one.name for one in templates).items():
        if times > 1:
            yield f"alerts.templates: {times} templates are called {name!r}: give each its own name"
