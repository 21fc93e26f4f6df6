"""What is checked of a configuration besides its keys: sources, queries, and whether they fit."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from domain.brand import FEWEST_EXAMPLES, Competitor
from domain.errors import ConfigError
from earshot.brands.wording import word_query
from earshot.config.model import Config, names_of
from earshot.config.problems import meant
from earshot.config.sources import settings_of
from earshot.config.tables import TopLevel
from listener import query
from listener.sources import SOURCES
from listener.tokens import joined


def check(config: Config | None, tables: Mapping[str, Any], problems: list[str]) -> None:
    """Add what is wrong besides the keys of the other tables.

    config: None when these are so wrong that only the tables of sources can be read.
    """
    settings_of(tables, problems)
    if config is not None:
        problems += _wrong_phrases(config.top)
        problems += _wrong_wording(config.top)
        problems += _unknown_escalations(config.top)
        if not problems:
            problems += _rivals_twice(config)
            problems += _unaskable(config)
            problems += _nobodys_sources(config)
            problems += _poor_examples(config)


def left_out(config: Config) -> Iterator[str]:
    """What an enabled source does not hear of whom, for its network cannot search for it."""
    for where, asked in _asked(config):
        if isinstance(asked, query.UnsayableError):
            yield f"{where}: {asked}"
        elif isinstance(asked, query.Compiled) and asked.unheard:
            yield f"{where}: what has only {' or '.join(asked.unheard)} is not found there"


def _unaskable(config: Config) -> Iterator[str]:
    """What an enabled source should ask its network and cannot."""
    for where, asked in _asked(config):
        if isinstance(asked, ConfigError) and not isinstance(asked, query.UnsayableError):
            yield f"{where}: {asked}"


def _asked(config: Config) -> Iterator[tuple[str, query.Compiled | ConfigError]]:
    """What each enabled source asks its network for whom, or why it cannot."""
    for name in config.enabled:
        for one in config.tracked:
            where = f"sources.{name}: {one.name}"
            try:
                yield where, SOURCES[name].asks(one.watch)
            except ConfigError as error:
                yield where, error


def _nobodys_sources(config: Config) -> Iterator[str]:
    """A page or an app of a brand that is not there would be read for nobody."""
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


def _rivals_twice(config: Config) -> Iterator[str]:
    """Competitors that are heard once for all brands, and are not the same everywhere."""
    ours = {brand.name.casefold(): brand for brand in config.brands}
    first: dict[str, tuple[str, Competitor]] = {}
    for number, brand in enumerate(config.brands, start=1):
        for place, one in enumerate(brand.competitors, start=1):
            where, name = f"brands[{number}].competitors[{place}]", one.name.casefold()
            if name == brand.name.casefold():
                yield f"{where}: is the brand itself"
            elif name in ours:
                if _is_told(one):
                    yield (
                        f"{where}: {one.name} is one of [[brands]], where its query and accounts "
                        "stand: write its name alone"
                    )
            else:
                yield from _other_than_before(one, where, first)
                yield from _both_sides(one, where, config)


def _is_told(one: Competitor) -> bool:
    return bool(one.query or one.own_accounts)


def _other_than_before(
    one: Competitor, where: str, first: dict[str, tuple[str, Competitor]]
) -> Iterator[str]:
    """A name alone means the competitor as it is told elsewhere."""
    if _is_told(one):
        before, known = first.setdefault(one.name.casefold(), (where, one))
        if (known.query, known.own_accounts) != (one.query, one.own_accounts):
            yield (
                f"{where}: {one.name} has another query or other accounts in {before}: it is heard "
                "once for all brands, so write the same here, or its name alone"
            )


def _both_sides(one: Competitor, where: str, config: Config) -> Iterator[str]:
    for account in one.own_accounts:
        for brand in config.brands:
            if account in brand.accounts:
                yield (
                    f"{where}.own_accounts: {account.source}:{account.account} is an account of "
                    f"{brand.name}"
                )


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


def _wrong_wording(top: TopLevel) -> Iterator[str]:
    """Queries of rules, and words of lists, that cannot be read."""
    for index, rule in enumerate(top.alerts.rules, start=1):
        if rule.query is not None:
            yield from _unreadable(f"alerts.rules[{index}].query", query.parse, rule.query)
    for name, words in top.alerts.words.items():
        for place, word in enumerate(words, start=1):
            yield from _unreadable(f"alerts.words.{name}[{place}]", word_query, word)


def _unreadable(where: str, read: Callable[[str], object], text: str) -> Iterator[str]:
    try:
        read(text)
    except ConfigError as error:
        yield f"{where}: {str(error).partition(': ')[2] or error}"


def _wrong_phrases(top: TopLevel) -> Iterator[str]:
    """Phrases that would never be found, that mean two things, or that are for nobody."""
    known = names_of(top)
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


def _unknown_escalations(top: TopLevel) -> Iterator[str]:
    known = [one.name for one in top.alerts.escalations]
    for index, rule in enumerate(top.alerts.rules, start=1):
        name = rule.escalation
        if name is not None and name not in known:
            where = f"alerts.rules[{index}].escalation"
            yield f"{where}: there is no escalation {name!r}{meant(name, known)}"
