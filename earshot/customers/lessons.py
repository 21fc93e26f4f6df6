"""The linker's weights: those that are shipped, and what people decided here since.

Nobody has to train anything: a decision counts from the next look on.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from crm.linking.estimate import counted, learned
from crm.linking.evidence import Finding
from crm.linking.weighing import weigh
from crm.linking.weights import Weights, shipped
from earshot.customers import candidates
from storage import customer_keys, link_lessons, link_work, links
from storage.link_lessons import Lesson
from storage.sql import batches

NEWEST = 1_000  # decisions that count: what was decided years ago tells little of today's
_AT_ONCE = 200  # authors


def weights(session: Session) -> Weights:
    """The weights as of the newest decision."""
    known = link_lessons.learned(session)
    seen = known.get("judgement", 0)
    last = link_lessons.last(session, since=seen)
    if last > seen:
        known = _learn(session) | {"judgement": last}
        link_lessons.keep(session, known)
    counts = {
        kind: {level: (right, wrong) for level, (right, wrong) in levels.items()}
        for kind, levels in known.get("counts", {}).items()
    }
    return learned(shipped(), counts, known.get("pairs", [0, 0]))


def _learn(session: Session) -> dict[str, Any]:
    """Count what is found today of the pairs that were decided."""
    lessons = link_lessons.lessons(session, limit=NEWEST)
    counts, pairs = counted(_decided(session, lessons))
    return {"counts": counts, "pairs": pairs}


def _decided(
    session: Session, lessons: Sequence[Lesson]
) -> Iterator[tuple[Mapping[str, Finding], bool]]:
    for batch in batches(lessons, _AT_ONCE):
        of_author: dict[int, dict[int, bool]] = defaultdict(dict)
        for one in batch:
            of_author[one.author_id][one.record_id] = one.right
        rows = [row for one in of_author if (row := links.author(session, one))]
        heard = link_work.heard(session, [row.id for row in rows])
        asked = candidates.of(session, rows, heard)
        held = customer_keys.held(session, {one.record_id for one in batch})
        decided = {one.row.id: candidates.candidate(one) for one in held}
        for author_id, records in of_author.items():
            if (asker := asked.get(author_id)) is None:
                continue
            others = {one.customer_id: one for one in asker.candidates}
            both = others | {one: decided[one] for one in records if one in decided}
            right = {decided[one].person_id: yes for one, yes in records.items() if one in decided}
            for found in weigh(asker.writer, asker.said, list(both.values()), shipped()):
                if found.person_id in right:
                    yield found.findings, right[found.person_id]
