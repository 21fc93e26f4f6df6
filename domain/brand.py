"""The brands we listen for, and which accounts are their own."""

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
        if author is None or self.source not in ("", source):
            return False
        wanted = self.account.casefold()
        return wanted in (author.id.casefold(), author.handle.casefold())


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
