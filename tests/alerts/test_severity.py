from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.rules import RuleSettings, evaluate
from alerts.severity import PROMISES, judge
from domain.asking import Found
from domain.incident import Severity
from domain.sentiment import Asks, Label, Sentiment
from tests.alerts.samples import GOLD, triaged

QUESTION = Sentiment(
    *(Label.NEUTRAL, 0.1, 0.8, 0.1, "tiny@0"),
    asks=Asks.QUESTION,
    wants_answer=0.8,
    expects_answer=True,
)
PRAISE = Sentiment(Label.POSITIVE, 0.1, 0.2, 0.7, "tiny@0")
QUIET: dict[str, Any] = {"sentiment": QUESTION, "followers": 120}
TOP = replace(GOLD, top_tier=True)


@pytest.mark.parametrize(
    ("changes", "words", "severity"),
    [
        pytest.param({}, {}, "low", id="nothing special"),
        pytest.param({}, {"safety": "caught fire"}, "critical", id="somebody may be hurt"),
        pytest.param({}, {"legal": "my lawyer"}, "high", id="courts"),
        pytest.param(
            {"sentiment": PRAISE},
            {"safety": "caught fire"},
            "critical",
            id="a wrong tone",
        ),
        pytest.param({}, {"churn": "cancel"}, "low", id="a list of one's own"),
        pytest.param({"sentiment": triaged().sentiment}, {}, "normal", id="surely negative"),
        pytest.param({"followers": 10_000}, {}, "normal", id="reach"),
        pytest.param({"followers": 100_000}, {}, "high", id="wide reach"),
        pytest.param({"reactions_per_hour": 99.0}, {}, "low", id="slow"),
        pytest.param({"reactions_per_hour": 100.0}, {}, "normal", id="fast"),
        pytest.param({"reactions_per_hour": 1_000.0}, {}, "high", id="very fast"),
        pytest.param({"customer": GOLD}, {}, "low", id="a customer"),
        pytest.param({"customer": TOP}, {}, "normal", id="one of the highest tier"),
        pytest.param({"customer": TOP}, {"legal": "sue"}, "critical", id="one level more"),
        pytest.param({"customer": TOP}, {"safety": "burn"}, "critical", id="there is no more"),
    ],
)
def test_what_raises_a_severity(
    changes: dict[str, Any], words: dict[str, str], severity: str
) -> None:
    found, reasons = judge(triaged(**QUIET | changes), Severity.LOW, Found(words=words))
    assert found == severity
    assert bool(reasons) is (severity != "low"), "what raised it is said"


@pytest.mark.parametrize("floor", list(Severity))
def test_a_rules_severity_is_the_floor(floor: Severity) -> None:
    assert judge(triaged(**QUIET), floor, Found()) == (floor, ())


def test_the_value_of_a_customer_counts_once() -> None:
    """A rule for a tier has said already what the tier is worth."""
    settings = {"name": "vip", "tiers": ["gold"], "severity": "high", "answer_within": "2h"}
    rule = RuleSettings.model_validate(settings)
    opening = evaluate([rule], triaged(customer=TOP))
    assert opening is not None
    assert opening.severity == "high"


@pytest.mark.parametrize(
    ("promised", "within"),
    [("10m", timedelta(minutes=10)), ("24h", PROMISES[Severity.HIGH])],
)
def test_the_shorter_promise_counts(promised: str, within: timedelta) -> None:
    settings = {"name": "any", "severity": "high", "answer_within": promised}
    opening = evaluate([RuleSettings.model_validate(settings)], triaged())
    assert opening is not None
    assert opening.within == within
