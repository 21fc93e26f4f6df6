"""The configured brands and their competitors, each with its query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.brand import Brand, Competitor, OwnAccount
from listener import query
from listener.query import Query
from listener.source import Watch


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: cheap as a cache key
class TrackedBrand:
    """A brand, or a competitor of one, with its query ready to match."""

    name: str
    query: Query
    brand: Brand | None  # None: a competitor, counted for share of voice only
    competitor: Competitor | None = None  # None: a brand
    languages: tuple[str, ...] = ()  # it is heard in, ISO 639-1; empty: any

    @property
    def watch(self) -> Watch:
        """What a source is asked for."""
        if self.brand is None:
            return Watch(
                self.name, self.query, languages=self.languages, only_addressed=self.accounts
            )
        return Watch(self.name, self.query, self.brand.own_accounts, self.languages)

    @property
    def own_accounts(self) -> tuple[OwnAccount, ...]:
        """Those whose posts are fetched, so that answers are seen."""
        return self.watch.own_accounts

    @property
    def accounts(self) -> tuple[OwnAccount, ...]:
        """All it writes from."""
        if self.brand is not None:
            return self.brand.accounts
        return self.competitor.own_accounts if self.competitor is not None else ()


def tracked(brands: Sequence[Brand]) -> tuple[TrackedBrand, ...]:
    """Every brand, then every competitor that is not a brand itself.

    A competitor is heard in the languages of all the brands that it is one of.
    Raises ConfigError for a query that cannot be read.
    """
    found = [
        TrackedBrand(brand.name, query.parse(brand.query), brand, languages=brand.languages)
        for brand in brands
    ]
    known = {one.name.casefold() for one in found}
    rivals: dict[str, Competitor] = {}
    spoken: dict[str, list[tuple[str, ...]]] = {}
    for brand in brands:
        for one in brand.competitors:
            name = one.name.casefold()
            if name not in known:
                before = rivals.setdefault(name, one)
                rivals[name] = before if before.query or before.own_accounts else one
                spoken.setdefault(name, []).append(brand.languages)
    return (*found, *(_rival(one, spoken[name]) for name, one in rivals.items()))


def _rival(one: Competitor, spoken: Sequence[tuple[str, ...]]) -> TrackedBrand:
    asked = query.parse(one.query) if one.query else query.phrase(one.name)
    languages = dict.fromkeys(code for codes in spoken for code in codes) if all(spoken) else ()
    return TrackedBrand(one.name, asked, None, one, tuple(languages))


def competing(tracked: Sequence[TrackedBrand], brand: Brand) -> Iterator[TrackedBrand]:
    """The competitors of a brand in its order, each once; one may be a brand itself."""
    by_name = {one.name.casefold(): one for one in tracked}
    names = dict.fromkeys(one.name.casefold() for one in brand.competitors)
    for name in names:
        if name != brand.name.casefold():
            yield by_name[name]


def name_of(tracked: Sequence[TrackedBrand], written: str | None) -> str | None:
    """The brand or competitor that is meant, as the configuration writes it; None for others."""
    wanted = (written or "").strip().casefold()
    return next((one.name for one in tracked if one.name.casefold() == wanted), None)
