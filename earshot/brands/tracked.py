"""The configured brands and their competitors, each with its query."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.brand import Brand, OwnAccount
from listener import query
from listener.query import Query
from listener.source import Watch


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: cheap as a cache key
class TrackedBrand:
    """A brand, or a competitor of one, with its query ready to match."""

    name: str
    query: Query
    brand: Brand | None  # None: a competitor, counted for share of voice only

    @property
    def watch(self) -> Watch:
        """What a source is asked for."""
        if self.brand is None:
            return Watch(self.name, self.query)
        return Watch(self.name, self.query, self.brand.own_accounts, self.brand.languages)

    @property
    def own_accounts(self) -> tuple[OwnAccount, ...]:
        return self.watch.own_accounts


def tracked(brands: Sequence[Brand]) -> tuple[TrackedBrand, ...]:
    """Every brand, then every competitor that is not a brand itself.

    Raises ConfigError for a query that cannot be read.
    """
    found = [TrackedBrand(brand.name, query.parse(brand.query), brand) for brand in brands]
    known = {one.name.casefold() for one in found}
    rivals: dict[str, TrackedBrand] = {}
    for brand in brands:
        for name in brand.competitors:
            if name.casefold() not in known:
                rivals.setdefault(name.casefold(), TrackedBrand(name, query.phrase(name), None))
    return (*found, *rivals.values())


def name_of(tracked: Sequence[TrackedBrand], written: str | None) -> str | None:
    """The brand or competitor that is meant, as the configuration writes it; None for others."""
    wanted = (written or "").strip().casefold()
    return next((one.name for one in tracked if one.name.casefold() == wanted), None)
