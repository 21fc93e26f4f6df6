"""Who wants to buy and is no customer, and how many of those ordered later.

Nothing of it is kept, nobody is linked by it, and nothing is sent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from crm import leads as judging
from domain.brand import OwnAccount
from domain.clock import local_day
from domain.lead import (
    FEWEST,
    Account,
    BuyingPost,
    Conversion,
    Known,
    Lead,
    Period,
    Share,
    Wanted,
)
from domain.mention import Author
from domain.network import stored_names
from earshot.config.model import Config
from listener.contracts import contract_of
from reputation.response import wilson
from storage import leads, persons, valuations
from storage.person_facts import facts


@dataclass(frozen=True, slots=True)
class Window:
    """Which posts are looked at: published in [since, until)."""

    since: datetime
    until: datetime
    brand: str | None = None  # of the configuration; None: all of them
    source: str | None = None  # by any spelling

    def has(self, source: str) -> bool:
        return self.source is None or source in stored_names(self.source)


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who wants to buy."""

    account: Account
    posts: Sequence[BuyingPost]  # one at least, oldest first
    people: Collection[int]  # of the CRM, whom the account is linked with for sure


# --- the list -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """The leads, and how many who want to buy are none."""

    leads: Sequence[Lead]  # the best first
    ordered: int  # customers, perhaps only since they wrote
    refused: int  # never ordered, and the CRM says that they are not to be written to


def leads_of(
    session: Session, config: Config, *, brand: str | None, since: datetime, now: datetime
) -> list[Lead]:
    """The leads of a brand, or of all, who wrote since then; the best first."""
    return list(find(session, config, Window(since, now, brand)).leads)


def find(session: Session, config: Config, window: Window) -> Found:
    """The leads by what they wrote in the window, as of its end."""
    everyone = writers(session, config, window)
    first = _first_orders(session, everyone)
    unwilling = _unwilling(session, everyone)
    new = [one for one in everyone if first.keys().isdisjoint(one.people)]
    wanted = [one for one in new if unwilling.isdisjoint(one.people)]
    rivals = _rivals(session, config, wanted)
    found = [
        judging.lead(
            Known(
                account=one.account,
                may_answer=contract_of(one.account.source).may_reply,
                compares_with=rivals[one.account.id],
                customer_ids=tuple(sorted(one.people)),
            ),
            one.posts,
            now=window.until,
        )
        for one in wanted
    ]
    return Found(judging.best_first(found), len(everyone) - len(new), len(new) - len(wanted))


def _rivals(
    session: Session, config: Config, found: Sequence[Writer]
) -> dict[int, tuple[str, ...]]:
    """By author: the competitors of the brand which their posts about it are about, too."""
    competitors = {
        brand.name: {one.name.casefold() for one in brand.competitors} for brand in config.brands
    }
    ids = {post.mention_id for one in found for post in one.posts}
    named = leads.named(session, ids)
    return {
        one.account.id: tuple(
            sorted(
                {
                    name
                    for post in one.posts
                    for name in named[post.mention_id]
                    if name.casefold() in competitors[post.brand]
                }
            )
        )
        for one in found
    }


def _unwilling(session: Session, found: Iterable[Writer]) -> set[int]:
    """The persons among these who are not to be written to."""
    people = persons.records(session, {person_id for one in found for person_id in one.people})
    return {one for one, known in facts(session, people).items() if known.permission == "no"}


# --- who wants to buy -----------------------------------------------------------------------------


def writers(session: Session, config: Config, window: Window) -> list[Writer]:
    """Who wants to buy: neither the brands' own people nor a competitor.

    Of a network that does not let us work that out, or keep who wrote, there is nobody.
    """
    names = [brand.name for brand in config.brands if window.brand in (None, brand.name)]
    posts: dict[int, list[BuyingPost]] = defaultdict(list)
    for post in leads.buying_posts(session, names, since=window.since, until=window.until):
        posts[post.author_id].append(post)
    insiders = _insiders(config)
    accounts = [
        one
        for one in leads.accounts(session, posts)
        if window.has(one.source) and _is_allowed(one.source) and not insiders.have(one)
    ]
    people = leads.persons_of(session, [one.id for one in accounts])
    return [Writer(one, posts[one.id], people.get(one.id, ())) for one in accounts]


def _is_allowed(source: str) -> bool:
    """Whether we may work out what somebody on this network wants, and keep who it is."""
    contract = contract_of(source)
    return contract.may_derive and contract.keep_authors


@dataclass(frozen=True, slots=True)
class _Insiders:
    """Who is no lead: the brands' own accounts, their staff, and who is called as a competitor."""

    own: Sequence[OwnAccount]
    companies: Collection[str]  # their letters

    def have(self, account: Account) -> bool:
        author = Author(account.external_id, account.handle, account.name)
        return (
            _letters(account.handle) in self.companies
            or _letters(account.name) in self.companies
            or any(one.is_author(account.source, author) for one in self.own)
        )


def _insiders(config: Config) -> _Insiders:
    brands = config.brands
    rivals = [one for brand in brands for one in brand.competitors]
    names = {*(one.name for one in brands), *(one.name for one in rivals)}
    own = [one for brand in brands for one in brand.accounts]
    theirs = [account for one in rivals for account in one.own_accounts]
    return _Insiders([*own, *theirs, *config.noise.staff], set(map(_letters, names)) - {""})


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _first_orders(session: Session, found: Iterable[Writer]) -> dict[int, date]:
    """The day of the first order of each person that these are linked with."""
    people = {person_id for one in found for person_id in one.people}
    return judging.first_orders(valuations.purchases(session, people))


# --- what became of them --------------------------------------------------------------------------


def conversion(
    session: Session, config: Config, window: Window, *, within: timedelta
) -> Conversion:
    """How many who wanted to buy in the window and had no order yet have ordered since.

    Accounts that are linked with one person are counted as one.
    """
    today = local_day(window.until, config.tz)
    found = _wanted(session, config, window)
    months = judging.by_month(found)
    return Conversion(
        within_days=within.days,
        whole=_period(found, within=within, today=today),
        months={month: _period(ones, within=within, today=today) for month, ones in months.items()},
    )


def _wanted(session: Session, config: Config, window: Window) -> list[Wanted]:
    everyone = writers(session, config, window)
    first = _first_orders(session, everyone)
    days: dict[tuple[str, frozenset[int]], date] = {}
    for one in everyone:
        who = ("person", frozenset(one.people)) if one.people else ("", frozenset({one.account.id}))
        day = local_day(one.posts[0].published_at, config.tz)
        days[who] = min(day, days.get(who, day))
    found = []
    for (kind, ids), day in days.items():
        orders = [first[one] for one in ids if one in first] if kind else []
        found.append(judging.wanted(day, is_linked=bool(kind), orders=orders))
    return [one for one in found if one is not None]


def _period(found: Sequence[Wanted], *, within: timedelta, today: date) -> Period:
    counts = judging.counts(found, within=within, today=today)
    return Period(
        counts,
        # Where nobody is linked nobody can be seen ordering.
        of_all=_share(counts.ordered, counts.over) if counts.linked else None,
        of_linked=_share(counts.ordered, counts.linked),
    )


def _share(hits: int, n: int) -> Share | None:
    return Share(hits / n, *wilson(hits, n)) if n >= FEWEST else None
