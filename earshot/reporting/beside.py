"""What stands beside a score: how much was heard, what is not scored, stars, by which rules."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from domain.reputation import Opinion, Reputation
from earshot.config.model import Config
from earshot.reporting import coverage
from earshot.reporting.coverage import USUALLY, Ledger, Usual, Window
from earshot.reporting.rule_hashes import filters_of, rules_of
from reputation.stars import stars
from storage import metrics, opinions


def with_beside(
    session: Session,
    score: Reputation,
    read: Sequence[Opinion],
    window: Window,
    config: Config,
) -> Reputation:
    """The score with all that is told beside it and changes nothing of it.

    read: the opinions of the window.
    """
    since, until = window
    brand = score.brand
    before = metrics.by_source(session, brand, since=since - USUALLY, until=since)
    ledger = coverage.read(session, config, since=since - USUALLY, now=until, shares_only=True)
    counts = Counter(before) + Counter(one.source for one in read)
    usual = Usual(brand, (since - USUALLY, until), counts)
    [share] = coverage.shares(ledger, [window], usual)
    heard = _heard(ledger, brand, read, window, before)
    waiting = opinions.waiting(session, brand, since=since, until=until)
    unscored = (one for one in read if one.polarity is None)
    return replace(
        score,
        heard=share,
        sources=tuple(replace(one, heard=heard[one.source]) for one in score.sources),
        waiting=len(waiting),
        unscored=sum((one.source, one.external_id) not in waiting for one in unscored),
        rules=rules_of(config, brand),
        filters=filters_of(config, brand),
        stars=stars(read, since=since, until=until),
    )


def _heard(
    ledger: Ledger, brand: str, read: Sequence[Opinion], window: Window, before: Mapping[str, int]
) -> dict[str, float]:
    """The share of the window in which each source was heard.

    What is imported was heard between its first and its last mention.
    """
    since, until = window
    first: dict[str, datetime] = {}
    last: dict[str, datetime] = {}
    for one in read:  # oldest first
        first.setdefault(one.source, one.published_at)
        last[one.source] = one.published_at
    found: dict[str, float] = {}
    for name, end in last.items():
        if ledger.listens_to(name):
            found[name] = ledger.share(name, window, brand)
        else:
            begin = since if before.get(name) else first[name]
            found[name] = (end - begin) / (until - since)
    return found
