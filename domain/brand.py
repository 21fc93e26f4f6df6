"""The brands that are monitored, and which accounts are their own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain import network
from domain.mention import Author
from domain.network import folded

FEWEST_EXAMPLES = 4  # of each kind; with fewer too much that is about the brand would be hidden


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account the brand itself writes from; its replies are answers, not mentions."""

    source: str  # "x", "reddit", …; "" when any source
    account: str  # the platform's user id (never reused), or the handle without @
    by: str = ""  # "id" or "handle"; "": what looks like an id of its network is one, only that

    def is_id(self, source: str) -> bool:
        """Whether it is known on this network by its id, and by no handle."""
        return self.by == "id" or (not self.by and network.is_id(source, self.account))

    def is_author(self, source: str, author: Author | None) -> bool:
        """Whether this author is the account itself; display names never count."""
        if author is None:
            return False
        at_host = _at_host(author.id)
        if self.by == "handle":
            return self._is_called(source, author.handle, *at_host)
        if not self.is_id(source):
            return self._is_called(source, author.id, author.handle, *at_host)
        # Of an author without an id the handle stands in its place, which anybody may choose.
        return author.id != author.handle and self._is_called(source, author.id)

    @property
    def ids(self) -> frozenset[str]:
        """What the id of its author may be, where that is not the handle: among them a profile."""
        name, at, host = self.account.partition("@")
        profiles = {f"https://{host}/@{name}", f"https://{host}/users/{name}"} if at else set()
        return frozenset({self.account, folded(self.account), *profiles})

    def is_addressed(self, source: str, names: Sequence[str]) -> bool:
        """Whether any of these ids and @handles on this network is the account's."""
        handles = [name[1:] for name in names if name.startswith("@")]
        ids = [name for name in names if not name.startswith("@")]
        handles += [name for one in ids for name in _at_host(one)]
        if self.by == "handle":
            return self._is_called(source, *handles)
        return self._is_called(source, *ids, *([] if self.is_id(source) else handles))

    def _is_called(self, source: str, *names: str) -> bool:
        return self.source in ("", source) and folded(self.account) in map(folded, names)


def _at_host(profile: str) -> tuple[str, ...]:
    """user@host of a profile on a Mastodon server, whose people may be called by another domain."""
    found = re.fullmatch(r"https://([\w.-]+)/(?:@|users/)([\w.-]+)", profile, re.ASCII)
    return (f"{found[2]}@{found[1]}",) if found else ()


@dataclass(frozen=True, slots=True)
class Competitor:
    """Whose mentions are counted beside a brand's, for share of voice only."""

    name: str
    query: str = ""  # as a brand's; "": the name as it stands
    own_accounts: tuple[OwnAccount, ...] = ()  # what these write is said by neither side


@dataclass(frozen=True, slots=True)
class Brand:
    """One [[brands]] table of config.toml."""

    name: str
    query: str  # boolean query, see listener/query
    own_accounts: tuple[OwnAccount, ...] = ()
    competitors: tuple[Competitor, ...] = ()
    languages: tuple[str, ...] = ()  # ISO 639-1; empty: any
    relevant: tuple[str, ...] = ()  # texts that are about it
    irrelevant: tuple[str, ...] = ()  # texts that name it and are about something else
    auto_responders: tuple[OwnAccount, ...] = ()  # own ones, too, but what they write is no answer
    auto_replies: tuple[str, ...] = ()  # words that an own account writes by itself

    @property
    def accounts(self) -> tuple[OwnAccount, ...]:
        """All of its own, people and automata."""
        return (*self.own_accounts, *self.auto_responders)

    def owns(self, source: str, author: Author | None) -> bool:
        """Whether the author is one of the brand's own accounts."""
        return any(own.is_author(source, author) for own in self.accounts)

    def is_addressed(self, source: str, names: Sequence[str]) -> bool:
        """Whether one of these ids and @handles on this network is an own account."""
        return any(own.is_addressed(source, names) for own in self.accounts)

    def is_automaton(self, source: str, author: Author | None) -> bool:
        """Whether the author is an own account that answers by itself."""
        return any(own.is_author(source, author) for own in self.auto_responders)
