"""Reads the [sources.NAME] tables, each as the settings of its network."""

from collections.abc import Mapping
from typing import Any

from earshot.config.problems import checked, meant
from earshot.config.secrets import resolve_table
from listener.settings import SourceSettings
from listener.sources import SOURCES


def settings_of(tables: Mapping[str, Any], problems: list[str]) -> dict[str, SourceSettings]:
    """The [sources.NAME] tables as their models; what is wrong with the others is added."""
    found = {}
    for name, table in tables.items():
        kind = SOURCES.get(name)
        if kind is None:
            problems.append(f"sources.{name}: there is no such source{meant(name, list(SOURCES))}")
        elif isinstance(table, dict):
            where, given = f"sources.{name}", dict(table)
            needed = table.get("enabled") is True
            problems += resolve_table(where, given, kind.settings, needed=needed)
            settings = checked(kind.settings, given, where, problems)
            if settings is not None:
                found[name] = settings
    return found
