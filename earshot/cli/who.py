"""Who decides on the command line, and about which author."""

import click
from sqlalchemy.orm import Session

from domain.deciding import RULE
from domain.errors import ConfigError, EarshotError
from earshot.cli.base import me
from storage import links
from storage.tables import AuthorRow

by_option = click.option("--by", help="Who says so.  [default: you]")


def decider(by: str | None) -> str:
    """Who says so. Raises ConfigError for a name that is empty or a rule's."""
    who = me() if by is None else by.strip()
    if not who or who.startswith(RULE):
        raise ConfigError("--by names nobody: say who decides it")
    return who


def source_of(author: str) -> str:
    """The source in SOURCE:HANDLE. Raises ConfigError for anything else."""
    source, _, name = author.partition(":")
    if not name:
        raise ConfigError("write the author as SOURCE:ID or SOURCE:HANDLE, e.g. x:ana")
    return source


def author_named(db: Session, author: str) -> AuthorRow:
    """The author by SOURCE:HANDLE or SOURCE:ID. Raises EarshotError where nobody is known so."""
    source = source_of(author)
    row = links.find_author(db, source, author.removeprefix(f"{source}:"))
    if row is None:
        raise EarshotError(
            f"no mention by {author} is stored: see earshot mentions --source {source}"
        )
    return row
