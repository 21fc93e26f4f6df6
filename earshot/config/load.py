"""Reads config.toml: every setting checked, every problem reported at once, no secret shown."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alerts.rules import CATCH_ALL
from domain.asking import ALARMING
from domain.errors import ConfigError
from earshot.config.model import Config, names_of, refused
from earshot.config.problems import checked, meant
from earshot.config.secrets import resolve_secrets
from earshot.config.tables import TopLevel


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
        problems += _unknown_words(top)
        problems += _unknown_rules(top)
    config = None if top is None else Config(path, top, tables)
    if whole:
        from earshot.config.checks import check  # noqa: PLC0415  it reads queries and sources

        check(config, tables, problems)
    if config is None or problems:
        raise refused(path, problems)
    return config


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
    known = names_of(top)
    for index, rule in enumerate(top.alerts.rules, start=1):
        for name in rule.brands:
            if name not in known:
                where = f"alerts.rules[{index}].brands"
                yield f"{where}: there is no brand {name!r}{meant(name, list(known.values()))}"


def _unknown_words(top: TopLevel) -> Iterator[str]:
    """Rules for a list of words that is not there: they would never fire, unnoticed."""
    known = sorted({*ALARMING, *top.alerts.words})
    for index, rule in enumerate(top.alerts.rules, start=1):
        if rule.words is not None and rule.words not in known:
            where = f"alerts.rules[{index}].words"
            yield (
                f"{where}: there is no list {rule.words!r} in [alerts.words]"
                f"{meant(rule.words, known)}"
            )


def _unknown_rules(top: TopLevel) -> Iterator[str]:
    """Templates for a rule that there is not: they would never fit, unnoticed."""
    rules = (*top.alerts.rules, CATCH_ALL)
    known = {rule.name.strip().casefold(): rule.name for rule in rules}
    for index, template in enumerate(top.alerts.templates, start=1):
        for name in template.rules:
            if name not in known:
                where = f"alerts.templates[{index}].rules"
                yield f"{where}: there is no rule {name!r}{meant(name, list(known.values()))}"
