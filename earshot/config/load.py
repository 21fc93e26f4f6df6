"""Reads config.toml: every setting checked, every problem told at once, no secret shown."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from domain.brand import Brand
from domain.errors import ConfigError
from domain.network import Networks
from earshot.config.problems import checked, meant
from earshot.config.secrets import resolve_secrets
from earshot.config.tables import TopLevel, own_account
from listener.settings import SourceSettings

# What reads queries and sources is imported where it is asked for: that and reading them is a
# quarter of what a list costs, which asks for neither.
if TYPE_CHECKING:
    from earshot.brands.tracked import Listening
    from listener.noise import Lists


@dataclass(frozen=True)
class Config:
    """A configuration in which everything has been checked that was asked for."""

    path: Path
    top: TopLevel
    tables: Mapping[str, Any]  # [sources.NAME], as they stand in the file

    @cached_property
    def sources(self) -> Mapping[str, SourceSettings]:
        """Every [sources.NAME] table, enabled or not. Raises ConfigError as load() does."""
        from earshot.config.whole import settings_of  # noqa: PLC0415

        problems: list[str] = []
        found = settings_of(self.tables, problems)
        if problems:
            raise _refused(self.path, problems)
        return found

    @property
    def database(self) -> str:
        return self.top.database

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.top.timezone)

    @cached_property
    def brands(self) -> tuple[Brand, ...]:
        return tuple(
            Brand(
                name=table.name,
                query=table.query,
                own_accounts=tuple(map(own_account, table.own_accounts)),
                competitors=table.competitors,
                languages=table.languages,
                relevant=table.relevant,
                irrelevant=table.irrelevant,
            )
            for table in self.top.brands
        )

    @cached_property
    def listening(self) -> "tuple[Listening, ...]":
        """What is listened for. Raises ConfigError for a query that cannot be read."""
        from earshot.brands.tracked import listening  # noqa: PLC0415

        return listening(self.brands)

    @cached_property
    def networks(self) -> Networks:
        """Every network's facts, with the servers that are named here."""
        from earshot.config.networks import networks_of  # noqa: PLC0415

        return networks_of(self.sources)

    @cached_property
    def noise(self) -> "Lists":
        """The lists of [noise]. Raises ConfigError for a query that cannot be read."""
        from listener import query  # noqa: PLC0415
        from listener.noise import Lists  # noqa: PLC0415

        table = self.top.noise
        return Lists(
            allowed=tuple(map(own_account, table.allow_authors)),
            staff=tuple(map(own_account, table.staff_accounts)),
            authors=tuple(map(own_account, table.block_authors)),
            sites=table.block_sites,
            words=tuple(map(query.parse, table.block_words)),
            spam=table.spam,
        )

    def brand(self, name: str) -> Brand:
        """The brand of that name, whatever its case. Raises ConfigError when there is none."""
        for brand in self.brands:
            if brand.name.casefold() == name.casefold():
                return brand
        known = ", ".join(brand.name for brand in self.brands)
        raise ConfigError(f"there is no brand {name!r} in {self.path}: it has {known}")

    @property
    def enabled(self) -> dict[str, SourceSettings]:
        return {name: table for name, table in self.sources.items() if table.enabled}


def load(path: Path, *, whole: bool = True) -> Config:
    """Read and check a configuration file.

    whole: False leaves queries and sources unread until somebody asks for them, as lists never do.
    Raises ConfigError with every problem at once, each naming its key and never its value.
    """
    raw = _read(path)
    tables = raw.get("sources")
    tables = tables if isinstance(tables, dict) else {}
    problems = resolve_secrets(raw)
    top = checked(TopLevel, raw, "", problems, reads_queries=whole)
    if top is not None:
        problems += _unknown_brands(top)
    config = None if top is None else Config(path, top, tables)
    if whole:
        from earshot.config.whole import check  # noqa: PLC0415

        check(config, tables, problems)
    if config is None or problems:
        raise _refused(path, problems)
    return config


def _refused(path: Path, problems: Sequence[str]) -> ConfigError:
    return ConfigError(*(f"{path}: {problem}" for problem in problems))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no {path}: name one with --config or EARSHOT_CONFIG, or copy the project's "
            "config.toml"
        ) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{path} is not TOML that can be read: nested too deep") from error


def _unknown_brands(top: TopLevel) -> Iterator[str]:
    """Rules for a brand that is not there would never fire, and nobody would notice."""
    known = names_of(top)
    for index, rule in enumerate(top.alerts.rules, start=1):
        for name in rule.brands:
            if name not in known:
                where = f"alerts.rules[{index}].brands"
                yield f"{where}: there is no brand {name!r}{meant(name, list(known.values()))}"


def names_of(top: TopLevel) -> dict[str, str]:
    """Each brand's name by how it is compared."""
    return {brand.name.casefold(): brand.name for brand in top.brands}
