"""Digests of an invented brand: a busy day, a quiet, the very first, a crowded, a hostile one."""

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum

from domain.customer import Amount
from domain.customer_lists import ListChange, ListName
from domain.digest import (
    Digest,
    FirstOrders,
    Linking,
    ListNews,
    OpenIncident,
    Quote,
    Revised,
    SourceHealth,
    Told,
    TrendChange,
    WaitingCustomer,
)
from domain.incident import CustomerProfile, Incident, IncidentKind, Severity, State
from domain.loyalty import Answered, Compared, Estimate, Loyalty, LoyaltyGroup, Outside
from domain.mute import Mute, Muted
from domain.reputation import (
    Comparison,
    NpsProxy,
    Part,
    Reputation,
    ResponseTimes,
    SourceScore,
    Stars,
    Status,
    WithoutAuthor,
    YoungAccounts,
)
from domain.sentiment import Label
from domain.share_of_voice import NetworkCount, NotCompared, ShareOfVoice, Side
from domain.valuation import Cohort, Segment
from domain.value_at_risk import SegmentAtRisk, ValueAtRisk
from domain.volume import DayVolume

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)  # 08:00 in Berlin
TODAY = date(2026, 11, 20)
HOSTILE = (
    "<b>\u202eeno\u2066 {{ 7*7 }} \x00\x07\x1b[2J\x9b31m\r\n\ud800 <script>alert(1)</script>"
    " \" onmouseover=\"x()\" ' style='background:url(//evil.example)' javascript:alert(1)"
    " data:text/html,<img src=//evil.example/x onerror=x()> {% x %} <!channel> <!here> <@U123>"
    " <!subteam^S1> <https://evil.example|paypal.com> &lt;!channel&gt; ```code``` *bold*"
    " zero\u200bwidth </style></title></table><!-- ]]> </td> " + "w" * 400
)


ANA = CustomerProfile(12, "Ana Ruiz", "gold", 1830.4, 9, "EUR", "handle on file")
TOM = CustomerProfile(31, "Tomasz Wilk", "platinum", 12405.0, 41, "EUR", "confirmed by Mia")


def quote(text: str, label: Label | None = Label.NEGATIVE, **changes: object) -> Quote:
    base = Quote(
        mention_id=1,
        source="x",
        author_handle="ana_bakes",
        author_name="Ana Ruiz",
        followers=1240,
        text=text,
        url="https://x.com/ana_bakes/status/1849",
        published_at=NOW - timedelta(hours=5),
        label=label,
        confidence=0.94 if label else 0.0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def incident(number: int, due_in: timedelta, **changes: object) -> Incident:
    base = Incident(
        id=number,
        kind=IncidentKind.COMPLAINT,
        key=f"complaint:Acme:x:{number}:{number}",
        brand="Acme",
        rule="unhappy customer",
        severity=Severity.HIGH,
        state=State.OPEN,
        posted_at=NOW - timedelta(hours=5),
        opened_at=NOW - timedelta(hours=5),
        due_at=NOW + due_in,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


LATE = OpenIncident(
    incident(3, -timedelta(hours=3, minutes=20), customer=TOM, severity=Severity.CRITICAL),
    4,
    quote(
        "Third parcel from @acme this month that arrives open and half empty. Support closed my "
        "ticket without a word. Is anybody reading this?",
        author_handle="twilk",
        author_name="Tomasz Wilk",
        followers=18200,
        url="https://x.com/twilk/status/1850",
    ),
)
SOON = OpenIncident(
    incident(4, timedelta(minutes=50), customer=ANA, assignee="mia", state=State.ACKNOWLEDGED),
    1,
    quote("Acme oven, 14 days old, error E7 again. I have 60 rolls to bake for tomorrow."),
)
ASLEEP = OpenIncident(
    incident(
        5,
        timedelta(hours=19),
        state=State.SNOOZED,
        snoozed_until=NOW + timedelta(hours=1),
        severity=Severity.NORMAL,
    ),
    2,
    quote(
        "Der neue Acme-Tarif ist doppelt so teuer, und niemand erklärt warum.",
        source="reddit",
        author_handle="nordlicht77",
        author_name="",
        followers=None,
        url="https://www.reddit.com/r/kitchen/comments/1abc/acme/",
    ),
)
_NEGATIVE = (
    12, 9, 14, 11, 8, 7, 13, 12, 10, 16, 12, 9, 8, 11,
    15, 13, 12, 10, 9, 7, 12, 14, 11, 12, 13, 9, 8, 41,
)  # fmt: skip


def days() -> tuple[DayVolume, ...]:
    start = TODAY - timedelta(days=28)
    return tuple(
        DayVolume(
            start + timedelta(days=i),
            negative=n,
            neutral=22 + (i * 7) % 13 - i % 4,
            positive=9 + (i * 5) % 8,
            unsure=i % 4,
            unscored=int(i % 9 == 0),
        )
        for i, n in enumerate(_NEGATIVE)
    )


def reputation(score: float = 61.3, on: date = TODAY) -> Reputation:
    return Reputation(
        brand="Acme",
        date=on,
        score=score,
        low=score - 2.1,
        high=score + 1.9,
        n_authors=431,
        status=Status.OK,
        parts=(
            Part("sentiment", 55.4, 0.7874, 43.6, 412, low=53.1, high=57.8),
            Part("customers", None, 0.0, 0.0, 0, "nobody who wrote is known as a customer"),
            Part("response", 83.3, 0.2126, 17.7, 36, low=69.0, high=93.1),
        ),
        formula="ORS-v2",
        n_persons=412,
        model="twitter-xlm-roberta@0a1b2c3d4e5f",
        sources=(
            SourceScore("mastodon", 21, None, 0.98),
            SourceScore("trustpilot", 96, 71.2, 0.36),
            SourceScore("x", 303, 51.9, 0.99),
        ),
        without_author=WithoutAuthor(312, 128),
        answer_yardstick=timedelta(hours=24),
        heard=0.97,
        waiting=0,
        unscored=44,
        young=YoungAccounts(7, 7 / 412, -1.2),
        negative_reach=1_204_330,
        stars=(Stars("trustpilot", 120, 4.23),),
        revision=1,
    )


COMPARED = Comparison(
    against=TODAY - timedelta(days=7),
    change=-4.2,
    like_for_like=-4.2,
    low=-6.9,
    high=-1.4,
    beyond_chance=True,
)
# A source was switched on, the formula is new, and the day is not published yet.
UNLIKE = Comparison(
    against=TODAY - timedelta(days=7),
    change=19.8,
    like_for_like=-0.4,
    low=-2.1,
    high=1.3,
    beyond_chance=False,
    lines=("trustpilot is new: +20.2", "other rules decide which posts ask for an answer: 0.0"),
)
CHANGES = (
    TrendChange(TODAY - timedelta(days=20), "formula ORS-v2 instead of ORS-v1", breaks=True),
    TrendChange(TODAY - timedelta(days=9), "trustpilot is new"),
    TrendChange(TODAY - timedelta(days=9), "answered within 24 h instead of 48 h"),
    TrendChange(TODAY - timedelta(days=3), "published after 24 h: 12 posts waited to be scored"),
)


NPS = NpsProxy(
    "Acme", TODAY, -12.0, -19.0, -5.0, 671, 171, 234, 250, Status.OK, n_persons=655, model="m@1"
)
TIMES = ResponseTimes(
    needed=46,
    due=36,
    in_time=27,
    answered=33,
    elsewhere=4,
    elsewhere_in_time=3,
    pending=7,
    overdue=3,
    oldest_open=timedelta(days=1, hours=4),
    attainment=0.75,
    attainment_low=0.589,
    attainment_high=0.862,
    answered_p50=timedelta(hours=2, minutes=54),
    answered_p90=timedelta(hours=12, minutes=18),
    km_p50=timedelta(hours=14, minutes=48),
    km_p90=None,
)
_TREND = (
    65.9, 66.1, 66.0, 65.7, None, None, 65.2, 65.6, 66.3, 66.8, 66.4, 66.1, 65.9, 66.0,
    66.2, 66.5, 67.0, 66.7, 66.4, 66.2, 65.8, 65.5, 65.1, 64.8, 64.9, 64.2, 63.6, 61.3,
)  # fmt: skip


def side(name: str, persons: int, share: float | None, negative: float | None = 0.16) -> Side:
    low, high = (None, None) if share is None else (share - 0.02, share + 0.02)
    return Side(name, persons, persons + 110, 7, share, low, high, persons - 9, negative, 900, 150)


VOICES = ShareOfVoice(
    brand="Acme",
    date=TODAY - timedelta(days=1),
    since=NOW - timedelta(days=28),
    until=NOW,
    persons=2700,
    status=Status.OK,
    sides=(
        side("Acme", 1398, 0.48, 0.26),
        side("Brightline", 1120, 0.39),
        side("Northpot", 388, 0.13, None),
    ),
    compared=("reddit", "x"),
    left_out=(NotCompared("trustpilot", "all there is about Acme"),),
    counts=(
        NetworkCount("x", "Acme", 12_340, TODAY - timedelta(days=7), TODAY),
        NetworkCount("x", "Brightline", 9_100, TODAY - timedelta(days=7), TODAY),
    ),
)
BUSY = Digest(
    brand="Acme",
    date=TODAY,
    timezone="Europe/Berlin",
    made_at=NOW,
    days=days(),
    reputation=reputation(),
    reputation_before=reputation(65.5, TODAY - timedelta(days=7)),
    nps=NPS,
    nps_before=replace(NPS, value=-8.0, low=-15.0, high=-1.0, date=TODAY - timedelta(days=7)),
    reputation_trend=tuple(
        (TODAY - timedelta(days=27 - i), value) for i, value in enumerate(_TREND)
    ),
    comparison=COMPARED,
    trend_intervals=tuple(
        (TODAY - timedelta(days=27 - i), value - 2.1, value + 1.9)
        for i, value in enumerate(_TREND)
        if value is not None
    ),
    trend_changes=CHANGES[2:],
    response=TIMES,
    open_incidents=(LATE, SOON, ASLEEP),
    dismissed=(("mia", 2), ("jon", 1)),
    mutes=(
        Mute(
            id=1,
            what=Muted.RULE,
            value="delays",
            brand="",
            reason="the strike is known",
            by="ana",
            created_at=NOW - timedelta(hours=5),
            until=NOW + timedelta(hours=24),
            kept_quiet=12,
        ),
    ),
    hidden=(("not about the brand", 1_204), ("by hand", 1)),
    unread=(("sv", 2), ("fi", 1)),
    worst=(
        LATE.quote,
        quote(
            "Acme recalls the E7 board quietly. Checked three shops, nobody was told.",
            source="mastodon",
            author_handle="kitchenwatch@mas.example",
            author_name="Kitchen Watch",
            followers=5310,
            url="https://mas.example/@kitchenwatch/1100",
        ),
        SOON.quote,
    ),
    best=(
        quote(
            "Had a question about my Acme mixer at 22:40, a human answered at 22:52. Kudos.",
            Label.POSITIVE,
            author_handle="petra_h",
            author_name="Petra H.",
            customer_name="Petra Holm",
            customer_tier="silver",
        ),
        quote(
            "خلاط أكمي ممتاز، اشتريته قبل سنة وما زال يعمل كالجديد",
            Label.POSITIVE,
            author_handle="noura_k",
            author_name="نورة",
            followers=88,
        ),
    ),
    voices=(),
    share_of_voice=VOICES,
    health=(
        SourceHealth("x", 84, NOW - timedelta(minutes=4), "", ()),
        SourceHealth(
            "reddit",
            21,
            NOW - timedelta(minutes=6),
            "",
            ("between 14:02 and 14:31 more was new than Reddit lists, at least 12 missed",),
        ),
        SourceHealth(
            "mastodon",
            0,
            NOW - timedelta(hours=9),
            "mas.example refuses the token since Thu 23:10: make a new one and restart",
            (),
        ),
    ),
    customers_waiting=3,
    value_waiting=(Amount("EUR", 14_820.4),),
    linking=Linking(linked=41, allowed=100, authors=112),
)


def estimate(n: int, value: float | None, off: float = 0.08) -> Estimate:
    low, high = (None, None) if value is None else (value - off, value + off)
    return Estimate(n, float(n), value, low, high)


def group(answered: Answered, customers: int, *shares: float | None) -> LoyaltyGroup:
    raw, matched, alike = (estimate(customers, one) for one in shares)
    repeat = Compared(raw, *(() if answered is Answered.NEVER_ASKED else (matched, alike)))
    none = Compared(estimate(0, None))
    return LoyaltyGroup(answered, customers, 9, repeat, none, none, none, ())


# A Monday that is the first of a month: with all that is told on such days alone.
MONDAY = replace(
    BUSY,
    date=date(2026, 6, 1),
    not_final=True,
    comparison=UNLIKE,
    trend_changes=CHANGES,
    told_before=Told(date(2026, 5, 30), 63.0, 63.6, final=True),
    revised=(
        Revised(date(2026, 5, 27), 58.2, 64.9, "10 incidents dismissed"),
        Revised(date(2026, 5, 28), 61.9, 64.2, "36 late scores"),
    ),
    waiting_customers=(
        WaitingCustomer(1, replace(TOM, segment="exclusive"), NOW - timedelta(hours=5)),
        WaitingCustomer(2, replace(ANA, segment="regular"), NOW - timedelta(days=3, hours=2)),
        WaitingCustomer(
            3,
            replace(ANA, id=77, name="Lee Park", tier="", currency="USD", segment=""),
            NOW - timedelta(minutes=5),
        ),
    ),
    at_risk=ValueAtRisk(
        rows=(
            SegmentAtRisk("EUR", Segment.EXCLUSIVE, 1, 12_405.0, None),
            SegmentAtRisk("EUR", Segment.REGULAR, 1, 1_830.4, None),
            SegmentAtRisk("USD", Segment.OCCASIONAL, 1, 585.0, None),
        ),
        customers=3,
        without_orders=0,
        mentions=17,
        linkable=9,
        linked=3,
    ),
    lists=ListNews(
        date(2026, 5, 25),
        (
            ListChange(ListName.AMBASSADORS, 12, 1, 0, (Amount("EUR", 2_200.5),)),
            ListChange(ListName.AT_RISK, 31, 4, 2, (Amount("EUR", 910.0), Amount("USD", 40.0))),
            ListChange(ListName.LOST, 204, 9, 1, (Amount("EUR", 45.0),)),
            ListChange(ListName.WON_BACK, 8, 0, 3, ()),
            ListChange(ListName.LEADS, 17, 6, 5, ()),
        ),
    ),
    loyalty=Loyalty(
        brand="Acme",
        since=date(2024, 6, 1),
        until=date(2026, 5, 31),
        as_of=date(2026, 6, 1),
        groups=(
            group(Answered.IN_TIME, 212, 0.41, 0.42, 0.38),
            group(Answered.LATE, 88, 0.31, 0.30, 0.36),
            group(Answered.NEVER, 19, None, None, None),
            group(Answered.ELSEWHERE, 31, 0.39, 0.38, 0.37),
            group(Answered.NEVER_ASKED, 954, 0.37, None, None),
        ),
        linked=1_411,
        left_out=dict.fromkeys(Outside, 12),
        unlinked=8_208,
    ),
    first_orders=FirstOrders(
        date(2026, 5, 31),
        tuple(
            Cohort(
                date(2025 + (n + 1) // 12, (n + 1) % 12 + 1, 1),
                (312, 287, 301, 12, 344, 290, 276, 331, 402, 388, 295, 310, 280, 305, 299)[n],
                tuple(
                    max(0, 92 - 7 * month + n * 3) // (30 if n == 3 else 1)
                    for month in range(15 - n)
                ),
            )
            for n in range(15)
        ),
    ),
)

NO_TIMES = ResponseTimes(0, 0, 0, 0, 0, 0, 0, 0, *[None] * 8)
FIRST_DAY = Digest(
    brand="Acme",
    date=TODAY,
    timezone="Europe/Berlin",
    made_at=NOW,
    days=(),
    reputation=Reputation("Acme", TODAY, None, None, None, 0, Status.INSUFFICIENT, (), "ORS-v2"),
    reputation_before=None,
    nps=NpsProxy("Acme", TODAY, None, None, None, 0, 0, 0, 0, Status.INSUFFICIENT),
    nps_before=None,
    reputation_trend=(),
    response=NO_TIMES,
    open_incidents=(),
    dismissed=(),
    worst=(),
    best=(),
    voices=(),
    health=(),
    customers_waiting=0,
    value_waiting=(),
    linking=Linking(0, 0, 0),
)
QUIET = replace(
    BUSY,
    days=tuple(
        DayVolume(day.date, *((0,) * 5 if day is BUSY.days[-1] else (1, 2, 1, 0, 0)))
        for day in BUSY.days
    ),
    open_incidents=(),
    worst=(),
    best=(),
    dismissed=(),
    share_of_voice=replace(VOICES, sides=VOICES.sides[:1], left_out=(), counts=()),
    health=BUSY.health[:1],
    customers_waiting=0,
    value_waiting=(),
    response=NO_TIMES,
    reputation=replace(
        reputation(),
        score=None,
        low=None,
        high=None,
        n_authors=12,
        n_persons=12,
        status=Status.INSUFFICIENT,
    ),
    comparison=None,
    nps=replace(
        NPS, value=None, low=None, high=None, n_authors=29, n_persons=29, status=Status.INSUFFICIENT
    ),
)


def _many(count: int) -> tuple[OpenIncident, ...]:
    return tuple(
        replace(
            LATE,
            incident=incident(100 + i, timedelta(minutes=10 * i - 90), customer=TOM),
            quote=quote(
                f"{i}: " + "the lid is broken & nobody answers <3 " * 40,
                url=f"https://x.com/twilk/status/{i}",
            ),
        )
        for i in range(count)
    )


CROWDED = replace(
    BUSY,
    open_incidents=_many(60),
    worst=tuple(one.quote for one in _many(70)[60:]),
    best=tuple(replace(one.quote, label=Label.POSITIVE) for one in _many(12)),
    share_of_voice=replace(
        VOICES,
        sides=tuple(side(f"Rival & Sons number {i}", 1000 - i, 1 / 30) for i in range(30)),
        compared=tuple(f"network & {i}" for i in range(30)),
        left_out=tuple(NotCompared(f"forum <{i}>", "why & why not " * 40) for i in range(30)),
        counts=tuple(
            NetworkCount("x", f"Rival & Sons number {i}", 10**9, TODAY, TODAY + timedelta(days=7))
            for i in range(30)
        ),
    ),
    health=tuple(
        SourceHealth(f"rss-{i}", i, None, "the feed answers 503 & more. " * 9, ("one gap",) * 9)
        for i in range(40)
    ),
    dismissed=tuple((f"person-{i}", 3) for i in range(40)),
)


def hostile_digest(digest: Digest, text: str = HOSTILE, *, urls: bool = False) -> Digest:
    """The same digest with every text that may come from outside replaced."""
    keep = {"timezone"} if urls else {"timezone", "url"}
    changed = _hostile(digest, text, keep)
    assert isinstance(changed, Digest)
    return changed


def _hostile(value: object, text: str, keep: set[str]) -> object:
    if isinstance(value, tuple):
        return tuple(_hostile(one, text, keep) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        kept = {one.name: getattr(value, one.name) for one in fields(value)}
        told = {name: _hostile(one, text, keep) for name, one in kept.items() if name not in keep}
        return replace(value, **told)
    return text if isinstance(value, str) and value and not isinstance(value, Enum) else value
