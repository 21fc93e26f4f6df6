"""How grave a mention is, and how soon an answer of that gravity is promised. Pure.

A rule's severity is the floor. What the text says, who sees it and how fast it spreads may raise it
to a level; a confirmed customer of the highest tier raises it by one.
"""

from collections.abc import Iterator
from datetime import timedelta

from domain.asking import Found, is_sure, wanted
from domain.incident import GRAVITY, Candidate, Severity
from domain.sentiment import Asks, Label, Sentiment

PROMISES = {
    Severity.CRITICAL: timedelta(minutes=15),
    Severity.HIGH: timedelta(hours=1),
    Severity.NORMAL: timedelta(hours=4),
    Severity.LOW: timedelta(hours=24),
}
BY_WORDS = {"safety": Severity.CRITICAL, "legal": Severity.HIGH}
BY_REACH = ((100_000, Severity.HIGH), (10_000, Severity.NORMAL))  # followers of the author
BY_SPEED = ((1_000, Severity.HIGH), (100, Severity.NORMAL))  # reactions an hour


def judge(
    candidate: Candidate, floor: Severity, found: Found, *, value_counts: bool = True
) -> tuple[Severity, tuple[str, ...]]:
    """The severity, and in words what raised it above the floor.

    value_counts: False where the floor is already that of the customer's tier.
    """
    level, why = floor, ""
    for severity, reason in _signs(candidate, found):
        if GRAVITY[severity] > GRAVITY[level]:
            level, why = severity, f"{severity}: {reason}"
    reasons = (why,) if why else ()
    customer = candidate.customer
    if value_counts and customer is not None and customer.top_tier and level is not _GRAVEST:
        level = _one_graver(level)
        reasons = (*reasons, f"one level up: {customer.tier} customer")
    return level, reasons


def _signs(candidate: Candidate, found: Found) -> Iterator[tuple[Severity, str]]:
    for name, severity in BY_WORDS.items():
        if name in found.words:
            yield severity, f"{name} word “{found.words[name]}”"
    sentiment = candidate.sentiment
    if sentiment is not None and (is_sure(sentiment, Label.NEGATIVE) or _complains(sentiment)):
        yield Severity.NORMAL, "a complaint"
    for least, severity in BY_REACH:
        if candidate.followers is not None and candidate.followers >= least:
            yield severity, f"{candidate.followers:,} followers"
    for least, severity in BY_SPEED:
        speed = candidate.reactions_per_hour
        if speed is not None and speed >= least:
            yield severity, f"{speed:,.0f} reactions an hour"


def _complains(sentiment: Sentiment) -> bool:
    return sentiment.asks is Asks.COMPLAINT and bool(wanted(sentiment))


_GRAVEST = max(GRAVITY, key=GRAVITY.__getitem__)


def _one_graver(level: Severity) -> Severity:
    return next(one for one, gravity in GRAVITY.items() if gravity == GRAVITY[level] + 1)
