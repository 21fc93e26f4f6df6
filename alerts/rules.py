"""Which mentions need an answer, and how soon: the first rule that matches wins."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.business_hours import BusinessHours
from domain.clock import parse_duration
from domain.errors import ConfigError
from domain.incident import Candidate, Opening, Severity
from domain.sentiment import Sentiment

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
    sentiment: Literal["negative", "neutral", "positive", "any"] = "negative"
    # Calibrated p of `sentiment`; what the model is unsure of fires no rule, however low this is.
    min_confidence: float = Field(default=0.6, ge=0, le=1)
    min_followers: int | None = Field(default=None, ge=0)  # unknown reach never matches
    max_rating: float | None = None  # stars; a mention without a rating never matches
    tiers: Names = ()  # confirmed customers of these tiers; empty: anybody
    sources: Names = ()  # empty: all
    brands: Names = ()  # empty: all
    severity: Severity = Severity.NORMAL
    answer_within: Annotated[timedelta, BeforeValidator(_to_duration)]
    round_the_clock: bool = False  # the promise does not wait for the office to open


def evaluate(
    rules: Sequence[RuleSettings], candidate: Candidate, hours: BusinessHours | None = None
) -> Opening | None:
    """Open by the first rule, in file order, whose every condition holds; None when none does.

    hours: of the candidate's brand; None when its people answer round the clock. A rule is
    tightened for better customers by an earlier one that names their tiers.
    """
    for rule in rules:
        reasons = explain(rule, candidate)
        if reasons is not None:
            counted = None if rule.round_the_clock else hours
            return Opening(rule.name, rule.severity, rule.answer_within, reasons, counted)
    return None


def explain(rule: RuleSettings, candidate: Candidate) -> tuple[str, ...] | None:
    """Say in words why the rule fires, one sentence for each condition set; None when it does not.

    A rule without conditions fires for everything and says so.
    """
    reasons = tuple(check(rule, candidate) for check in CONDITIONS)
    if any(one is None for one in reasons):
        return None
    return tuple(one for one in reasons if one) or ("every mention",)


def duplicate_names(rules: Sequence[RuleSettings]) -> Iterator[str]:
    """Yield a sentence for each rule name used twice: incidents and reports name their rule."""
    for name, times in Counter(rule.name for rule in rules).items():
        if times > 1:
            yield f"alerts.rules: {times} rules are called {name!r}: give each its own name"


# A condition answers "" when it is not set, None when it fails, else why it holds.
Condition = Callable[[RuleSettings, Candidate], str | None]


def _tone(rule: RuleSettings, candidate: Candidate) -> str | None:
    if rule.sentiment == "any":
        return ""
    sentiment = candidate.sentiment
    if sentiment is None or sentiment.label is None or sentiment.unsure:
        return None  # not scored is unknown, not neutral, and a guess is little more
    p = _probability(sentiment, rule.sentiment)
    if not p >= rule.min_confidence:  # written so that NaN fails
        return None
    if sentiment.corrected_by:
        return f"{rule.sentiment}, corrected by {sentiment.corrected_by}"
    return f"{rule.sentiment} with p {p:.2f} >= {rule.min_confidence:.2f}"


def _probability(sentiment: Sentiment, label: Literal["negative", "neutral", "positive"]) -> float:
    return {
        "negative": sentiment.negative,
        "neutral": sentiment.neutral,
        "positive": sentiment.positive,
    }[label]


def _tier(rule: RuleSettings, candidate: Candidate) -> str | None:
    if not rule.tiers:
        return ""
    tier = candidate.customer.tier.strip() if candidate.customer else ""
    return f"customer tier {tier}" if tier.casefold() in rule.tiers else None


def _reach(rule: RuleSettings, candidate: Candidate) -> str | None:
    if rule.min_followers is None:
        return ""
    if candidate.followers is None or candidate.followers < rule.min_followers:
        return None
    return f"{candidate.followers:,} followers >= {rule.min_followers:,}"


def _rating(rule: RuleSettings, candidate: Candidate) -> str | None:
    if rule.max_rating is None:
        return ""
    if candidate.rating is None or not candidate.rating <= rule.max_rating:
        return None
    return f"rating {candidate.rating:g} <= {rule.max_rating:g}"


def _source(rule: RuleSettings, candidate: Candidate) -> str | None:
    if not rule.sources:
        return ""
    return f"source {candidate.source}" if candidate.source.casefold() in rule.sources else None


def _brand(rule: RuleSettings, candidate: Candidate) -> str | None:
    if not rule.brands:
        return ""
    return f"brand {candidate.brand}" if candidate.brand.casefold() in rule.brands else None


CONDITIONS: tuple[Condition, ...] = (_tone, _tier, _reach, _rating, _source, _brand)
