"""What each network's rules allow us to keep, link and answer: one table per source, NAME.toml."""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.clock import parse_duration
from domain.contract import Contract
from domain.customer import Basis
from domain.network import name_of


def _period(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


Period = Annotated[timedelta, BeforeValidator(_period)]


class _Table(BaseModel):
    """NAME.toml as it is written; no key has a default, so that none is forgotten."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    may_link: bool
    bases: tuple[Basis, ...]
    may_score: bool
    may_reply: Literal["no", "when mentioned", "yes"]
    may_derive: bool
    keep_authors: bool
    may_export: bool
    keep_at_most: Period | None = None  # left out: no period is written
    delete_within: Period
    sunset: date | None = None
    reason: Annotated[str, Field(min_length=20)]
    reference: Annotated[str, Field(min_length=10)]
    read_on: date


@cache
def contracts() -> dict[str, Contract]:
    """Every contract that is written here, by source."""
    tables = [one for one in files(__name__).iterdir() if one.name.endswith(".toml")]
    return {
        name: _contract(name, tomllib.loads(one.read_text("utf-8")))
        for one in sorted(tables, key=lambda table: table.name)
        if (name := one.name.removesuffix(".toml"))
    }


def _contract(name: str, raw: Mapping[str, object]) -> Contract:
    table = _Table.model_validate(raw)
    rules = table.model_dump()
    return Contract(source=name, retention=rules.pop("keep_at_most"), **rules)


def contract_of(source: str) -> Contract:
    """The contract of a network by any spelling of its name; one without a file has the default."""
    name = name_of(source)
    return contracts().get(name) or Contract(
        source=name,
        may_link=True,
        bases=(Basis.GIVEN, Basis.HANDLE_ON_FILE, Basis.SELF_STATED, Basis.PERSON),
        may_score=False,
        may_reply="no",
        may_derive=True,
        keep_authors=True,
        may_export=True,
        retention=None,
        delete_within=timedelta(hours=24),
        sunset=None,
        reason=(
            "We have read no rules of this network: who imported the file answers for them. By "
            "itself an author is linked only on a handle the customer gave you, one that stands in "
            "your CRM, or the author's own public words; else a person decides. No storage period "
            "is known."
        ),
        reference="none: imported by you",
        read_on=date(2026, 11, 21),
    )
