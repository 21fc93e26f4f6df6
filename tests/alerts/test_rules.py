from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from alerts.rules import RuleSettings, duplicate_names, evaluate, explain
from domain.asking import Found
from domain.business_hours import BusinessHours
from domain.incident import Candidate, CustomerProfile, Opening, Severity
from domain.sentiment import Asks, Label, Sentiment
from tests.alerts.samples import GOLD, HOUR, NEGATIVE, NOW, triaged

SILVER = replace(GOLD, tier="silver")
GUESS = Sentiment(Label.NEGATIVE, 0.49, 0.31, 0.20, "tiny@0")
CORRECTED = Sentiment(Label.NEGATIVE, 1, 0, 0, "tiny@0", corrected_by="kim")
QUESTION = Sentiment(
    *(Label.NEUTRAL, 0.1, 0.8, 0.1, "tiny@0"),
    asks=Asks.QUESTION,
    asks_probability=0.7,
    wants_answer=0.8,
    expects_answer=True,
)
PRAISE = Sentiment(
    *(Label.POSITIVE, 0.0, 0.1, 0.9, "tiny@0"),
    asks=Asks.PRAISE,
    asks_probability=0.9,
    wants_answer=0.05,
)
UNSCORED = Sentiment(None, 0, 0, 0, "tiny@0", reason="empty text")


def rule(**changes: Any) -> RuleSettings:  # noqa: ANN401 - of any field
    return RuleSettings.model_validate({"name": "any", "answer_within": "24h", **changes})


def scored(negative: float) -> Sentiment:
    label = Label.NEGATIVE if negative >= 0.5 else Label.POSITIVE
    return Sentiment(label, negative, 0, 1 - negative, "tiny@0")


VIP = rule(name="vip", tiers=("gold", "platinum"), min_confidence=0.5, severity="critical")
REACH = rule(name="reach", min_followers=10_000, severity="high")
ANY = rule(name="negative", min_confidence=0.75)


@pytest.mark.parametrize(
    ("settings", "mention", "fires"),
    [
        pytest.param(rule(), triaged(sentiment=scored(0.60)), True, id="p exactly at the bar"),
        pytest.param(rule(), triaged(sentiment=scored(0.599)), False, id="p just below"),
        pytest.param(rule(), triaged(sentiment=None), False, id="never scored"),
        pytest.param(rule(), triaged(sentiment=UNSCORED), False, id="scored without a label"),
        pytest.param(
            rule(min_confidence=0), triaged(sentiment=UNSCORED), False, id="nor at p >= 0"
        ),
        pytest.param(
            rule(),
            triaged(sentiment=replace(NEGATIVE, negative=float("nan"))),
            False,
            id="p is NaN",
        ),
        pytest.param(rule(min_confidence=0.4), triaged(sentiment=GUESS), False, id="unsure"),
        pytest.param(
            rule(min_confidence=0.4), triaged(sentiment=scored(0.5)), True, id="just sure enough"
        ),
        pytest.param(rule(sentiment="any"), triaged(sentiment=GUESS), False, id="nothing asked"),
        pytest.param(rule(min_confidence=1), triaged(sentiment=CORRECTED), True, id="corrected"),
        pytest.param(rule(sentiment="positive"), triaged(), False, id="another tone"),
        pytest.param(rule(sentiment="any"), triaged(sentiment=QUESTION), True, id="a question"),
        pytest.param(rule(sentiment="any"), triaged(sentiment=UNSCORED), False, id="unread"),
        pytest.param(
            rule(sentiment="any"),
            triaged(sentiment=UNSCORED, customer=GOLD),
            True,
            id="unread, of a customer",
        ),
        pytest.param(
            rule(sentiment="any", tiers=["gold"]),
            triaged(sentiment=PRAISE, customer=GOLD),
            False,
            id="a tier alone asks for nothing",
        ),
        pytest.param(
            rule(sentiment="any", max_rating=2),
            triaged(sentiment=PRAISE, rating=1.0),
            True,
            id="a poor rating needs no words",
        ),
        pytest.param(rule(asks=["question"]), triaged(sentiment=QUESTION), True, id="asks"),
        pytest.param(rule(asks=["complaint"]), triaged(sentiment=QUESTION), False, id="asks else"),
        pytest.param(rule(asks=["praise"]), triaged(sentiment=PRAISE), True, id="praises"),
        pytest.param(rule(asks=["question"]), triaged(sentiment=None), False, id="never asked"),
        pytest.param(rule(unread=True), triaged(sentiment=UNSCORED), True, id="nobody read it"),
        pytest.param(rule(unread=True), triaged(), False, id="somebody read it"),
        pytest.param(rule(), triaged(silent="noise"), False, id="noise"),
        pytest.param(rule(tiers=["Gold "]), triaged(customer=GOLD), True, id="tier without case"),
        pytest.param(rule(tiers=["gold"]), triaged(customer=SILVER), False, id="other tier"),
        pytest.param(rule(tiers=["gold"]), triaged(), False, id="no customer"),
        pytest.param(rule(min_followers=12_000), triaged(), True, id="reach exactly"),
        pytest.param(rule(min_followers=12_001), triaged(), False, id="reach just short"),
        pytest.param(rule(min_followers=0), triaged(followers=None), False, id="reach unknown"),
        pytest.param(rule(max_rating=2), triaged(rating=2.0), True, id="rating"),
        pytest.param(rule(max_rating=2), triaged(rating=3.0), False, id="better rating"),
        pytest.param(rule(max_rating=2), triaged(), False, id="no rating"),
        pytest.param(rule(sources=["X"]), triaged(), True, id="source"),
        pytest.param(rule(sources=["reddit"]), triaged(), False, id="other source"),
        pytest.param(rule(brands=["acme"]), triaged(), True, id="brand"),
        pytest.param(rule(brands=["Bolt"]), triaged(), False, id="other brand"),
    ],
)
def test_a_rule_fires_when_all_its_conditions_hold(
    settings: RuleSettings,
    mention: Candidate,
    fires: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert (explain(settings, mention) is not None) is fires


@pytest.mark.parametrize(
    ("customer", "followers", "p", "expected"),
    [
        pytest.param(GOLD, 50_000, 0.9, "vip", id="all match, the first wins"),
        pytest.param(SILVER, 50_000, 0.9, "reach", id="tier does not match"),
        pytest.param(None, 10, 0.9, "negative", id="nobody special"),
        pytest.param(GOLD, 10, 0.5, "vip", id="a better customer lowers the bar"),
        pytest.param(None, 10, 0.7, "asks for an answer", id="what no rule takes"),
        pytest.param(None, 10, 0.55, None, id="not sure enough"),
    ],
)
def test_the_first_rule_in_file_order_wins(
    customer: CustomerProfile | None, followers: int, p: float, expected: str | None
) -> None:
    mention = triaged(customer=customer, followers=followers, sentiment=scored(p))
    opening = evaluate((VIP, REACH, ANY), mention)
    assert (opening.rule if opening else None) == expected


def test_the_opening_says_why_in_words() -> None:
    settings = rule(tiers=["gold"], min_followers=10_000, severity="critical", answer_within="90m")
    assert evaluate([settings], triaged(customer=GOLD)) == Opening(
        rule="any",
        severity=Severity.CRITICAL,
        within=timedelta(minutes=15),
        reasons=("negative, 91% sure", "gold customer", "12,000 followers"),
    )


def test_the_opening_names_the_person_who_corrected_the_tone() -> None:
    assert explain(rule(), triaged(sentiment=CORRECTED)) == ("negative, corrected by kim",)


def test_after_the_last_rule_stands_one_for_all_that_asks() -> None:
    opening = evaluate((), triaged(sentiment=QUESTION, followers=10))
    assert opening is not None
    assert (opening.rule, opening.severity) == ("asks for an answer", Severity.LOW)
    assert opening.within == timedelta(hours=24)
    assert opening.reasons == ("a question, 80% sure",)
    assert evaluate((), triaged(sentiment=PRAISE)) is None


@pytest.mark.parametrize(
    ("found", "fires"),
    [
        pytest.param(Found(words={"churn": "cancel my"}), True, id="a word of its list"),
        pytest.param(Found(words={"safety": "burn*"}), False, id="of another list"),
        pytest.param(Found(), False, id="none"),
    ],
)
def test_a_rule_for_words(
    found: Found,
    fires: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert (explain(rule(words="churn"), triaged(sentiment=PRAISE), found) is not None) is fires


def test_a_rule_for_a_query_fires_for_what_answers_it() -> None:
    settings = rule(name="refunds", query="refund")
    assert explain(settings, triaged(), Found(queries=frozenset({"refunds"}))) is not None
    assert explain(settings, triaged(), Found(queries=frozenset({"other"}))) is None


OFFICE = BusinessHours(frozenset({0}), time(9), time(17), ZoneInfo("UTC"))  # on Mondays


@pytest.mark.parametrize(
    ("settings", "hours", "due"),
    [
        pytest.param(rule(), OFFICE, datetime(2026, 11, 23, 13, tzinfo=UTC), id="office hours"),
        pytest.param(rule(round_the_clock=True), OFFICE, NOW + 4 * HOUR, id="round the clock"),
        pytest.param(rule(), None, NOW + 4 * HOUR, id="no hours"),
    ],
)
def test_a_promise_is_counted_in_office_hours_but_where_the_rule_runs_round_the_clock(
    settings: RuleSettings, hours: BusinessHours | None, due: datetime
) -> None:
    opening = evaluate([settings], triaged(), hours)
    assert opening is not None
    assert opening.due_at(NOW) == due


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        pytest.param({"min_confidence": 60}, "min_confidence", id="percent for a share"),
        pytest.param({"min_confidence": float("nan")}, "min_confidence", id="NaN"),
        pytest.param({"answer_within": "soon"}, "answer_within", id="no duration"),
        pytest.param({"answer_within": 60}, "answer_within", id="a number without unit"),
        pytest.param({"answer_within": "0h"}, "answer_within", id="zero"),
        pytest.param({"answer_within": "99999999999d"}, "answer_within", id="for ever"),
        pytest.param({"answer_within": "367d"}, "answer_within", id="more than a year"),
        pytest.param({"severity": "urgent"}, "severity", id="unknown severity"),
        pytest.param({"sentiment": "angry"}, "sentiment", id="unknown tone"),
        pytest.param({"min_folowers": 3}, "min_folowers", id="a misspelt key"),
        pytest.param({"tiers": [""]}, "tiers", id="an empty tier"),
        pytest.param({"tiers": "gold"}, "tiers", id="a tier that is no list"),
        pytest.param({"name": ""}, "name", id="no name"),
    ],
)
def test_a_wrong_rule_is_refused_by_its_key(changes: dict[str, object], key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rule(**changes)
    assert [error["loc"][0] for error in caught.value.errors()] == [key]


def test_two_rules_of_one_name_are_named() -> None:
    assert list(duplicate_names([VIP, ANY, VIP])) == [
        "alerts.rules: 2 rules are called 'vip': give each its own name"
    ]
    assert not list(duplicate_names([VIP, ANY]))
