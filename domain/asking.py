"""Whether a mention asks for an answer. Everything that speaks of answers goes by this."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.incident import Candidate
from domain.sentiment import WANT_AN_ANSWER, Asks, Label, Sentiment

SURELY = 0.6  # the probability from which a tone is sure enough to act on
ALARMING = ("safety", "legal")  # word lists that make a mention ask, whatever its tone
PLAIN = {Asks.COMPLAINT: "a complaint", Asks.QUESTION: "a question", Asks.REQUEST: "a request"}


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked for in the words of a mention, and is there."""

    words: Mapping[str, str] = field(default_factory=dict)  # word list -> the first of its words
    queries: frozenset[str] = frozenset()  # the names of the rules whose query it answers


NOTHING = Found()


def why_asks(candidate: Candidate, found: Found = NOTHING) -> str:
    """Why the mention asks for an answer, for people; "" when it does not.

    It asks when it holds a safety or legal word, is surely negative, or complains, asks or wants
    help by the threshold of the model's card; and when nobody could read it and a known customer
    wrote it. What is silent (own, noise, reposts, copies, dismissed) never asks; the value of a
    customer alone asks for nothing.
    """
    if candidate.silent:
        return ""
    for name in ALARMING:
        if name in found.words:
            return f"{name} word “{found.words[name]}”"
    sentiment = candidate.sentiment
    if sentiment is None or sentiment.label is None:
        return "not read, from a known customer" if candidate.customer else ""
    if is_sure(sentiment, Label.NEGATIVE):
        return sure(sentiment)
    return wanted(sentiment)


def is_sure(sentiment: Sentiment, label: Label) -> bool:
    """Whether the tone is surely this one: a person says so, or the model with SURELY."""
    return (
        sentiment.label is label and not sentiment.unsure and sentiment.confidence >= SURELY
    )  # false of NaN


def sure(sentiment: Sentiment) -> str:
    """The tone in words, with how sure or by whose word."""
    if sentiment.corrected_by:
        return f"{sentiment.label}, corrected by {sentiment.corrected_by}"
    return f"{sentiment.label}, {sentiment.confidence:.0%} sure"


def wanted(sentiment: Sentiment) -> str:
    """What it wants of the brand, in words; "" where that is no answer.

    A complaint is negative by its nature: where a person says that the tone is not, it is none.
    """
    if not sentiment.expects_answer or sentiment.wants_answer is None:
        return ""
    overruled = sentiment.corrected_by and sentiment.label is not Label.NEGATIVE
    if overruled and sentiment.asks not in (Asks.QUESTION, Asks.REQUEST):
        return ""
    asks = sentiment.asks if sentiment.asks in WANT_AN_ANSWER else None
    what = PLAIN[asks] if asks else "it asks for something"
    return f"{what}, {sentiment.wants_answer:.0%} sure"
