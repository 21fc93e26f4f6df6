"""The tables of config.toml that belong to no room of their own, and what each key takes."""

import re
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from alerts import draft_templates
from alerts.draft_templates import TemplateSettings
from alerts.escalation_settings import EscalationSettings, each_once
from alerts.rules import Duration, RuleSettings, duplicate_names
from alerts.slack.settings import SlackSettings
from crm.settings import CrmSettings
from domain.business_hours import BusinessHours
from domain.errors import ConfigError
from domain.sentiment import Label
from earshot.config.accounts import checked_account, checked_own_account
from earshot.config.holidays import public_holidays
from earshot.config.problems import as_date
from listener.settings import WebhookSettings

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]  # as date.weekday() counts
MIDNIGHT = "24:00"
SHORTEST_AUTO_REPLY = 8  # letters and digits


class Table(BaseModel):
    """A table of config.toml: unknown keys are errors, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


# --- what pydantic's own types cannot tell -----------------------------------------------------


def _wall_time(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text, re.ASCII):
        raise ValueError("is not a time of day: write for example 08:00")
    return text


def _some(days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    if not days:
        raise ValueError("is empty: it needs at least one")
    return days


def _closing_time(text: str) -> str:
    return text if text == MIDNIGHT else _wall_time(text)


def _date(given: object) -> str:
    """A date, written as TOML has it or in quotes."""
    try:
        return date.fromisoformat(str(as_date(given) or given)).isoformat()
    except ValueError as error:
        raise ValueError("is not a date: write for example 2026-12-24") from error


def _holidays(code: str, info: ValidationInfo) -> str:
    if info.context:  # see problems.checked
        try:
            public_holidays(code)
        except ConfigError as error:
            raise ValueError(str(error)) from error
    return code


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is not a time zone: write for example Europe/Madrid or UTC") from error
    return name


def _database(url: str) -> str:
    file = url.removeprefix("sqlite:///")
    if re.fullmatch(r"sqlite:///[\w./-]+\.db", url) and not Path(file).is_dir():
        return url  # as nearly always; to find that out SQLAlchemy would take half a second
    from storage.engine import check_url  # noqa: PLC0415  as in earshot.core.app

    problem = check_url(url)
    if problem:
        raise ValueError(problem)
    return url


def _word(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    if "\0" in text:
        raise ValueError("holds the character NUL, which no database keeps")
    return text


def _auto_reply(text: str) -> str:
    """Short words stand in what people write, too: their answers would not count."""
    if sum(map(str.isalnum, _word(text))) < SHORTEST_AUTO_REPLY:
        raise ValueError(
            f"is too short to tell an automatic reply: write a part of it with at least "
            f"{SHORTEST_AUTO_REPLY} letters"
        )
    return text


def _language(code: str) -> str:
    if not re.fullmatch("[a-z]{2}", code):
        raise ValueError("is not a language: write two small letters, for example en")
    return code


def _query(text: str, info: ValidationInfo) -> str:
    if not info.context:  # see problems.checked
        return text
    from listener import query  # noqa: PLC0415  as in earshot.config.load

    try:
        query.parse(text)
    except ConfigError as error:
        raise ValueError(str(error).removeprefix(f"query {text!r}: ")) from error
    return text


def _name(text: str, info: ValidationInfo) -> str:
    """A competitor's name is looked for as it stands."""
    if not info.context:
        return _word(text)
    from listener import query  # noqa: PLC0415  as above

    try:
        query.phrase(text)
    except ConfigError as error:
        raise ValueError(str(error).removeprefix(f"name {text!r}: ")) from error
    return _word(text)


def _list_as_tuple(given: object) -> object:
    return tuple(given) if isinstance(given, list) else given


def _site(text: str) -> str:
    host = text.strip().casefold().removeprefix("www.")
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", host):
        raise ValueError("is no site: write its name alone, for example spam.example")
    return host


def _each_once(brands: "tuple[BrandSettings, ...]") -> "tuple[BrandSettings, ...]":
    if not brands:
        raise ValueError("is empty: it needs at least one")
    names = [brand.name.casefold() for brand in brands]
    twice = next((brand.name for brand in brands if names.count(brand.name.casefold()) > 1), None)
    if twice is not None:
        raise ValueError(f"two brands are called {twice!r}: give each its own name")
    return brands


def _each_rule_once(rules: tuple[RuleSettings, ...]) -> tuple[RuleSettings, ...]:
    for problem in duplicate_names(rules):
        raise ValueError(problem.removeprefix("alerts.rules: "))
    return rules


def _each_template_once(templates: tuple[TemplateSettings, ...]) -> tuple[TemplateSettings, ...]:
    for problem in draft_templates.duplicate_names(templates):
        raise ValueError(problem.removeprefix("alerts.templates: "))
    return templates


def _not_kept(_tables: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each source's own model holds its table; here its secrets would be plain text."""
    return {}


# --- the tables --------------------------------------------------------------------------------


class HoursSettings(Table):
    """The [hours] table, or that of a brand."""

    days: Annotated[tuple[Weekday, ...], AfterValidator(_some)] = (
        *("mon", "tue", "wed", "thu", "fri"),
    )
    opens: Annotated[str, Field(alias="from"), AfterValidator(_wall_time)] = "09:00"
    closes: Annotated[str, Field(alias="to"), AfterValidator(_closing_time)] = "17:00"
    timezone: Annotated[str, AfterValidator(_zone)] | None = None  # None: that of all
    holidays: Annotated[str, AfterValidator(_holidays)] | None = None
    closed: tuple[Annotated[str, BeforeValidator(_date)], ...] = ()

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("from must be earlier than to; 24:00 is midnight")
        return self

    def business_hours(self, timezone: str) -> BusinessHours:
        """The same as the domain counts them. timezone: where the table names none."""
        own = frozenset(map(date.fromisoformat, self.closed))
        return BusinessHours(
            days=frozenset(map(get_args(Weekday).index, self.days)),
            opens=time.fromisoformat(self.opens),
            closes=time.min if self.closes == MIDNIGHT else time.fromisoformat(self.closes),
            tz=ZoneInfo(self.timezone or timezone),
            closed=own if self.holidays is None else public_holidays(self.holidays, own),
        )


class CompetitorSettings(Table):
    """A competitor of a brand: its name alone, or a table."""

    name: Annotated[str, AfterValidator(_name)]
    query: Annotated[str, AfterValidator(_query)] | None = None  # None: the name as it stands
    own_accounts: Annotated[
        tuple[Annotated[str, AfterValidator(checked_own_account)], ...],
        BeforeValidator(_list_as_tuple),
    ] = ()

    @model_validator(mode="before")
    @classmethod
    def _may_be_a_name(cls, given: object, info: ValidationInfo) -> object:
        if isinstance(given, str):
            return {"name": _name(given, info)}
        if isinstance(given, dict):
            return given
        raise ValueError('is no competitor: write "Globex" or { name = "Globex", query = "…" }')


class BrandSettings(Table):
    """A [[brands]] table."""

    name: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_word)]
    query: Annotated[str, AfterValidator(_query)]
    own_accounts: tuple[Annotated[str, AfterValidator(checked_own_account)], ...] = ()
    auto_responders: tuple[Annotated[str, AfterValidator(checked_own_account)], ...] = ()
    auto_replies: tuple[
        Annotated[str, AfterValidator(_auto_reply)], ...
    ] = ()  # see earshot.brands.matching
    competitors: tuple[CompetitorSettings, ...] = ()
    languages: tuple[Annotated[str, AfterValidator(_language)], ...] = ()
    hours: HoursSettings | None = None  # None: those of all brands
    relevant: tuple[Annotated[str, AfterValidator(_word)], ...] = ()  # see earshot.brands.relevance
    irrelevant: tuple[Annotated[str, AfterValidator(_word)], ...] = ()
    must_match: tuple[
        Annotated[str, AfterValidator(_word)], ...
    ] = ()  # see earshot.queries.examples
    must_not_match: tuple[Annotated[str, AfterValidator(_word)], ...] = ()


class NoiseSettings(Table):
    """The [noise] table."""

    allow_authors: tuple[Annotated[str, AfterValidator(checked_account)], ...] = ()
    staff_accounts: tuple[Annotated[str, AfterValidator(checked_account)], ...] = ()
    block_authors: tuple[Annotated[str, AfterValidator(checked_account)], ...] = ()
    block_sites: tuple[Annotated[str, AfterValidator(_site)], ...] = ()
    block_words: tuple[Annotated[str, AfterValidator(_query)], ...] = ()
    spam: bool = True


class PhraseSettings(Table):
    """A [[sentiment.phrases]] table."""

    phrase: str
    means: str
    brand: str | None = None  # None: for all


class SentimentSettings(Table):
    """The [sentiment] table."""

    model: Annotated[str, Field(min_length=1)] = "bundled"
    device: Annotated[str, Field(min_length=1)] = "cpu"
    runtime: Literal["auto", "onnx", "torch"] = "auto"
    phrases: tuple[PhraseSettings, ...] = ()
    labels: dict[str, Label] = Field(default_factory=dict)  # of somebody else's model


class QuietSettings(Table):
    """The [alerts.quiet] table."""

    begins: Annotated[str, Field(alias="from"), AfterValidator(_wall_time)]
    ends: Annotated[str, Field(alias="to"), AfterValidator(_wall_time)]

    @model_validator(mode="after")
    def _is_some_time(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("from and to are the same: without the table no hours are quiet")
        return self


class AlertsSettings(Table):
    """The [alerts] table."""

    slack: SlackSettings | None = None
    # Lists for rules; one called safety or legal stands in the place of the one that comes along.
    words: dict[str, tuple[Annotated[str, AfterValidator(_word)], ...]] = Field(
        default_factory=dict
    )
    quiet: QuietSettings | None = None  # None: no hours are
    rules: Annotated[tuple[RuleSettings, ...], AfterValidator(_each_rule_once)] = ()
    templates: Annotated[tuple[TemplateSettings, ...], AfterValidator(_each_template_once)] = ()
    escalations: Annotated[tuple[EscalationSettings, ...], AfterValidator(each_once)] = ()
    acknowledged_for: Duration = timedelta(hours=1)  # then an acknowledged one is reminded of again


class ReputationSettings(Table):
    """The [reputation] table."""

    answer_yardstick: Duration = timedelta(hours=24)  # by which answers are judged, whoever asked


class DigestSettings(Table):
    """The [digest] table."""

    at: Annotated[str, AfterValidator(_wall_time)] = "08:00"

    @property
    def wall_time(self) -> time:
        return time.fromisoformat(self.at)


class PrivacySettings(Table):
    """The [privacy] table."""

    # What is hidden in whatever leaves; [] for nothing. As alerts.masking has it.
    mask: tuple[Literal["phone", "email", "iban", "card"], ...] = ("phone", "email", "iban", "card")
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 180


class IntakeSettings(Table):
    """The [intake] table: where others bring mentions."""

    webhook: WebhookSettings = WebhookSettings()


class TopLevel(Table):
    """What config.toml holds besides the tables of sources, which are checked one by one."""

    database: Annotated[str, AfterValidator(_database), Field(repr=False)] = (
        "sqlite:///var/earshot.db"
    )
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    hours: HoursSettings | None = None  # None: round the clock
    brands: Annotated[tuple[BrandSettings, ...], AfterValidator(_each_once)]
    sources: Annotated[dict[str, dict[str, Any]], AfterValidator(_not_kept)] = Field(
        default_factory=dict
    )
    noise: NoiseSettings = NoiseSettings()
    intake: IntakeSettings = IntakeSettings()
    sentiment: SentimentSettings = SentimentSettings()
    crm: CrmSettings = CrmSettings()
    alerts: AlertsSettings = AlertsSettings()
    reputation: ReputationSettings = ReputationSettings()
    digest: DigestSettings = DigestSettings()
    privacy: PrivacySettings = PrivacySettings()
