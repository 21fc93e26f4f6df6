"""What X is asked for a watch. No client library is imported here."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from domain.errors import ConfigError
from listener.clean import words
from listener.query import X_DIALECT, Compiled, compiled
from listener.source import Watch

MENTIONS = "mentions:"  # and an account's id: its timeline of mentions, in place of a query


def searches(watch: Watch) -> Compiled:
    """What X is asked: the brand's query, or anything by its own accounts or in reply to them.

    Raises ConfigError when X cannot be asked that or an own account is no account of X.
    """
    besides = by_and_to_own(watch)
    return compiled(watch.query, X_DIALECT, languages=watch.languages, or_also=besides)


def by_and_to_own(watch: Watch) -> list[str]:
    """What finds the posts of the watch's own accounts, and the replies to them.

    Of a competitor's accounts the replies alone: every post that is read costs.
    """
    found = []
    for one in (*watch.own_accounts, *watch.only_addressed):
        account = one.account.removeprefix("@")
        if one.source in ("", "x") and re.fullmatch(r"[A-Za-z0-9_]{1,20}", account):
            found += [f"from:{account}"] if one in watch.own_accounts else []
            found.append(f"to:{account}")
        elif one.source == "x":
            raise ConfigError(f"own account {one.account!r}: write X's handle without @, or the id")
    return found


def mentioned(watch: Watch, account_ids: Sequence[str]) -> list[str]:
    """The timelines to read for this watch: of those of these accounts that are its own."""
    ids = (one for one in watch.own_accounts if one.source in ("", "x") and one.is_id("x"))
    own = {one.account for one in ids}
    return [f"{MENTIONS}{account_id}" for account_id in account_ids if account_id in own]


def reworded(cursor: Mapping[str, Any] | None, asks: Sequence[str]) -> Mapping[str, Any] | None:
    """The cursor where an earlier version made these searches in other words.

    Another query or account has another cursor, so searches of which none is known mean the same as
    those before: each goes on where the one of these had come to that is furthest behind.
    """
    kept = (cursor or {}).get("asks")
    if not isinstance(kept, dict) or any(ask in kept for ask in asks):
        return cursor
    found = (state for ask, state in kept.items() if not ask.startswith(MENTIONS))
    before = [state for state in found if isinstance(state, dict)]
    behind = min(before, key=lambda state: words(state.get("covered_at")), default=None)
    return {"asks": {**kept, **dict.fromkeys(asks, behind)}}
