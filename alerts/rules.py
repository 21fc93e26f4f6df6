"""Which mentions need an answer, and how soon: the first rule that matches wins."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from alerts.severity import PROMISES, judge
from domain.asking import NOTHING, Found, wanted, why_asks
from domain.business_hours import BusinessHours
from domain.clock import parse_duration
from domain.errors import ConfigError
from domain.incident import Candidate, Opening, Severity
from domain.sentiment import WANT_AN_ANSWER, Asks, Sentiment

LONGEST_PROMISE = timedelta(days=366)


def _to_duration(given: object) -> timedelta:
    if not isinstance(given, str):
        raise ValueError("is not a duration: write for example 90m, 24h or 7d")  # noqa: TRY004
    try:
        length = parse_duration(given)
    except (ConfigError, OverflowError) as error:
        raise ValueError(str(error)) from error
    if length > LONGEST_PROMISE:
        raise ValueError(f"{given!r} is longer than a year")
    return length


# A length of time in words, such as 90m.
Duration = Annotated[timedelta, BeforeValidator(_to_duration)]


def _folded(given: object) -> object:
    """Compare names from files as people do: without case and outer white space."""
    if isinstance(given, list | tuple):
        return tuple(one.strip().casefold() if isinstance(one, str) else one for one in given)
    return given


Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_folded)]


class RuleSettings(BaseModel):
    """One [[alerts.rules]] table of config.toml. Every condition that is set must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=60)
    # None: negative, or any where the rule says otherwise what it is about.
    sentiment: Literal["negative", "neutral", "positive", "any"] | None = None
    # Calibrated p of `sentiment`; what the model is unsure of fires no rule, however low this is.
    min_confidence: float = Field(default=0.6, ge=0, le=1)
    min_followers: int | None = Field(default=None, ge=0)  # unknown reach never matches
    max_rating: float | None = None  # stars; a mention without a rating never matches
    tiers: Names = ()  # confirmed customers of these tiers; empty: anybody
    sources: Names = ()  # empty: all
    brands: Names = ()  # empty: all
    query: str | None = None  # in the language of a brand's query
    asks: tuple[Asks, ...] = ()  # one of these; empty: whatever it asks
    words: str | None = None  # the name of a list in [alerts.words]
    unread: bool = False  # nobody could score it, for example for its language
    severity: Severity = Severity.NORMAL  # at least
    answer_within: Duration  # at most
    round_the_clock: bool = False  # the promise does not wait for the office to open
    escalation: str | None = None  # of [[alerts.escalations]]; None: that of the severity

    @property
    def is_about(self) -> bool:
        """Whether it says what the mention is about, besides its tone."""
        return bool(self.query or self.asks or self.words or self.unread)

    @property
    def tone(self) -> str:
        return self.sentiment or ("any" if self.is_about else "negative")


CATCH_ALL = RuleSettings.model_validate(
    {
        "name": "asks for an answer",
        "sentiment": "any",
        "severity": Severity.LOW,
        "answer_within": "24h",
    }
)


def evaluate(
    rules: Sequence[RuleSettings],
    candidate: Candidate,
    hours: BusinessHours | None = None,
    found: Found = NOTHING,
) -> Opening | None:
    """Open by the first rule, in file order, whose every condition holds; None when none does.

    After the last rule stands one that holds for all that asks for an answer. The severity is at
    least the rule's, the promise the shorter one of the rule's and the severity's.
    hours: of the candidate's brand; None when its people answer round the clock. found: what was
    looked for in its words.
    """
    for rule in (*rules, CATCH_ALL):
        reasons = explain(rule, candidate, found)
        if reasons is not None:
            severity, raised = judge(candidate, rule.severity, found, value_counts=not rule.tiers)
            within = min(rule.answer_within, PROMISES[severity])
            counted = None if rule.round_the_clock else hours
            return Opening(rule.name, severity, within, (*reasons, *raised), counted)
    return None


def explain(
    rule: RuleSettings, candidate: Candidate, found: Found = NOTHING
) -> tuple[str, ...] | None:
    """Say in words why the rule fires, one sentence for each condition set; None when it does not.

    A rule that says nothing of tone or content holds for what asks for an answer; no rule holds
    for what is silent.
    """
    if candidate.silent:
        return None
    reasons = tuple(check(rule, candidate, found) for check in CONDITIONS)
    if any(one is None for one in reasons):
        return None
    return tuple(one for one in reasons if one)


def duplicate_names(rules: Sequence[RuleSettings]) -> Iterator[str]:
    """Yield a sentence for each rule name used twice: incidents and reports name their rule."""
    for name, times in Counter(rule.name for rule in rules).items():
        if times > 1:
            yield f"alerts.rules: {times} rules are called {name!r}: give each its own name"
        elif name == CATCH_ALL.name:
            yield f"alerts.rules: {name!r} is the rule that comes last by itself: take another name"


# A condition answers "" when it is not set, None when it fails, else why it holds.
Condition = Callable[[RuleSettings, Candidate, Found], str | None]


def _tone(rule: RuleSettings, candidate: Candidate, found: Found) -> str | None:
    if rule.tone == "any":
        speaks = rule.is_about or rule.max_rating is not None
        return "" if speaks else why_asks(candidate, found) or None
    sentiment = candidate.sentiment
    if sentiment is None or sentiment.label is None or sentiment.unsure:
        return None  # not scored is unknown, not neutral, and a guess is little more
    p = _probability(sentiment, rule.tone)
    if not p >= rule.min_confidence:  # written so that NaN fails
        return None
    if sentiment.corrected_by:
        return f"{rule.tone}, corrected by {sentiment.corrected_by}"
    return f"{rule.tone}, {p:.0%} sure"


def _probability(sentiment: Sentiment, label: str) -> float:
    return {
        "negative": sentiment.negative,
        "neutral": sentiment.neutral,
        "positive": sentiment.positive,
    }[label]


def _tier(rule: RuleSettings, candidate: Candidate, _found: Found) -> str | None:
    if not rule.tiers:
        return ""
    tier = candidate.customer.tier.strip() if candidate.customer else ""
    return f"{tier} customer" if tier.casefold() in rule.tiers else None


def _reach(rule: RuleSettings, candidate: Candidate, _found: Found) -> str | None:
    if rule.min_followers is None:
        return ""
    if candidate.followers is None or candidate.followers < rule.min_followers:
        return None
    return f"{candidate.followers:,} followers"


def _rating(rule: RuleSettings, candidate: Candidate, _found: Found) -> str | None:
    if rule.max_rating is None:
        return ""
    if candidate.rating is None or not candidate.rating <= rule.max_rating:
        return None
    return f"poor review: {candidate.rating:g} of 5 stars"


def _source(rule: RuleSettings, candidate: Candidate, _found: Found) -> str | None:
    if not rule.sources:
        return ""
    return f"from {candidate.source}" if candidate.source.casefold() in rule.sources else None


def _brand(rule: RuleSettings, candidate: Candidate, _found: Found) -> str | None:
    if not rule.brands:
        return ""
    return f"about {candidate.brand}" if candidate.brand.casefold() in rule.brands else None


def _query(rule: RuleSettings, _candidate: Candidate, found: Found) -> str | None:
    if rule.query is None:
        return ""
    return "the rule's query finds it" if rule.name in found.queries else None


def _words(rule: RuleSettings, _candidate: Candidate, found: Found) -> str | None:
    if rule.words is None:
        return ""
    word = found.words.get(rule.words)
    return f"{rule.words} word “{word}”" if word is not None else None


def _asks(rule: RuleSettings, candidate: Candidate, _found: Found) -> str | None:
    sentiment = candidate.sentiment
    if not rule.asks:
        return ""
    if sentiment is None or sentiment.asks not in rule.asks:
        return None
    if sentiment.asks in WANT_AN_ANSWER:
        return wanted(sentiment) or None
    return f"{sentiment.asks}, {sentiment.asks_probability or 0:.0%} sure"


def _unread(rule: RuleSettings, candidate: Candidate, _found: Found) -> str | None:
    sentiment = candidate.sentiment
    if not rule.unread:
        return ""
    if sentiment is not None and sentiment.label is not None:
        return None
    return f"not read: {sentiment.reason}" if sentiment and sentiment.reason else "not read"


CONDITIONS: tuple[Condition, ...] = (
    *(_unread, _words, _query, _asks, _tone, _tier, _reach, _rating, _source, _brand),
)
