"""The numbers once more, from the rows of a database and the words of docs/reputation.md alone.

Plain Python: nothing of the product's that reads opinions, knows persons or adds up is used.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.tables import (
    AuthorRow,
    ClockRow,
    CorrectionRow,
    CustomerRow,
    IncidentMentionRow,
    IncidentRow,
    LinkJudgementRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
    SettingRow,
)

Row = dict[str, Any]
NO_PROMISE = {"dismissed", "no_answer_needed", "duplicate"}


@dataclass
class Day:
    """A published day, as this module finds it."""

    score: float | None = None
    parts: dict[str, float | None] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    sources: dict[str, tuple[int, float | None]] = field(default_factory=dict)
    without_author: tuple[int, int] = (0, 0)
    accounts: int = 0
    young: int = 0
    negative_reach: int = 0
    nps: tuple[float, float, float] | None = None  # value, low, high
    classes: tuple[int, int, int] = (0, 0, 0)  # promoters, passives, detractors


class Rows:
    """Everything that is stored.

    deleted: the account that wrote each post that is gone. before: the customers of accounts when
    it was deleted, for an account all of whose posts are gone is gone itself.
    """

    def __init__(
        self,
        session: Session,
        brand: str,
        deleted: Mapping[int, str],
        before: Mapping[str, int],
    ) -> None:
        self.deleted = deleted
        self.authors = {row["id"]: row for row in _all(session, AuthorRow)}
        self.accounts = {
            f"{row['source']} {row['external_id']}": row for row in self.authors.values()
        }
        self.listings = {
            row["mention_id"]: row
            for row in _all(session, MentionBrandRow)
            if row["brand"] == brand
        }
        self.posts = [row for row in _all(session, MentionRow) if row["id"] in self.listings]
        model = next(row["value"] for row in _all(session, SettingRow) if row["key"] == "model")
        self.scores = {
            row["mention_id"]: row
            for row in _all(session, ScoreRow)
            if row["brand"] == brand and row["model"] == model
        }
        self.corrected = {
            row["mention_id"]: row["label"]
            for row in _all(session, CorrectionRow)
            if row["brand"] == brand
        }
        self.customers = {**before, **customers_of(session)}
        self.clocks = _clocks(session, brand)

    def person(self, post: Row) -> str | None:
        """A customer where linked, else an account; None: nobody."""
        account = self.account(post)
        if account is None:
            return None
        customer = self.customers.get(account)
        return account if customer is None else f"customer {customer}"

    def account(self, post: Row) -> str | None:
        if post["id"] in self.deleted:
            return self.deleted[post["id"]]
        author = self.authors.get(post["author_id"])
        return f"{author['source']} {author['external_id']}" if author else None

    def heard_from(self, post: Row) -> str | None:
        """The account; of a deleted post whose account is gone only whose it was is kept."""
        return self.account(post) if self.author(post) else self.person(post)

    def author(self, post: Row) -> Row | None:
        """What is known of the account now, also of one that deleted the post.

        Of what a customer deleted is not kept from which account.
        """
        if post["id"] in self.deleted and self.is_customer(post):
            return None
        return self.accounts.get(self.account(post) or "")

    def is_customer(self, post: Row) -> bool:
        return (self.person(post) or "").startswith("customer ")

    def tone(self, post: Row) -> tuple[float, str] | None:
        """P(positive) - P(negative) and the label; None: not scored."""
        if (label := self.corrected.get(post["id"])) is not None:
            return {"negative": -1.0, "neutral": 0.0, "positive": 1.0}[label], label
        score = self.scores.get(post["id"])
        if score is None or score["label"] is None:
            return None
        return score["positive"] - score["negative"], score["label"]

    def counted(self, since: datetime, until: datetime) -> list[Row]:
        """Not own, not noise, no repost; of a story the first post alone."""
        found = [
            post
            for post in self.posts
            if self.listings[post["id"]]["role"] != "own"
            and self.listings[post["id"]]["hidden"] == ""
            and not post["is_repost"]
        ]
        first: dict[int, Row] = {}
        for post in found:
            story = post["story_id"]
            if story is not None and (
                story not in first or post["published_at"] < first[story]["published_at"]
            ):
                first[story] = post
        return [
            post
            for post in found
            if since <= post["published_at"] < until
            and (post["story_id"] is None or first[post["story_id"]] is post)
        ]


def _all(session: Session, kind: Any) -> list[Row]:  # noqa: ANN401 - a mapped class
    rows = session.execute(select(*kind.__table__.columns)).mappings()
    return [
        {
            name: _aware(value) if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        for row in rows
    ]


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def customers_of(session: Session) -> dict[str, int]:
    """The customer of each account that is confirmed to be one person's, and one's alone."""
    judgements = {row["id"]: row for row in _all(session, LinkJudgementRow)}
    records = {row["id"]: row["joined_to"] or row["id"] for row in _all(session, CustomerRow)}
    authors = {row["id"]: row for row in _all(session, AuthorRow)}
    found: defaultdict[str, set[int]] = defaultdict(set)
    for row in _all(session, LinkRow):
        present = judgements.get(row["present_id"])
        if present is not None and present["state"] == "confirmed":
            author = authors[row["author_id"]]
            account = f"{author['source']} {author['external_id']}"
            found[account].add(records[row["customer_id"]])
    return {account: min(one) for account, one in found.items() if len(one) == 1}


def _clocks(session: Session, brand: str) -> dict[int, list[Row]]:
    """The one promise of the incident of each post."""
    of = {row["id"] for row in _all(session, IncidentRow) if row["brand"] == brand}
    clocks: defaultdict[int, list[Row]] = defaultdict(list)
    for row in _all(session, ClockRow):
        clocks[row["incident_id"]].append(row)
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in _all(session, IncidentMentionRow):
        if row["incident_id"] in of:
            found[row["mention_id"]] += clocks[row["incident_id"]]
    return found


# --- adding up ------------------------------------------------------------------------------------


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def recompute(rows: Rows, day: date, zone: str, yardstick: timedelta) -> Day:
    until = midnight(day + timedelta(days=1), zone)
    since = midnight(day - timedelta(days=27), zone)
    posts = rows.counted(since, until)
    spoke = [post for post in posts if rows.person(post) is not None and rows.tone(post)]
    people = _people(rows, spoke, until)
    found = Day(accounts=len({rows.heard_from(post) for post in spoke}))
    known = {rows.person(post) for post in spoke if rows.is_customer(post)}
    asked = _asked(rows, since, until, yardstick)
    values = {
        "sentiment": _level(people) if len(people) >= 30 else None,
        "customers": _level({one: people[one] for one in people if one in known})
        if len(people) >= 30 and known
        else None,
        "response": 100 * (sum(asked.values()) + 0.5) / (len(asked) + 1) if asked else None,
    }
    found.parts, found.counts = (
        values,
        {"sentiment": len(people), "customers": len(known), "response": len(asked)},
    )
    base = {
        "sentiment": 0.60,
        "customers": 0.15 * len(known) / (len(known) + 20),
        "response": 0.25 * len(asked) / (len(asked) + 20),
    }
    if len(people) >= 30:
        base = {name: one for name, one in base.items() if values[name] is not None}
        found.weights = {name: one / sum(base.values()) for name, one in base.items()}
        found.score = sum(found.weights[name] * (values[name] or 0.0) for name in base)
    for source in {post["source"] for post in spoke}:
        alone = _people(rows, [post for post in spoke if post["source"] == source], until)
        found.sources[source] = (len(alone), _level(alone) if len(alone) >= 30 else None)
    nobody = [post for post in posts if rows.person(post) is None]
    tones = [rows.tone(post) for post in nobody]
    found.without_author = (
        len(nobody),
        sum(tone is not None and tone[1] == "negative" for tone in tones),
    )
    found.young, found.negative_reach = _young(rows, spoke, until), _reach(rows, spoke, people)
    _add_nps(found, rows, day, zone)
    return found


def _people(rows: Rows, posts: list[Row], until: datetime) -> dict[str, tuple[float, float]]:
    """Of each person: stance, and weight."""
    of: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for post in posts:
        person, tone = rows.person(post), rows.tone(post)
        assert person is not None
        assert tone is not None
        days = (until - post["published_at"]).total_seconds() / 86_400
        of[person].append((0.5 ** (days / 14), tone[0]))
    return {
        person: (
            sum(weight * tone for weight, tone in said) / sum(weight for weight, _ in said),
            max(weight for weight, _ in said),
        )
        for person, said in of.items()
    }


def _level(people: Mapping[Any, tuple[float, float]]) -> float:
    return 50 * (
        1
        + sum(weight * stance for stance, weight in people.values())
        / sum(weight for _, weight in people.values())
    )


def _asked(rows: Rows, since: datetime, until: datetime, yardstick: timedelta) -> dict[str, float]:
    """Of each person whose yardstick ended in the window: the share that was answered in time."""
    found: defaultdict[str, list[bool]] = defaultdict(list)
    for post in rows.counted(since - yardstick, until):
        listing, person = rows.listings[post["id"]], rows.person(post)
        due = post["published_at"] + yardstick
        if not listing["asks_for_answer"] or listing["role"] != "brand" or person is None:
            continue
        if post["standing"] == "gone" or not since <= due < until:
            continue
        clocks = rows.clocks.get(post["id"], [])
        if any(clock["how"] in NO_PROMISE for clock in clocks):
            continue
        answers = [listing["answered_at"]]
        answers += [clock["answered_at"] for clock in clocks if clock["how"] == "elsewhere"]
        found[person].append(any(at is not None and at <= due for at in answers))
    return {person: sum(said) / len(said) for person, said in found.items()}


def _young(rows: Rows, spoke: list[Row], until: datetime) -> int:
    """Persons of whom no account that spoke is 30 days old or of unknown age."""
    old = set()
    for post in spoke:
        author = rows.author(post)
        born = author["created_at"] if author else None
        if born is None or born <= until - timedelta(days=30):
            old.add(rows.person(post))
    return len({rows.person(post) for post in spoke} - old)


def _reach(rows: Rows, spoke: list[Row], people: Mapping[str, tuple[float, float]]) -> int:
    widest: defaultdict[str, int] = defaultdict(int)
    for post in spoke:
        person = rows.person(post) or ""
        author = rows.author(post)
        widest[person] = max(widest[person], (author and author["followers"]) or 0)
    return sum(reach for person, reach in widest.items() if people[person][0] < 0)


def _add_nps(found: Day, rows: Rows, day: date, zone: str) -> None:
    until = midnight(day + timedelta(days=1), zone)
    posts = rows.counted(midnight(day - timedelta(days=89), zone), until)
    spoke = [post for post in posts if rows.person(post) is not None and rows.tone(post)]
    stances = [stance for stance, _ in _people(rows, spoke, until).values()]
    up, down = sum(one >= 0.33 for one in stances), sum(one <= -0.33 for one in stances)
    n = len(stances)
    found.classes = (up, n - up - down, down)
    if n < 30:
        return
    p, d = (up + 0.75) / (n + 3), (down + 0.75) / (n + 3)
    half = 1.96 * sqrt((p + d - (p - d) ** 2) / (n + 3))
    found.nps = (100 * (up - down) / n, 100 * (p - d - half), 100 * (p - d + half))
