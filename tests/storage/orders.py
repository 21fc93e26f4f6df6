"""Versions of a few posts, and what the database holds of them after they came in some order."""

from collections.abc import Sequence

from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.listing import Role
from domain.mention import Engagement, Mention
from storage import mentions
from storage.engine import Database
from storage.mentions import Listed
from storage.tables import (
    AuthorRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
)
from tests.storage.made import ANA, DAY, HOUR, MINUTE, NOW, mention

COUNT = st.one_of(st.none(), st.integers(0, 9))
AHEAD_OR_PAST = st.sampled_from([-90 * DAY, -2 * DAY, -HOUR, MINUTE, DAY, 400 * DAY])
TEXTS = ["acme", "acme is bad", "acme is mad", "globex and acme", "globex is bad", "it is all bad"]
ROLES = {"Acme": Role.BRAND, "Globex": Role.COMPETITOR}


@st.composite
def version(draw: st.DrawFn) -> Mention:
    """One of few posts, in one of few states: late, edited, counted anew, dated ahead."""
    number = draw(st.integers(1, 4))
    edited = draw(st.sampled_from([None, NOW - 3 * HOUR, NOW - MINUTE, NOW + DAY]))
    return mention(
        str(number),
        draw(st.sampled_from(TEXTS)) + (" again" if edited else ""),
        published_at=draw(
            st.just(NOW - number * HOUR)
            if draw(st.booleans())
            else AHEAD_OR_PAST.map(lambda by: NOW + by)
        ),
        edited_at=edited,
        engagement=Engagement(draw(COUNT), draw(COUNT), None, None),
        author=draw(st.sampled_from([None, ANA])),
    )


def store_named(session: Session, *found: Mention) -> int:
    """Store mentions under the brands that stand in their texts."""
    listed = []
    for one in found:
        roles = {brand: role for brand, role in ROLES.items() if brand.casefold() in one.text}
        listed.append(Listed(one, roles, named=roles.keys()))
    return mentions.add_new(session, listed, now=NOW)


def ends(database: Database, *orders: Sequence[Mention], pages: int) -> list[list[str]]:
    """What each order leaves: the first one version by version, the others in so many pages.

    A post is known before: of one that is not, a version that names nobody is not kept.
    """
    known = [mention(number, "acme") for number in sorted({one.external_id for one in orders[0]})]
    left = []
    with database.begin() as session:
        for number, order in enumerate(orders):
            for table in (ScoreRow, MentionBrandRow, MentionRow, AuthorRow):
                session.execute(delete(table))
            store_named(session, *known)
            cut = pages if number else len(order)
            for start in range(cut):
                store_named(session, *order[start::cut])
            session.expire_all()
            left.append(everything(session))
    return left


def everything(session: Session) -> list[str]:
    """What is stored, without our own ids."""
    rows = session.execute(
        select(
            *(
                column
                for column in MentionRow.__table__.c
                if column.name not in ("id", "author_id")
            ),
            AuthorRow.external_id,
            MentionBrandRow.brand,
            MentionBrandRow.naming,
            MentionBrandRow.published_at,
            MentionBrandRow.stage,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .outerjoin(AuthorRow, AuthorRow.id == MentionRow.author_id)
    )
    return sorted(map(str, rows))
