"""The coverage report: how much of the time each source was read, and what is missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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
from storage import coverage, source_state
from storage.tables import CoverageRow, GapRow

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
        recent = [_hour(row) for row in self.of(name) if row.hour >= self.now - LEARNT_FROM]
        return verdict(recent, condition, promise, now=self.now)

    def share(self, name: str, window: Window) -> float:
        """The share of the window that was covered, as far as it has passed."""
        since, until = window
        return heard(self._missed(name), since=since, until=min(until, self.now))

    def _missed(self, name: str) -> Iterator[Window]:
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
            if gap.source == name:
                yield gap.since or self.since, gap.until
        if self.now - last_ok_at > LATE * self.config.sources[name].every:
            yield last_ok_at, self.now
        found = self.verdict(name)
        if found.health is SourceHealth.SILENT and found.since is not None:
            yield found.since, self.now


def read(session: Session, config: Config, *, since: datetime, now: datetime) -> Ledger:
    """The ledger back to `since`, and what is needed to judge how each source is now."""
    return Ledger(
        config=config,
        since=since,
        now=now,
        hours=coverage.hours(session, since=min(since, now - LEARNT_FROM)),
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


def shares(ledger: Ledger, windows: Sequence[Window]) -> list[float | None]:
    """The covered share of each window, averaged over the enabled sources; None without one."""
    names = list(ledger.config.enabled)
    return [
        sum(ledger.share(name, window) for name in names) / len(names) if names else None
        for window in windows
    ]


def _hour(row: CoverageRow) -> Hour:
    return Hour(row.hour, row.passes, row.failed, row.limited, row.fetched, row.matched, row.new)
