"""Mentions without the brand's name in its conversations: below its posts and complaints."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from domain.listing import Role
from domain.mention import Mention
from earshot.brands.tracked import TrackedBrand
from storage import conversations
from storage.conversations import Concern
from storage.mentions import Listed


def in_conversations(
    session: Session,
    nameless: Sequence[Mention],
    tracked: Sequence[TrackedBrand],
    *,
    beside: Sequence[Listed] = (),
) -> list[Listed]:
    """Those of these mentions, about nobody by themselves, that belong to a brand's conversation.

    Such is what answers or quotes one of its own posts or a post of a live incident, or has one of
    these as its root. A thread under one complaint would alert for hours: posts in it by others
    than its author are quiet.
    beside: what came with them and is not stored yet; own posts among it count, too.
    """
    brands = {one.name for one in tracked if one.brand}
    above = {mention.external_id: _above(mention) for mention in nameless}
    asked = {key for keys in above.values() for key in keys}
    concerns = _written_by_brands(beside) | conversations.concerns(session, asked)
    found = []
    for mention in nameless:
        why = [
            concern
            for key in above[mention.external_id]
            for concern in concerns.get(key, ())
            if concern.brand in brands
        ]
        if why:
            roles = {concern.brand: Role.BRAND for concern in why}
            found.append(Listed(mention, roles, quiet=not any(_wakes(mention, one) for one in why)))
    return found


def _written_by_brands(listed: Sequence[Listed]) -> dict[tuple[str, str], list[Concern]]:
    return {
        (one.mention.source, one.mention.external_id): [
            Concern(brand, is_own=True) for brand, role in one.roles.items() if role is Role.OWN
        ]
        for one in listed
        if Role.OWN in one.roles.values()
    }


def _above(mention: Mention) -> set[tuple[str, str]]:
    """The posts that it answers, quotes or has as its root; none for a plain repost."""
    names = {mention.parent_id, mention.conversation_id} - {None, mention.external_id}
    return set() if mention.is_repost else {(mention.source, name) for name in names if name}


def _wakes(mention: Mention, concern: Concern) -> bool:
    author = mention.author.id if mention.author else ""
    return concern.is_own or (author != "" and author == concern.author)
