"""Secrets in config.toml are references: env:NAME or file:/path, and never shown."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

from alerts.slack.settings import SlackSettings
from crm.api import SYSTEMS
from listener.settings import WebhookSettings


def resolve_secrets(raw: dict[str, Any]) -> list[str]:
    """Replace env:NAME and file:/path by what they mean, where a secret belongs; say what fails.

    Not in the tables of sources, which are read one by one.
    """
    problems: list[str] = []
    database = raw.get("database")
    if isinstance(database, str) and database.startswith(("env:", "file:")):
        problems += _resolve("", raw, ["database"], needed=True)  # a URL may carry a password
    intake, alerts = raw.get("intake"), raw.get("alerts")
    webhook = intake.get("webhook") if isinstance(intake, dict) else None
    if isinstance(webhook, dict):
        needed = webhook.get("enabled") is True
        problems += resolve_table("intake.webhook", webhook, WebhookSettings, needed=needed)
    problems += _resolve_systems(raw.get("crm"))
    slack = alerts.get("slack") if isinstance(alerts, dict) else None
    if isinstance(slack, dict):
        problems += resolve_table("alerts.slack", slack, SlackSettings, needed=True)
    return problems


def _resolve_systems(crm: object) -> Iterator[str]:
    """The same for the CRMs and shops that are read over their APIs."""
    for name, kind in SYSTEMS.items():
        table = crm.get(name) if isinstance(crm, dict) else None
        if isinstance(table, dict):
            needed = table.get("enabled") is True
            yield from resolve_table(f"crm.{name}", table, kind.settings, needed=needed)


def resolve_table(
    prefix: str, table: dict[str, Any], model: type[BaseModel], *, needed: bool
) -> list[str]:
    """The same for one table.

    needed: False for what is switched off: its references are left empty.
    """
    return _resolve(prefix, table, _secret_keys(model, table), needed=needed)


def _resolve(prefix: str, table: dict[str, Any], keys: Sequence[str], *, needed: bool) -> list[str]:
    problems = []
    for key in keys:
        try:
            table[key] = _secret(table[key], needed=needed)
        except ValueError as error:
            problems.append(".".join(filter(None, (prefix, key))) + f": {error}")
            del table[key]
            if needed:  # else "enabled, but missing" would say it twice
                table.pop("enabled", None)
    return problems


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
