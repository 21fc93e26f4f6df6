"""Reads config.toml: every setting checked, every problem reported at once, no secret shown."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from domain.brand import FEWEST_EXAMPLES, Brand
from domain.errors import ConfigError
from domain.network import Networks
from earshot.brands.tracked import TrackedBrand, tracked
from earshot.config.accounts import account_of
from earshot.config.networks import networks_of
from earshot.config.problems import checked, meant
from earshot.config.secrets import resolve_secrets
from earshot.config.tables import TopLevel
from listener import query
from listener.noise import Lists
from listener.settings import SourceSettings
from listener.sources import SOURCES
from listener.tokens import joined


@dataclass(frozen=True)
class Config:
    """A configuration in which everything has been checked."""

    path: Path
    top: TopLevel
    sources: Mapping[str, SourceSettings]  # every [sources.NAME] table, enabled or not

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
                own_accounts=tuple(map(account_of, table.own_accounts)),
                competitors=table.competitors,
                languages=table.languages,
                relevant=table.relevant,
                irrelevant=table.irrelevant,
            )
            for table in self.top.brands
        )

    @cached_property
    def tracked(self) -> tuple[TrackedBrand, ...]:
        """Every brand and competitor, with its query."""
        return tracked(self.brands)

    @cached_property
    def networks(self) -> Networks:
        """Every network's facts, with the servers that are named here."""
        return networks_of(self.sources)

    @cached_property
    def noise(self) -> Lists:
        """The lists of [noise]."""
        table = self.top.noise
        return Lists(
            allowed=tuple(map(account_of, table.allow_authors)),
            staff=tuple(map(account_of, table.staff_accounts)),
            authors=tuple(map(account_of, table.block_authors)),
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


def load(path: Path) -> Config:
    """Read and check a configuration file.

    Raises ConfigError with every problem at once, each naming its key and never its value.
    """
    problems: list[str] = []
    raw = _read(path)
    tables = raw.get("sources")
    tables = tables if isinstance(tables, dict) else {}
    problems += resolve_secrets(raw)
    top = checked(TopLevel, raw, "", problems)
    sources = {}
    for name, table in tables.items():
        kind = SOURCES.get(name)
        if kind is None:
            problems.append(f"sources.{name}: there is no such source{meant(name, list(SOURCES))}")
        elif isinstance(table, dict):
            settings = checked(kind.settings, table, f"sources.{name}", problems)
            if settings is not None:
                sources[name] = settings
    if top is not None:
        problems += _unknown_brands(top)
        problems += _wrong_phrases(top)
    if top is not None and not problems:
        config = Config(path, top, sources)
        problems += _unaskable(config)
        problems += _nobodys_sources(config)
        problems += _poor_examples(config)
        if not problems:
            return config
    raise ConfigError(*(f"{path}: {problem}" for problem in problems))


def left_out(config: Config) -> Iterator[str]:
    """What enabled sources miss, because their network cannot search for it."""
    for where, asked in _asked(config):
        if isinstance(asked, query.UnsayableError):
            yield f"{where}: {asked}"
        elif isinstance(asked, query.Compiled) and asked.unheard:
            yield f"{where}: what has only {' or '.join(asked.unheard)} is not found there"


def _unaskable(config: Config) -> Iterator[str]:
    """The queries that an enabled source cannot send to its network."""
    for where, asked in _asked(config):
        if isinstance(asked, ConfigError) and not isinstance(asked, query.UnsayableError):
            yield f"{where}: {asked}"


def _asked(config: Config) -> Iterator[tuple[str, query.Compiled | ConfigError]]:
    """The query of each brand for each enabled source, or why it has none."""
    for name in config.enabled:
        for one in config.tracked:
            where = f"sources.{name}: {one.name}"
            try:
                yield where, SOURCES[name].asks(one.watch)
            except ConfigError as error:
                yield where, error


def _nobodys_sources(config: Config) -> Iterator[str]:
    """Own pages and apps of a brand that is not configured: they would be read for no one."""
    known = {one.name.casefold(): one.name for one in config.tracked}
    for name, table in config.enabled.items():
        named = table.model_dump(include={"brand", "apps", "own_mentions"})
        for brand in filter(None, (named.get("brand"), *named.get("apps", {}).values())):
            if brand.casefold() not in known:
                key = "apps" if named.get("apps") else "brand"
                where = f"sources.{name}.{key}"
                yield f"{where}: there is no brand {brand!r}{meant(brand, list(known.values()))}"
        accounts = (account for one in config.tracked for account in one.own_accounts)
        own = {one.account for one in accounts if one.source in ("", name) and one.is_id(name)}
        for account in sorted(set(named.get("own_mentions", ())) - own):
            yield f"sources.{name}.own_mentions: no brand has {name}:{account} in own_accounts"


def _poor_examples(config: Config) -> Iterator[str]:
    """Examples from which nothing can be learnt, or too few of them."""
    if not any(brand.relevant or brand.irrelevant for brand in config.brands):
        return
    from earshot.brands import matching  # noqa: PLC0415  a fifth of a second, as in earshot.core.app

    for number, brand in enumerate(config.brands, start=1):
        kinds = {"relevant": brand.relevant, "irrelevant": brand.irrelevant}
        for key, texts in kinds.items():
            where = f"brands[{number}].{key}"
            if any(kinds.values()) and len(texts) < FEWEST_EXAMPLES:
                yield (
                    f"{where}: has {len(texts)} examples, it takes {FEWEST_EXAMPLES} of each kind "
                    "before they decide"
                )
            for place, text in enumerate(texts, start=1):
                if not matching.places(text, brand.name, config.tracked):
                    yield f"{where}[{place}]: does not name {brand.name}"


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
    """Rules for a brand that is not configured: they would never fire, unnoticed."""
    known = _brands(top)
    for index, rule in enumerate(top.alerts.rules, start=1):
        for name in rule.brands:
            if name not in known:
                where = f"alerts.rules[{index}].brands"
                yield f"{where}: there is no brand {name!r}{meant(name, list(known.values()))}"


def _wrong_phrases(top: TopLevel) -> Iterator[str]:
    """Phrases that would never be found, that mean two things, or that are for nobody."""
    known = _brands(top)
    first: dict[tuple[str, str], int] = {}
    for index, rule in enumerate(top.sentiment.phrases, start=1):
        where = f"sentiment.phrases[{index}]"
        try:
            query.phrase(rule.phrase)
        except ConfigError:
            yield f"{where}.phrase: has no letter or digit"
        if not rule.means.strip():
            yield f"{where}.means: is empty"
        brand = (rule.brand or "").casefold()
        if rule.brand is not None and brand not in known:
            name = rule.brand
            yield f"{where}.brand: there is no brand {name!r}{meant(name, list(known.values()))}"
        before = first.setdefault((joined(rule.phrase), brand), index)
        if before != index:
            yield f"{where}.phrase: stands in sentiment.phrases[{before}] already"


def _brands(top: TopLevel) -> dict[str, str]:
    """Each brand's name by how it is compared."""
    return {brand.name.casefold(): brand.name for brand in top.brands}
