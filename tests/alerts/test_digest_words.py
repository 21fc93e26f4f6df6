from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.digest import beside, comparing, digest_text, words
from alerts.digest.headline import headline
from domain.customer import Amount
from domain.digest import Digest, Told
from domain.network import PUBLIC
from domain.reputation import Comparison, NpsProxy, WithoutAuthor, YoungAccounts
from domain.volume import DayVolume
from tests.alerts.digest_samples import (
    ANA,
    ASLEEP,
    BUSY,
    COMPARED,
    FIRST_DAY,
    LATE,
    MONDAY,
    NOW,
    NPS,
    QUIET,
    SOON,
    TODAY,
    reputation,
)


def ordinary(digest: Digest = BUSY, *, negative: int = 11, total: int = 50) -> Digest:
    """The same digest after a day of that volume, with the same score as a week before."""
    last = replace(digest.days[-1], negative=negative, neutral=total - negative, positive=0,
                   unsure=0, unscored=0)  # fmt: skip
    days = (*digest.days[:-1], last)
    return replace(digest, days=days, comparison=None)


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        pytest.param(
            ordinary(replace(BUSY, open_incidents=(SOON,))),
            "An ordinary day, 50 mentions yesterday, 11 negative: answer Ana Ruiz (gold) first,"
            " due in 50 m.",
            id="ordinary-day",
        ),
        pytest.param(
            ordinary(replace(BUSY, open_incidents=(LATE, LATE, SOON)), total=140),
            "140 mentions yesterday, 11 negative, twice the usual 51 or more: answer Tomasz Wilk"
            " (platinum) first, overdue by 3 h 20 m, 1 more overdue.",
            id="busy-day",
        ),
        pytest.param(
            ordinary(replace(QUIET, days=BUSY.days), total=11),
            "Only 11 mentions yesterday, 11 negative, half the usual 51 or less: nobody waits for"
            " an answer.",
            id="slow-day",
        ),
        pytest.param(
            replace(QUIET, open_incidents=(ASLEEP,)),
            "No mentions yesterday: every open incident is snoozed (1).",
            id="all-snoozed",
        ),
        pytest.param(
            replace(QUIET, customers_waiting=2),
            "No mentions yesterday: no incident is open, 2 known customers without an answer.",
            id="customers-below-every-rule",
        ),
        pytest.param(
            replace(QUIET, health=BUSY.health),
            "No mentions, and not every source answers: nobody waits for an answer, so look after"
            " Mastodon first.",
            id="silence-with-a-broken-source",
        ),
        pytest.param(
            FIRST_DAY, "No mentions yesterday: nobody waits for an answer.", id="first-day"
        ),
    ],
)
def test_headline_says_what_changed_and_what_to_do(digest: Digest, said: str) -> None:
    assert headline(digest, PUBLIC) == said


def test_headline_goes_by_the_author_when_no_customer_is_known() -> None:
    unknown = replace(SOON, incident=replace(SOON.incident, customer=None), quote=ASLEEP.quote)
    assert "answer @nordlicht77 first" in headline(replace(BUSY, open_incidents=(unknown,)), PUBLIC)


def test_headline_survives_names_of_white_space() -> None:
    nameless = replace(SOON.quote, author_name=" ", author_handle="\u200b")
    known = replace(ANA, name="\u200b", tier="")
    one = replace(SOON, incident=replace(SOON.incident, customer=known), quote=nameless)
    assert "answer the oldest incident first" in headline(
        replace(BUSY, open_incidents=(one,)), PUBLIC
    )


WEEK_AGO = reputation(65.5, TODAY - timedelta(days=7))


def compared(**changes: object) -> Digest:
    return replace(BUSY, comparison=replace(COMPARED, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        pytest.param(BUSY, "−4.2 against seven days before (more than chance)", id="all alike"),
        pytest.param(compared(change=-4.2, like_for_like=-0.4, beyond_chance=False),
                     "−4.2 against seven days before; like for like −0.4 (within chance)",
                     id="of which little is alike"),
        pytest.param(compared(lines=("trustpilot is new: 0.0",)),
                     "−4.2 against seven days before; like for like −4.2 (more than chance)",
                     id="something is not alike"),
        pytest.param(compared(change=0.03, like_for_like=0.03, beyond_chance=False),
                     "unchanged since seven days before", id="same when rounded"),
        pytest.param(compared(change=0.03, like_for_like=-2.0),
                     "unchanged since seven days before; like for like −2.0 (more than chance)",
                     id="one hides the other"),
        pytest.param(compared(like_for_like=None, beyond_chance=None),
                     "−4.2 against seven days before; like for like not known",
                     id="no source heard both"),
        pytest.param(replace(BUSY, comparison=None), "−4.2 against seven days before",
                     id="kept by a former release"),
        pytest.param(replace(BUSY, reputation_before=None, comparison=None),
                     "nothing yet from seven days before", id="first week"),
        pytest.param(replace(BUSY, reputation_before=QUIET.reputation),
                     "no comparison with seven days before: too few persons", id="too few before"),
        pytest.param(replace(BUSY, reputation_before=replace(WEEK_AGO, formula="ORS-v1")),
                     "no comparison with seven days before: the formula changed", id="formula"),
    ],
)  # fmt: skip
def test_change_is_told_like_for_like_with_its_chance_or_not_at_all(
    digest: Digest, said: str
) -> None:
    assert comparing.changed(digest) == said


@pytest.mark.parametrize(
    ("before", "said"),
    [
        pytest.param(replace(NPS, value=-40.0, low=-47.0, high=-33.0),
                     "+28 against seven days before (more than chance)", id="more than chance"),
        pytest.param(replace(NPS, value=-11.0), "−1 against seven days before (within chance)",
                     id="within"),
        pytest.param(replace(NPS, n_persons=99),
                     "no comparison with seven days before: it takes 100 persons in both",
                     id="below 100"),
        pytest.param(replace(NPS, value=None),
                     "no comparison with seven days before: too few persons", id="no value"),
        pytest.param(replace(NPS, model="m@2"),
                     "no comparison with seven days before: another model read the posts",
                     id="another model"),
        pytest.param(replace(NPS, calibration="audit-calibrated (60)"),
                     "no comparison with seven days before: then audit-calibrated",
                     id="calibrated"),
        pytest.param(None, "nothing yet from seven days before", id="first week"),
    ],
)  # fmt: skip
def test_proxies_are_compared_from_a_hundred_persons_on(before: NpsProxy | None, said: str) -> None:
    assert words.proxy_changed(NPS, before) == said


@pytest.mark.parametrize(
    ("comparison", "said"),
    [
        pytest.param(COMPARED, "reputation fell by 4.2 to 61.3 in seven days:", id="alike"),
        pytest.param(replace(COMPARED, change=17.0, lines=("trustpilot is new: +21.2",)),
                     "reputation fell by 4.2 like for like in seven days (it is 61.3):",
                     id="a new source hides the fall"),
        pytest.param(replace(COMPARED, like_for_like=0.5, beyond_chance=False), "", id="chance"),
        pytest.param(replace(COMPARED, like_for_like=None, beyond_chance=None), "", id="not known"),
        pytest.param(None, "", id="no comparison"),
    ],
)  # fmt: skip
def test_headline_tells_only_a_change_that_is_more_than_chance(
    comparison: Comparison | None, said: str
) -> None:
    told = headline(replace(BUSY, comparison=comparison), PUBLIC)
    assert said in told
    assert ("reputation" in told) == bool(said)


def test_headline_says_what_is_not_final() -> None:
    assert "by 4.2 to 61.3 in seven days (not final):" in headline(
        replace(BUSY, not_final=True), PUBLIC
    )


BEFORE = TODAY - timedelta(days=2)  # yesterday's digest reported on it
MONDAY_SAYS = (
    "Yesterday's digest said 63.0 for Sat 30 May, not final; it is 63.6.",
    "Wed 27 May: published 58.2, now 64.9: 10 incidents dismissed.",
    "Thu 28 May: published 61.9, now 64.2: 36 late scores.",
    "Trustpilot is new: +20.2; other rules decide which posts ask for an answer: 0.0.",
)


def test_what_was_told_before_is_put_right() -> None:
    assert tuple(comparing.sentences(MONDAY, most=5)) == MONDAY_SAYS
    assert tuple(comparing.sentences(MONDAY, most=1)) == (
        MONDAY_SAYS[0],
        MONDAY_SAYS[1],
        "1 more day revised.",
        "Trustpilot is new: +20.2; 1 more.",
    )


@pytest.mark.parametrize(
    ("told", "said"),
    [
        pytest.param(Told(BEFORE, 35.5, 35.52, final=True), "that is what it is.", id="the same"),
        pytest.param(Told(BEFORE, 35.5, 36.1, final=False), "it is 36.1, still not final.",
                     id="still not final"),
        pytest.param(Told(BEFORE, None, 36.1, final=True), "it is 36.1.", id="none was told"),
    ],
)  # fmt: skip
def test_the_digest_before_is_put_right_whatever_became_of_the_day(told: Told, said: str) -> None:
    [sentence] = comparing.sentences(replace(BUSY, told_before=told), most=1)
    assert sentence.startswith("Yesterday's digest said ")
    assert sentence.endswith(f"for Wed 18 Nov, not final; {said}")


def test_a_digest_of_days_ago_is_not_that_of_yesterday() -> None:
    told = Told(BEFORE - timedelta(days=3), 35.5, 36.1, final=True)
    assert list(comparing.sentences(replace(BUSY, told_before=told), most=1)) == [
        "The digest before said 35.5 for Sun 15 Nov, not final; it is 36.1."
    ]


@pytest.mark.parametrize(
    ("young", "said"),
    [
        pytest.param(YoungAccounts(7, 0.1, -1.2), "7 of 412 persons have accounts younger than 30"
                     " days: without them 1.2 points more", id="they pull down"),
        pytest.param(YoungAccounts(1, 0.1, 0.6), "1 of 412 persons has an account younger than 30"
                     " days: without them 0.6 points less", id="they push up"),
    ],
)  # fmt: skip
def test_young_accounts_are_told_with_what_they_move(young: YoungAccounts, said: str) -> None:
    now = replace(BUSY.reputation, young=young)
    assert f"{said}." in list(beside.sentences(now))


@pytest.mark.parametrize(
    "young",
    [
        pytest.param(YoungAccounts(0, 0.0, 0.0), id="nobody"),
        pytest.param(YoungAccounts(3, 0.1, 0.01), id="who move nothing"),
        pytest.param(YoungAccounts(3, 0.1, None), id="nobody knows"),
    ],
)
def test_a_channel_is_told_only_of_what_matters(young: YoungAccounts) -> None:
    now = replace(BUSY.reputation, young=young, without_author=WithoutAuthor(0, 0))
    assert list(beside.sentences(now)) == []
    badly = replace(now, heard=0.4, waiting=1)
    assert list(beside.sentences(badly)) == [
        "Heard 40% of the time.",
        "1 post still to be scored.",
    ]


UNCORRECTED = "before the model's own errors"


def test_score_chart_and_proxy_say_that_the_errors_of_the_model_are_not_in_them() -> None:
    told = " ".join(digest_text(BUSY, PUBLIC).split())
    assert f"412 persons, {UNCORRECTED};" in told
    assert "on Mon 9 Nov. Before the model's own errors." in told
    assert f"655 persons, uncalibrated, {UNCORRECTED};" in told
    assert "the model's own errors are not in it" in told


def test_a_score_that_labels_corrected_says_so() -> None:
    digest = replace(
        BUSY,
        reputation=replace(BUSY.reputation, labelled=60),
        nps=replace(NPS, calibration="audit-calibrated (60)", before_errors=False),
        share_of_voice=None,  # of which labels correct nothing
    )
    told = " ".join(digest_text(digest, PUBLIC).split())
    assert UNCORRECTED not in told.casefold()
    assert "412 persons, corrected by 60 labels;" in told
    assert "655 persons, audit-calibrated (60);" in told
    assert "the model's own errors are in it as far as 60 labels show them" in told


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(words.signed(-12.4), "−12", id="signed-down"),
        pytest.param(words.signed(12.6), "+13", id="signed-up"),
        pytest.param(words.signed(-0.4), "0", id="signed-nothing"),
        pytest.param(words.percent(0.004), "<1%", id="percent-below-one"),
        pytest.param(words.percent(0.0), "0%", id="percent-nothing"),
        pytest.param(words.ratio(1, 0), "–", id="percent-of-nothing"),
        pytest.param(words.money([Amount("EUR", 1830.4)]), "EUR 1,830", id="money"),
        pytest.param(words.money([Amount("", -5.0)]), "−5", id="money-without-currency"),
        pytest.param(
            words.money([Amount("EUR", 1830.4), Amount("USD", 20.0)]),
            "EUR 1,830 and USD 20",
            id="money-of-two-currencies",
        ),
        pytest.param(words.money([]), "0", id="no-money"),
        pytest.param(words.many(1, "mention"), "1 mention", id="one"),
        pytest.param(words.many(1830, "mention"), "1,830 mentions", id="many"),
        pytest.param(words.due(NOW, NOW), "overdue by 0 m", id="due-now"),
        pytest.param(words.due(NOW + timedelta(hours=26), NOW), "due in 1 d 2 h", id="due-later"),
    ],
)
def test_figures_look_alike_everywhere(shown: str, expected: str) -> None:
    assert shown == expected


def test_usual_day_needs_a_week_and_forgets_the_days_before_the_first_mention() -> None:
    assert words.usual([0, 0, 4, 4, 4, 4, 4, 4]) is None
    assert words.usual([0, 0, 4, 4, 4, 4, 4, 4, 0]) == 4
    assert words.usual([]) is None
    assert words.usual_total([DayVolume(TODAY, 9, 9, 9, 9, 9)] * 8) == 45
