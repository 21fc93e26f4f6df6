"""Publishes the numbers of each day, and revises them when what they rest on has changed.

All is computed while others may write; what comes of it is stored in one short transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.reputation import NpsProxy, Reputation
from earshot.config.model import Config
from earshot.core.app import App
from earshot.reporting import measure, watermarks
from earshot.reporting.day_inputs import Inputs, Window
from earshot.reporting.measure import Basis, end_of, last_whole_day
from earshot.reporting.published import kept, reputation_of
from earshot.reporting.rivals import left_out
from earshot.reporting.watermarks import Watermark
from listener.contracts import contract_of
from reputation import nps_proxy, score
from reputation.changes import changes
from reputation.packing import pack
from storage import link_ledger, metrics, snapshots, voices
from storage.link_ledger import Ended
from storage.snapshots import Published, Snapshot

LATE_DAYS = 28  # what comes later changes the scores of these, not the ones published before
PATIENCE = timedelta(hours=24)  # how long a day waits for its posts to be scored


@dataclass(frozen=True, slots=True)
class Kind:
    """A number that each day has."""

    name: str
    formula: str
    window: timedelta
    tells: frozenset[str]  # the values of which another one is worth a revision
    counts_answers: bool


REPUTATION = Kind(
    "reputation",
    score.FORMULA,
    score.WINDOW,
    frozenset({"score", "low", "high", "status", "n_persons", "parts", "without_author"}),
    counts_answers=True,
)
NPS = Kind(
    "nps",
    nps_proxy.FORMULA,
    nps_proxy.WINDOW,
    frozenset({"value", "low", "high", "status", "promoters", "passives", "detractors"}),
    counts_answers=False,
)
KINDS = (REPUTATION, NPS)


@dataclass(frozen=True, slots=True)
class Due:
    """A number to store."""

    snapshot: Snapshot
    after: int  # the revision that was the newest when it was computed; 0: none


def publish_due(app: App, *, at: datetime) -> None:
    """Publish what has become final of each brand, and revise what has changed since.

    That is the last whole day and the 28 before, as far as something was stored when they ended;
    and of older days those that had counted a link which was taken back.
    """
    for brand, found, ended in _looked_at(app, at=at):
        if not found and not ended:
            continue
        with app.database.begin() as session:
            for one in found:
                snapshots.publish(session, one.snapshot, now=at, after=one.after)
            if ended:
                link_ledger.follow_to(session, _followed(brand), ended[-1].judgement_id)


def _looked_at(app: App, *, at: datetime) -> list[tuple[str, list[Due], list[Ended]]]:
    """What is to be stored of each brand, and the links taken back of late; all in one read."""
    looked_at = []
    with app.database.read() as session:
        voices.look_up_once(session)
        for brand in app.config.brands:
            followed = link_ledger.followed(session, _followed(brand.name))
            ended = link_ledger.ended(session, after=followed)
            found = due(session, brand.name, app.config, ended, at=at)
            looked_at.append((brand.name, found, ended))
    return looked_at


def _followed(brand: str) -> str:
    return f"published.{brand}"


def due(
    session: Session, brand: str, config: Config, ended: Sequence[Ended], *, at: datetime
) -> list[Due]:
    """What is to be stored of a brand, earlier days first. ended: the links taken back of late."""
    last = last_whole_day(at, config)
    first = last - timedelta(days=LATE_DAYS)
    found: list[Due] = []
    for day in resting_on(session, brand, ended, config, before=first):
        found += _Days(session, brand, config, [day], at=at).due()
    span = (first + timedelta(days=n) for n in range(LATE_DAYS + 1))
    days = [day for day in span if measure.is_day(day, config)]
    return found + list(_Days(session, brand, config, days, at=at).due())


def resting_on(
    session: Session, brand: str, ended: Sequence[Ended], config: Config, *, before: date
) -> list[date]:
    """The earlier published days that counted links which were taken back since.

    A day that was published before a link was confirmed never rested on it.
    """
    counted = [
        (local_day(wrote[0], config.tz), local_day(wrote[1] + NPS.window, config.tz), one)
        for one in ended
        if (wrote := metrics.span_of(session, brand, one.author_id)) is not None
    ]
    if not counted:
        return []
    begin, end = min(one[0] for one in counted), max(one[1] for one in counted)
    until = min(before, end + timedelta(days=1))
    days = snapshots.trend(session, brand, REPUTATION.name, since=begin, until=until)
    return [
        row.day
        for row in days
        if any(
            first <= row.day <= last and row.computed_at >= one.known_since
            for first, last, one in counted
        )
    ]


class _Days:
    """Some days of a brand, with what they rest on read once for all of them."""

    def __init__(
        self, session: Session, brand: str, config: Config, days: Sequence[date], *, at: datetime
    ) -> None:
        """days: one after the other."""
        self._session, self._brand, self._config, self._at = session, brand, config, at
        self._days = days
        self._published = {kind: self._newest(kind, days[0], days[-1]) for kind in KINDS}
        since, _ = measure.window_of(days[0], max(kind.window for kind in KINDS), config)
        self._inputs = Inputs(
            session,
            brand,
            since=since,
            until=end_of(days[-1], config),
            left_out=left_out(session, config, config.brand(brand)),
        )

    def due(self) -> Iterator[Due]:
        """What of these days is final by now, or has changed."""
        for day in self._days:
            for kind in KINDS:
                published = self._published[kind].get(day)
                one = self._first(kind, day) if published is None else self._again(kind, published)
                if one is not None:
                    yield one

    def _first(self, kind: Kind, day: date) -> Due | None:
        """The day's first number, if it has one and that is final."""
        until = end_of(day, self._config)
        is_last = day == last_whole_day(self._at, self._config)
        if not is_last and (self._begun is None or until <= self._begun):
            return None  # it ended before anything was stored
        waiting = self._inputs.waiting(self._window(kind, day, self._basis))
        if waiting and self._at < until + PATIENCE:
            return None
        return Due(self._snapshot(kind, day, self._basis), after=0)

    def _again(self, kind: Kind, published: Published) -> Due | None:
        """A published number as it is now, if what it rests on has changed."""
        before = watermarks.load(published.watermark)
        if published.formula != kind.formula or before is None:
            return None  # a day keeps its formula
        basis = self._basis_of(published.day, before)
        window = self._window(kind, published.day, basis)
        if self._inputs.digest(window) == before.digest:
            return None
        standing = self._inputs.standing(window)
        if watermarks.removed(before, standing) and window.since < self._kept_since:
            return None  # what it rests on is not kept for so long: nobody can compute it anew
        why = watermarks.why_changed(before, standing, self._inputs.turns(before.judged))
        revised = self._snapshot(kind, published.day, basis, before=published, reason=why)
        return Due(revised, after=published.revision)

    def _snapshot(
        self,
        kind: Kind,
        day: date,
        basis: Basis,
        *,
        before: Published | None = None,
        reason: str = "",
    ) -> Snapshot:
        """before: what was published of that day; None: nothing."""
        watermark = self._inputs.watermark(self._window(kind, day, basis), kind.formula)
        number: Reputation | NpsProxy
        packed = None
        readings = self._inputs.readings(basis.model)
        if kind is REPUTATION:
            measured = measure.measure(
                *(self._session, self._brand, day, self._config), basis=basis, readings=readings
            )
            packed = pack(measured.voices)
            number = self._marked(measured.reputation, watermark, before)
            self._told[day] = number
        else:
            number = measure.nps_of(
                *(self._session, self._brand, day, self._config), basis=basis, readings=readings
            )
        payload = kept(number)
        return Snapshot(
            brand=self._brand,
            day=day,
            kind=kind.name,
            timezone=self._config.top.timezone,
            formula=kind.formula,
            payload=payload,
            watermark=watermark.dump(),
            reason=reason,
            voices=packed,
            beside=payload.keys() - kind.tells,
        )

    def _marked(
        self, found: Reputation, watermark: Watermark, before: Published | None
    ) -> Reputation:
        if before is not None:  # what was decided otherwise since says nothing of that day
            was = reputation_of(before)
            found = replace(found, rules=was.rules, filters=was.filters)
        marks = list(found.marks)
        if waiting := watermark.counts.waiting:
            marks.append(_not_scored(waiting, revised=before is not None))
        earlier = [one for day, one in self._told.items() if day < found.date]
        if earlier:
            last = max(earlier, key=lambda one: one.date)
            heard = {one.source for each in earlier for one in each.sources}
            # Of a source whose posts may still wait nobody knows that it is gone.
            there = heard if waiting else self._config.enabled
            marks += changes(last, found, heard=heard, listened_to=there)
        return replace(found, marks=tuple(marks))

    @cached_property
    def _told(self) -> dict[date, Reputation]:
        """The newest published score of these days and of the 28 before, by day."""
        first = self._days[0]
        before = self._newest(REPUTATION, first - timedelta(days=LATE_DAYS), first)
        known = before | self._published[REPUTATION]
        return {day: reputation_of(one) for day, one in known.items()}

    def _newest(self, kind: Kind, first: date, last: date) -> dict[date, Published]:
        found = snapshots.trend(
            *(self._session, self._brand, kind.name), since=first, until=last + timedelta(days=1)
        )
        return {one.day: one for one in found}

    @cached_property
    def _basis(self) -> Basis:
        return measure.present(self._session, self._config)

    def _basis_of(self, day: date, before: Watermark) -> Basis:
        """By what a published day was measured; by the present model if there was none yet."""
        stored = self._published[REPUTATION].get(day)
        yardstick = None if stored is None else reputation_of(stored).answer_yardstick
        return Basis(before.model or self._basis.model, yardstick or self._basis.yardstick)

    def _window(self, kind: Kind, day: date, basis: Basis) -> Window:
        since, until = measure.window_of(day, kind.window, self._config)
        yardstick = basis.yardstick if kind.counts_answers else None
        return Window(since, until, basis.model, yardstick)

    @cached_property
    def _begun(self) -> datetime | None:
        return metrics.first_stored_at(self._session, self._brand)

    @cached_property
    def _kept_since(self) -> datetime:
        """What was published since then is kept by every rule of how long."""
        own = timedelta(days=self._config.top.privacy.retention_days)
        sources = _sources(self._told.values())
        kept_for = [contract_of(source).retention or own for source in sources]
        return self._at - min(own, *kept_for)


def _sources(scores: Iterable[Reputation]) -> set[str]:
    return {one.source for each in scores for one in each.sources}


def _not_scored(waiting: int, *, revised: bool) -> str:
    """The mark that a number is published although posts of it wait to be scored."""
    posts = "1 post" if waiting == 1 else f"{waiting} posts"
    how = "revised" if revised else f"published after {PATIENCE // timedelta(hours=1)} h"
    return f"{how} with {posts} not yet scored"
