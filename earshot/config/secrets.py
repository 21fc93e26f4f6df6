"""Secrets in config.toml are references: env:NAME or file:/path, and never shown."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

from alerts.slack.settings import SlackSettings
from listener.settings import WebhookSettings
from listener.sources import SOURCES


def resolve_secrets(raw: dict[str, Any]) -> list[str]:
    """Replace env:NAME and file:/path by what they mean, where a secret belongs; say what fails.

    A source that is switched off needs no secrets: its references are left empty.
    """
    problems: list[str] = []
    for prefix, table, keys, needed in _secret_tables(raw):
        for key in keys:
            try:
                table[key] = _secret(table[key], needed=needed)
            except ValueError as error:
                problems.append(".".join(filter(None, (prefix, key))) + f": {error}")
                del table[key]
                if needed:  # else "enabled, but missing" would say it twice
                    table.pop("enabled", None)
    return problems


def _secret_tables(
    raw: dict[str, Any],
) -> Iterator[tuple[str, dict[str, Any], list[str], bool]]:
    """Each table that holds secrets: where it stands, itself, the keys of them, are they needed."""
    database = raw.get("database")
    if isinstance(database, str) and database.startswith(("env:", "file:")):
        yield "", raw, ["database"], True  # a URL may carry a password
    sources = raw.get("sources")
    for name, table in sources.items() if isinstance(sources, dict) else ():
        if name in SOURCES and isinstance(table, dict):
            keys = _secret_keys(SOURCES[name].settings, table)
            yield f"sources.{name}", table, keys, table.get("enabled") is True
    intake = raw.get("intake")
    webhook = intake.get("webhook") if isinstance(intake, dict) else None
    if isinstance(webhook, dict):
        keys = _secret_keys(WebhookSettings, webhook)
        yield "intake.webhook", webhook, keys, webhook.get("enabled") is True
    alerts = raw.get("alerts")
    slack = alerts.get("slack") if isinstance(alerts, dict) else None
    if isinstance(slack, dict):
        yield "alerts.slack", slack, _secret_keys(SlackSettings, slack), True


def _secret_keys(model: type[BaseModel], table: Mapping[str, Any]) -> list[str]:
    return [
        key
        for key, field in model.model_fields.items()
        if key in table and SecretStr in (field.annotation, *get_args(field.annotation))
    ]


def _secret(reference: object, *, needed: bool) -> str:
    """What a reference stands for. Raises ValueError with a sentence that never shows a value."""
    if not isinstance(reference, str):
        raise ValueError(f"is not text: {_REFERENCE}")  # noqa: TRY004  one kind for the caller
    kind, _, name = reference.partition(":")
    if reference and not (kind in ("env", "file") and name):
        raise ValueError(f"is a literal: keep secrets out of this file, {_REFERENCE}")
    if not needed:
        return ""
    if not reference:
        raise ValueError(f"is empty: {_REFERENCE}")
    return _from_environment(name) if kind == "env" else _from_file(name)


_REFERENCE = "write env:NAME or file:/path"


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "").strip() if "\0" not in name else ""
    if value:
        return value
    # A token pasted after env: is no name, and must not be shown.
    known = f" {name}" if re.fullmatch(r"[A-Z_][A-Z0-9_]{0,60}", name, re.ASCII) else ""
    raise ValueError(f"the environment variable{known} is not set")


def _from_file(name: str) -> str:
    try:
        value = Path(name).expanduser().read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError) as error:
        raise ValueError(f"the file {name} cannot be read") from error
    if not value:
        raise ValueError(f"the file {name} is empty")
    return value
