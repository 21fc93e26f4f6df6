"""The brands that are monitored, and which accounts are their own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.mention import Author

FEWEST_EXAMPLES = 4  # of each kind; with fewer too much that is about the brand would be hidden


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account the brand itself writes from; its replies are answers, not mentions."""

    source: str  # "x", "reddit", …; "" when any source
    account: str  # the platform's user id (never reused), or the handle without @

    def is_author(self, source: str, author: Author | None) -> bool:
        """Whether this author is the account itself; display names never count."""
        if author is None:
            return False
        return self.is_called(source, author.id, author.handle, *_at_host(author.id))

    def is_called(self, source: str, *names: str) -> bool:
        """Whether any of these ids and handles on this network is the account's."""
        return self.source in ("", source) and self.account.casefold() in map(str.casefold, names)


def _at_host(profile: str) -> tuple[str, ...]:
    """user@host of a profile on a Mastodon server, whose people may be called by another domain."""
    found = re.fullmatch(r"https://([\w.-]+)/(?:@|users/)([\w.-]+)", profile, re.ASCII)
    return (f"{found[2]}@{found[1]}",) if found else ()


@dataclass(frozen=True, slots=True)
class Brand:
    """One [[brands]] table of config.toml."""

    name: str
    query: str  # boolean query, see listener/query
    own_accounts: tuple[OwnAccount, ...] = ()
    competitors: tuple[str, ...] = ()  # names whose mentions are counted for share of voice only
    languages: tuple[str, ...] = ()  # ISO 639-1; empty: any
    relevant: tuple[str, ...] = ()  # texts that are about it
    irrelevant: tuple[str, ...] = ()  # texts that name it and are about something else

    def owns(self, source: str, author: Author | None) -> bool:
        """Whether the author is one of the brand's own accounts."""
        return any(own.is_author(source, author) for own in self.own_accounts)

    def is_addressed(self, source: str, names: Sequence[str]) -> bool:
        """Whether one of these ids and handles on this network is an own account."""
        return any(own.is_called(source, *names) for own in self.own_accounts)
