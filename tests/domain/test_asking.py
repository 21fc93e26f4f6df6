from dataclasses import replace
from typing import Any

import pytest

from domain.asking import Found, why_asks
from domain.incident import Candidate
from domain.sentiment import Asks, Label, Sentiment
from tests.alerts.samples import GOLD, triaged

POSITIVE = Sentiment(Label.POSITIVE, 0.05, 0.15, 0.8, "tiny@0")
COMPLAINT = replace(
    POSITIVE, asks=Asks.COMPLAINT, asks_probability=0.6, wants_answer=0.7, expects_answer=True
)
UNREAD = Sentiment(None, 0, 0, 0, "tiny@0", reason="language fi: it reads en")

KNOWN = "not read, from a known customer"


def negative(p: float) -> Sentiment:
    return Sentiment(Label.NEGATIVE, p, 1 - p, 0, "tiny@0")


def corrected(label: Label, asks: Asks) -> Sentiment:
    return replace(COMPLAINT, label=label, asks=asks, corrected_by="eva")


@pytest.mark.parametrize(
    ("candidate", "why"),
    [
        pytest.param(triaged(sentiment=negative(0.6)), "negative, 60% sure", id="surely negative"),
        pytest.param(triaged(sentiment=negative(0.59)), "", id="not surely"),
        pytest.param(triaged(sentiment=negative(float("nan"))), "", id="no number"),
        pytest.param(triaged(sentiment=POSITIVE), "", id="praise"),
        pytest.param(
            triaged(sentiment=COMPLAINT), "a complaint, 70% sure", id="a polite complaint"
        ),
        pytest.param(
            triaged(sentiment=replace(COMPLAINT, expects_answer=False)),
            "",
            id="below the threshold",
        ),
        pytest.param(
            triaged(sentiment=replace(COMPLAINT, asks=Asks.BUYING)),
            "it asks for something, 70% sure",
            id="one of several",
        ),
        pytest.param(triaged(sentiment=POSITIVE, customer=GOLD), "", id="a tier alone"),
        pytest.param(triaged(sentiment=UNREAD), "", id="unread"),
        pytest.param(triaged(sentiment=None, customer=GOLD), KNOWN, id="unread of a customer"),
        pytest.param(triaged(sentiment=UNREAD, customer=GOLD), KNOWN, id="in another language"),
        pytest.param(
            triaged(sentiment=corrected(Label.POSITIVE, Asks.COMPLAINT)), "", id="no complaint"
        ),
        pytest.param(
            triaged(sentiment=corrected(Label.POSITIVE, Asks.QUESTION)),
            "a question, 70% sure",
            id="still a question",
        ),
    ],
)
def test_what_asks_for_an_answer(candidate: Candidate, why: str) -> None:
    assert why_asks(candidate) == why


@pytest.mark.parametrize("silent", ["own", "noise", "repost", "copy", "dismissed"])
def test_what_is_silent_asks_for_nothing(silent: str) -> None:
    loud = triaged(silent=silent)
    assert why_asks(loud, Found(words={"safety": "caught fire"})) == ""


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param({"safety": "caught fire"}, "safety word “caught fire”", id="safety"),
        pytest.param({"legal": "my lawyer"}, "legal word “my lawyer”", id="legal"),
        pytest.param({"churn": "cancel"}, "", id="a list of one's own"),
    ],
)
def test_words_that_ask_whatever_the_tone(words: dict[str, Any], why: str) -> None:
    assert why_asks(triaged(sentiment=POSITIVE), Found(words=words)) == why
