"""Who is on which list of customers, and why. Nothing of them is sent by anything here.

The rules are those of crm.lists; here stands whom they are asked about. It reads what was valued
last. Only links count that their network's contract lets rest on what they rest on.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from crm import lists
from crm.tiers import is_top_tier
from domain.clock import local_day
from domain.customer import Amount, Basis
from domain.customer_lists import ListName, Rhythm, Voice
from domain.reputation import CUT_OFF, Opinion
from earshot.config.model import Config
from earshot.customers.profile import values_of
from earshot.reporting import list_reasons
from listener.contracts import contract_of
from storage import customer_lists, customer_posts, persons
from storage.customer_lists import Paid
from storage.customer_posts import Account, CustomerPost

Posts = Mapping[int, Sequence[CustomerPost]]  # by person, each person's oldest first


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on a list."""

    person_id: int
    reason: str  # a sentence
    values_12m: tuple[Amount, ...] = ()  # what they paid, most money first
    posts: int = 0  # that it rests on
    newest: CustomerPost | None = None  # of these


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, of those alone who may be written to; the most valuable of each currency first."""

    members: tuple[Member, ...]
    said_no: int  # who would be on it, and do not want to be written to
    not_said: int  # likewise, of whom no system says whether they may be


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a list is made for."""

    session: Session
    config: Config
    brand: str | None
    now: datetime

    @property
    def today(self) -> date:
        return local_day(self.now, self.config.tz)


def listed(
    session: Session, config: Config, name: ListName, *, brand: str | None, now: datetime
) -> Listed:
    """A list, except leads. brand: whose posts count; None: all. Orders belong to no brand."""
    found = _RULES[name](_Asked(session, config, brand, now))
    may = customer_lists.permissions(session, [one.person_id for one in found])
    agreed = [one for one in found if may[one.person_id] == "yes"]
    said_no = sum(one == "no" for one in may.values())
    return Listed(_ranked(session, agreed), said_no, len(found) - len(agreed) - said_no)


def members(
    session: Session, config: Config, *, brand: str | None, now: datetime
) -> dict[ListName, list[Member]]:
    """Every list as its command shows it, except leads."""
    return {
        name: list(listed(session, config, name, brand=brand, now=now).members) for name in _RULES
    }


def everybody_at_risk(
    session: Session, config: Config, *, brand: str | None, now: datetime
) -> list[Member]:
    """Who is at risk, whether or not they may be written to, by id."""
    return _at_risk(_Asked(session, config, brand, now))


# --- the lists ------------------------------------------------------------------------------------


def _ambassadors(asked: _Asked) -> list[Member]:
    """Of several brands the one they wrote most of is told."""
    of_brand: defaultdict[str, list[CustomerPost]] = defaultdict(list)
    for post in _posts(asked):
        if post.label is not None:
            of_brand[post.brand].append(post)
    found: dict[int, _Spoken] = {}
    for brand in sorted(of_brand):
        for person_id, spoken in _promoters(of_brand[brand], until=asked.now).items():
            if person_id not in found or spoken.voice.posts > found[person_id].voice.posts:
                found[person_id] = spoken
    rhythms = customer_lists.rhythms(asked.session, found)
    chosen = _chosen(asked, {one: found[one].voice for one in found}, rhythms)
    tz = asked.config.tz
    return [
        Member(
            person_id,
            list_reasons.of_ambassador(one.voice, one.newest, rhythms.get(person_id), tz),
            posts=one.voice.posts,
            newest=one.newest,
        )
        for person_id, one in sorted(found.items())
        if person_id in chosen
    ]


def _chosen(asked: _Asked, voices: Mapping[int, Voice], rhythms: Mapping[int, Rhythm]) -> set[int]:
    """Which of these promoters are ambassadors. The tier is asked only where it decides."""

    def those(*, top_tier: bool) -> set[int]:
        return {
            one
            for one, voice in voices.items()
            if lists.is_ambassador(
                voice, rhythms[one].segment if one in rhythms else None, top_tier=top_tier
            )
        }

    anyhow = those(top_tier=False)
    return anyhow | _in_top_tier(asked, those(top_tier=True) - anyhow)


class _Spoken(NamedTuple):
    """How somebody speaks of a brand."""

    voice: Voice
    newest: CustomerPost  # of the posts that it rests on


def _promoters(posts: Sequence[CustomerPost], *, until: datetime) -> dict[int, _Spoken]:
    """How each promoter speaks of a brand, by person, and their newest post of those that count."""
    from reputation.voices import voices  # noqa: PLC0415  numpy, which lists do without

    by_person = _by_person(posts)
    own = [post for post in posts if not post.is_copy]
    counts = Counter(post.person_id for post in own)
    people = voices(map(opinion_of, own), since=until - lists.WITHIN, until=until)
    found = {}
    for person, stance in zip(people.person.tolist(), people.stance.tolist(), strict=True):
        if stance < CUT_OFF:
            continue
        wrote = by_person[person]
        voice = Voice(
            posts=counts[person],
            stance=stance,
            ends_negative=wrote[-1].is_negative,
            followers=_reach(wrote),
        )
        newest = [post for post in wrote if not post.is_copy][-1]
        found[person] = _Spoken(voice, newest)
    return found


def _reach(posts: Iterable[CustomerPost]) -> int | None:
    """The followers of the widest account; None: their networks do not say."""
    known = (one.account.followers for one in posts)
    return max((one for one in known if one is not None), default=None)


def opinion_of(post: CustomerPost) -> Opinion:
    """As the numbers see it: a person is one voice, on however many accounts."""
    return Opinion(
        source=post.source,
        external_id=f"{post.mention_id} {post.brand}",
        published_at=post.published_at,
        person=post.person_id,
        account=post.person_id,
        is_customer=True,
        polarity=post.positive - post.negative if post.label is not None else None,
        label=post.label,
    )


def _at_risk(asked: _Asked) -> list[Member]:
    negative = _by_person(
        {one.mention_id: one for one in _posts(asked) if one.is_negative}.values()
    )
    rhythms = customer_lists.rhythms(asked.session, negative)
    return [
        Member(
            person_id,
            list_reasons.of_risk(posts, rhythms[person_id], asked.today, asked.config.tz),
            posts=len(posts),
            newest=posts[-1],
        )
        for person_id, posts in sorted(negative.items())
        if person_id in rhythms and lists.falls(rhythms[person_id], asked.today)
    ]


def _lost(asked: _Asked) -> list[Member]:
    since = asked.today - timedelta(days=lists.LOST_DAYS)
    silent = customer_lists.long_silent(asked.session, since=since, p_alive_below=lists.GONE)
    return [
        Member(one.person_id, list_reasons.of_loss(one, asked.today))
        for one in silent
        if lists.is_lost(one, asked.today)
    ]


def _won_back(asked: _Asked) -> list[Member]:
    paused = customer_lists.after_a_pause(
        asked.session, since=asked.today - lists.WITHIN, pause=lists.WITHIN
    )
    bought = customer_lists.purchases(asked.session, paused)
    found = []
    for person_id in paused:
        until_today = (one for one in bought[person_id] if one.ordered_on <= asked.today)
        days = lists.ordered_on(until_today)
        back = lists.returned(days, asked.today)
        if back is not None:
            since = sum(day >= back.returned_on for day in days)
            found.append(Member(person_id, list_reasons.of_return(back, since)))
    return found


_RULES: Mapping[ListName, Callable[[_Asked], list[Member]]] = {
    ListName.AMBASSADORS: _ambassadors,
    ListName.AT_RISK: _at_risk,
    ListName.LOST: _lost,
    ListName.WON_BACK: _won_back,
}


# --- what they rest on ----------------------------------------------------------------------------


def _posts(asked: _Asked) -> list[CustomerPost]:
    """What customers wrote lately, as far as their networks let a link rest on what it rests on."""
    known = customer_posts.accounts(asked.session)
    return customer_posts.by_accounts(
        asked.session,
        {author_id: one for author_id, one in known.items() if may_link(one)},
        brand=asked.brand,
        since=asked.now - lists.WITHIN,
        until=asked.now,
    )


def may_link(account: Account) -> bool:
    """Whether the network's contract lets a link rest on what this one rests on."""
    contract = contract_of(account.source)
    scored = account.basis is Basis.SCORED and contract.may_score
    return contract.may_link and (scored or account.basis in contract.bases)


def _by_person(posts: Iterable[CustomerPost]) -> dict[int, list[CustomerPost]]:
    found: defaultdict[int, list[CustomerPost]] = defaultdict(list)
    for post in posts:
        found[post.person_id].append(post)
    return found


def _in_top_tier(asked: _Asked, person_ids: Iterable[int]) -> set[int]:
    rows = [one[0] for one in persons.records(asked.session, person_ids).values()]
    values = values_of(asked.session, rows, asked.config, now=asked.now)
    tiers = asked.config.top.crm.tiers
    return {one for one, worth in values.items() if is_top_tier(worth.tier, tiers)}


def _ranked(session: Session, found: Sequence[Member]) -> tuple[Member, ...]:
    """With what they paid: the first of each currency, then the second of each.

    So amounts of two currencies are never compared. Of one currency by the past 12 months, then by
    what they paid ever, then by id; who never paid comes last.
    """
    paid = customer_lists.paid(session, [one.person_id for one in found])
    of_currency: defaultdict[str, list[tuple[Paid, Member]]] = defaultdict(list)
    rest = []
    for one in found:
        if one.person_id not in paid:
            rest.append(one)
            continue
        values = paid[one.person_id]
        amounts = tuple(Amount(each.currency, each.revenue_12m) for each in values)
        of_currency[values[0].currency].append((values[0], replace(one, values_12m=amounts)))
    placed = [
        (place, currency, member)
        for currency, ranked in of_currency.items()
        for place, (_, member) in enumerate(sorted(ranked, key=_most_first))
    ]
    placed.sort(key=lambda one: one[:2])
    return (*(member for _, _, member in placed), *rest)


def _most_first(one: tuple[Paid, Member]) -> tuple[float, float, int]:
    paid, member = one
    return -paid.revenue_12m, -paid.revenue, member.person_id
