"""The coverage report: how much of the time each source was read, and what is missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.source_state import SourceState
from earshot.config.model import Config
from earshot.core import circuit_breaker
from listener.coverage import (
    HOUR,
    LEARNT_FROM,
    Condition,
    Hour,
    Promise,
    SourceHealth,
    Verdict,
    expected,
    heard,
    verdict,
)
from storage import coverage, metrics, source_state
from storage.tables import CoverageRow, GapRow

USUALLY = timedelta(days=28)  # before a window: what a source usually brings is counted over both
LATE = 2  # passes that may still be due before the time since the last one counts as not heard

Window = tuple[datetime, datetime]  # [since, until)


@dataclass(frozen=True, slots=True)
class Heard:
    """One source over a window of time."""

    source: str
    verdict: Verdict  # how it is now
    share: float  # of the window that was covered, 0 to 1
    passes: int  # that went well
    failed: int
    limited: int  # of the failed ones, how often the service asked us to wait
    fetched: int
    matched: int
    new: int
    expected: float | None  # new mentions of the window, by the days before; None: not known
    counted: int  # things the service itself counted for walks that ended in the window
    came: int  # of those
    last_ok_at: datetime | None
    troubles: Mapping[str, str]  # of what is done beside the passes: "stream" -> a sentence
    gaps: Sequence[GapRow]  # that overlap the window, oldest first
    hours: Sequence[CoverageRow]  # of the window, oldest first


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is known of every source back to `since`, read at once."""

    config: Config
    since: datetime
    now: datetime
    hours: Mapping[str, Sequence[CoverageRow]]
    begun: Mapping[str, datetime]  # the first hour of each source
    states: Mapping[str, SourceState]
    gaps: Sequence[GapRow]

    def of(self, name: str) -> Sequence[CoverageRow]:
        return self.hours.get(name, ())

    def verdict(self, name: str) -> Verdict:
        """How the source is now."""
        state, table = self.states.get(name), self.config.sources[name]
        condition = Condition(
            last_ok_at=state.last_ok_at if state else None,
            off=state.off if state else False,
            trouble=state.trouble if state else "",
            first_at=state.first_at if state else None,
        )
        promise = Promise(table.every, table.at_least_per_day, table.at_most_per_day)
        begin = self.now - LEARNT_FROM
        recent = [_hour(row) for row in self.of(name) if begin <= row.hour <= self.now]
        return verdict(recent, condition, promise, now=self.now)

    def listens_to(self, name: str) -> bool:
        """Whether the source is read, or was once; else all of it is imported."""
        return name in self.begun or name in self.config.enabled

    def share(self, name: str, window: Window, brand: str | None = None) -> float:
        """The share of the window that was covered, as far as it has passed.

        brand: what was missed of other brands alone does not count; None: whatever was missed.
        """
        since, until = window
        return heard(self._missed(name, brand), since=since, until=min(until, self.now))

    def _missed(self, name: str, brand: str | None) -> Iterator[Window]:
        """Where posts may be missing: gaps, the time before the first pass, that since the last.

        And a silence that cannot be chance, while it lasts: late posts come when it ends.
        """
        state = self.states.get(name)
        last_ok_at, begun = state.last_ok_at if state else None, self.begun.get(name)
        if last_ok_at is None or begun is None:
            yield self.since, self.now
            return
        yield min(self.since, begun), begun
        for gap in self.gaps:
            if gap.source == name and (brand is None or gap.brand in (brand, "")):
                yield gap.since or self.since, gap.until
        table = self.config.enabled.get(name)
        if table is None or self.now - last_ok_at > LATE * table.every:
            yield min(last_ok_at, self.now), self.now
        if table is None:
            return
        found = self.verdict(name)
        if found.health is SourceHealth.SILENT and found.since is not None:
            yield found.since, self.now


def read(
    session: Session, config: Config, *, since: datetime, now: datetime, shares_only: bool = False
) -> Ledger:
    """The ledger back to `since`, and what is needed to judge how each source is now.

    shares_only: without the hours that no share depends on.
    """
    judged_by = now - LEARNT_FROM
    return Ledger(
        config=config,
        since=since,
        now=now,
        hours=coverage.hours(session, since=judged_by if shares_only else min(since, judged_by)),
        begun=coverage.begun(session),
        states=source_state.states(session),
        gaps=source_state.gaps_within(session, since=since, until=now),
    )


def report(ledger: Ledger) -> list[Heard]:
    """Every enabled source since the ledger's beginning, in the order of the configuration."""
    return [_heard(ledger, name) for name in ledger.config.enabled]


def _heard(ledger: Ledger, name: str) -> Heard:
    state = ledger.states.get(name)
    within = [row for row in ledger.of(name) if row.hour > ledger.since - HOUR]
    before = [_hour(row) for row in ledger.of(name) if row.hour <= ledger.since - HOUR]
    return Heard(
        source=name,
        verdict=ledger.verdict(name),
        share=ledger.share(name, (ledger.since, ledger.now)),
        passes=sum(row.passes for row in within),
        failed=sum(row.failed for row in within),
        limited=sum(row.limited for row in within),
        fetched=sum(row.fetched for row in within),
        matched=sum(row.matched for row in within),
        new=sum(row.new for row in within),
        expected=expected(before, map(_hour, within)),
        counted=sum(row.counted for row in within),
        came=sum(row.came for row in within),
        last_ok_at=state.last_ok_at if state else None,
        troubles=_beside(ledger, name),
        gaps=[gap for gap in ledger.gaps if gap.source == name],
        hours=within,
    )


def _beside(ledger: Ledger, name: str) -> dict[str, str]:
    """What stands under "NAME (stream)", "NAME (deletions)": they have a row for themselves."""
    found = (
        (circuit_breaker.read_name(key), state) for key, state in sorted(ledger.states.items())
    )
    return {
        what: state.trouble
        for (source, what), state in found
        if source == name and what and state.trouble
    }


@dataclass(frozen=True, slots=True)
class Usual:
    """How many mentions of a brand each source has brought, over some weeks."""

    brand: str
    window: Window
    counts: Mapping[str, int]

    def weights(self, ledger: Ledger) -> dict[str, float]:
        """What each enabled source weighs: what it would have brought, had it been heard always.

        A source that brought nothing weighs as much as a single mention.
        """
        shares = {
            name: ledger.share(name, self.window, self.brand) for name in ledger.config.enabled
        }
        return {
            name: 1 + (self.counts.get(name, 0) / share if share else 0.0)
            for name, share in shares.items()
        }


def usual(session: Session, brand: str, *, since: datetime, until: datetime) -> Usual:
    """What the sources bring of the brand: counted over the window and the 28 days before it."""
    window = since - USUALLY, until
    return Usual(brand, window, metrics.by_source(session, brand, since=window[0], until=until))


def shares(
    ledger: Ledger, windows: Sequence[Window], usual: Usual | None = None
) -> list[float | None]:
    """The covered share of each window, of all enabled sources together; None without one.

    usual: what the sources bring of a brand, by which they weigh; None: they weigh alike.
    """
    weights = usual.weights(ledger) if usual else dict.fromkeys(ledger.config.enabled, 1.0)
    brand = usual.brand if usual else None
    total = sum(weights.values())
    return [
        sum(weight * ledger.share(name, window, brand) for name, weight in weights.items()) / total
        if weights
        else None
        for window in windows
    ]


def _hour(row: CoverageRow) -> Hour:
    return Hour(row.hour, row.passes, row.failed, row.limited, row.fetched, row.matched, row.new)
