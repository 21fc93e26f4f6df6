"""Whose posts are in no number of a brand: its own accounts, and those of its competitors."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from domain.brand import Brand, OwnAccount
from earshot.config.model import Config
from storage import authors


def left_out(session: Session, config: Config, brand: Brand) -> frozenset[int]:
    """Our ids of the authors who are an own account of the brand, or of one of its competitors.

    Posts of an own account are no mentions from the day it is in the configuration; this leaves out
    those of before, too, and what a competitor writes about the brand.
    """
    accounts = [*brand.accounts, *_rivals(config, brand)]
    return frozenset(
        author_id
        for author_id, source, author in authors.of_accounts(session, accounts)
        if any(own.is_author(source, author) for own in accounts)
    )


def _rivals(config: Config, brand: Brand) -> Iterator[OwnAccount]:
    """The accounts of its competitors, where any brand tells them; one may be a brand itself."""
    names = {one.name.casefold() for one in brand.competitors}
    for each in config.brands:
        if each.name.casefold() in names:
            yield from each.accounts
        for rival in each.competitors:
            if rival.name.casefold() in names:
                yield from rival.own_accounts
