"""Keyed hashes in the place of names of people and posts: met again, they are known, not read."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.sql import batches, pairs
from storage.tables import MentionRow, SettingRow

SETTING = "sealing key"
_Name = tuple[str, str]  # source, external_id


def seal(session: Session, name: str) -> str:
    """The hash of this name under the database's own key."""
    key = session.info.get(SETTING) or _key(session)
    hashed = hmac.new(key, name.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"sealed-{hashed.hexdigest()}"


def marker(session: Session) -> Callable[[str], int]:
    """Hashes of 64 bits under the database's own key, signed as a column holds them."""
    key = session.info.get(SETTING) or _key(session)

    def mark(text: str) -> int:
        hashed = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=key)
        return int.from_bytes(hashed.digest(), "big", signed=True)

    return mark


def _key(session: Session) -> bytes:
    """Drawn at random when this database was made, so that all its copies have it."""
    kept = session.connection().info  # as long as the connection is open
    if SETTING not in kept:
        kept[SETTING] = bytes.fromhex(session.get_one(SettingRow, SETTING).value)
    key: bytes = kept[SETTING]
    session.info[SETTING] = key
    return key


def seals(session: Session, names: Iterable[_Name]) -> dict[_Name, _Name]:
    """What each of these posts is stored as once it is gone, to the name it had."""
    return {(source, seal(session, name)): (source, name) for source, name in names}


def gone(session: Session, names: Iterable[_Name]) -> Mapping[_Name, str]:
    """The seals of those of these posts that were stored once and are gone."""
    sealed = seals(session, names)
    found: dict[_Name, str] = {}
    for batch in batches(sorted(sealed)):
        these = pairs(MentionRow.source, MentionRow.external_id, batch)
        for source, name in session.execute(
            select(MentionRow.source, MentionRow.external_id).where(these)
        ):
            found[sealed[source, name]] = name
    return found
