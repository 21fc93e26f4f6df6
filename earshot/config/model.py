"""A configuration as it was read: its tables, and what follows from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from alerts.escalation_settings import policy
from alerts.quiet import quiet_until
from alerts.rules import evaluate
from domain.asking import why_asks
from domain.brand import Brand, Competitor
from domain.business_hours import BusinessHours
from domain.errors import ConfigError
from domain.escalation import Telling
from domain.incident import Candidate, Incident, Opening
from domain.network import Networks
from earshot.config.accounts import account_of
from earshot.config.tables import CompetitorSettings, TopLevel
from listener.settings import SourceSettings

# What reads queries and sources is imported where it is asked for: that and reading them is a
# quarter of what a list costs, which asks for neither.
if TYPE_CHECKING:
    from alerts.masking import Masking
    from earshot.brands.tracked import TrackedBrand
    from earshot.brands.wording import Wording
    from listener.noise import Lists


@dataclass(frozen=True)
class Config:
    """A configuration in which everything has been checked that was asked for."""

    path: Path
    top: TopLevel
    tables: Mapping[str, Any]  # [sources.NAME], as they stand in the file

    @cached_property
    def sources(self) -> Mapping[str, SourceSettings]:
        """Every [sources.NAME] table, enabled or not. Raises ConfigError as load() does."""
        from earshot.config.sources import settings_of  # noqa: PLC0415

        problems: list[str] = []
        found = settings_of(self.tables, problems)
        if problems:
            raise refused(self.path, problems)
        return found

    @property
    def database(self) -> str:
        return self.top.database

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.top.timezone)

    @cached_property
    def brands(self) -> tuple[Brand, ...]:
        return tuple(
            Brand(
                name=table.name,
                query=table.query,
                own_accounts=tuple(map(account_of, table.own_accounts)),
                auto_responders=tuple(map(account_of, table.auto_responders)),
                auto_replies=table.auto_replies,
                competitors=tuple(map(_competitor, table.competitors)),
                languages=table.languages,
                relevant=table.relevant,
                irrelevant=table.irrelevant,
            )
            for table in self.top.brands
        )

    @cached_property
    def tracked(self) -> "tuple[TrackedBrand, ...]":
        """Every brand and competitor, with its query. Raises ConfigError for a bad query."""
        from earshot.brands.tracked import tracked  # noqa: PLC0415

        return tracked(self.brands)

    @cached_property
    def networks(self) -> Networks:
        """Every network's facts, with the servers that are named here."""
        from earshot.config.networks import networks_of  # noqa: PLC0415

        return networks_of(self.sources)

    @cached_property
    def masking(self) -> "Masking":
        """What is hidden in whatever leaves."""
        from alerts.masking import Masking  # noqa: PLC0415
        from earshot.config.regions import regions_of  # noqa: PLC0415

        return Masking(frozenset(self.top.privacy.mask), regions_of(self.top))

    @cached_property
    def noise(self) -> "Lists":
        """The lists of [noise]. Raises ConfigError for a query that cannot be read."""
        from listener import query  # noqa: PLC0415
        from listener.noise import Lists  # noqa: PLC0415

        table = self.top.noise
        return Lists(
            allowed=tuple(map(account_of, table.allow_authors)),
            staff=tuple(map(account_of, table.staff_accounts)),
            authors=tuple(map(account_of, table.block_authors)),
            sites=table.block_sites,
            words=tuple(map(query.parse, table.block_words)),
            spam=table.spam,
        )

    def brand(self, name: str) -> Brand:
        """The brand of that name, whatever its case. Raises ConfigError when there is none."""
        for brand in self.brands:
            if brand.name.casefold() == name.casefold():
                return brand
        known = ", ".join(brand.name for brand in self.brands)
        raise ConfigError(f"there is no brand {name!r} in {self.path}: it has {known}")

    @cached_property
    def hours(self) -> Mapping[str, BusinessHours | None]:
        """When each brand's people answer; None: round the clock."""
        return {
            table.name: hours.business_hours(self.top.timezone)
            if (hours := table.hours or self.top.hours)
            else None
            for table in self.top.brands
        }

    @cached_property
    def wording(self) -> "Wording":
        """What to look for in a mention's words. Raises ConfigError for a bad query or word."""
        from earshot.brands.wording import Wording  # noqa: PLC0415

        queries = {rule.name: rule.query for rule in self.top.alerts.rules if rule.query}
        return Wording(self.words, queries)

    @cached_property
    def words(self) -> Mapping[str, Sequence[str]]:
        """The lists of words that mentions are looked through for, by name."""
        from earshot.brands.wording import SHIPPED, shipped_words  # noqa: PLC0415

        languages = {code for brand in self.brands for code in brand.languages}
        every = all(brand.languages for brand in self.brands)
        shipped = {name: shipped_words(name, languages if every else ()) for name in SHIPPED}
        return {**shipped, **self.top.alerts.words}

    def quiet_until(self, now: datetime) -> datetime | None:
        """When the quiet hours end that `now` is in; None when it is in none."""
        quiet = self.top.alerts.quiet
        if quiet is None:
            return None
        begins, ends = time.fromisoformat(quiet.begins), time.fromisoformat(quiet.ends)
        return quiet_until(now, begins, ends, self.tz)

    def opening(self, candidate: Candidate) -> Opening | None:
        """What the rules decide about a mention; None: it opens no incident."""
        hours, found = self.hours.get(candidate.brand), self.wording.found(candidate)
        return evaluate(self.top.alerts.rules, candidate, hours, found)

    def why_asks(self, candidate: Candidate) -> str:
        """Why a mention asks for an answer, for people; "" when it does not."""
        return why_asks(candidate, self.wording.found(candidate))

    def hours_of(self, incident: Incident) -> BusinessHours | None:
        """In which its promise is counted; None: round the clock."""
        rules = (rule for rule in self.top.alerts.rules if rule.name == incident.rule)
        if any(rule.round_the_clock for rule in rules):
            return None
        return self.hours.get(incident.brand)

    def escalation(self, incident: Incident) -> Sequence[Telling]:
        """Who is to be reminded of an incident whose clock starts now, and when."""
        alerts = self.top.alerts
        named = (rule.escalation for rule in alerts.rules if rule.name == incident.rule)
        return policy(alerts.escalations, incident.severity, next(named, None))

    @property
    def enabled(self) -> dict[str, SourceSettings]:
        return {name: table for name, table in self.sources.items() if table.enabled}


def _competitor(table: CompetitorSettings) -> Competitor:
    return Competitor(table.name, table.query or "", tuple(map(account_of, table.own_accounts)))


def names_of(top: TopLevel) -> dict[str, str]:
    """Each brand's name by how it is compared."""
    return {brand.name.casefold(): brand.name for brand in top.brands}


def refused(path: Path, problems: Sequence[str]) -> ConfigError:
    """Every problem of this file as one error."""
    return ConfigError(*(f"{path}: {problem}" for problem in problems))
