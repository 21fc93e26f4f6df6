"""E-mail: what people write to the brand's own mailboxes, read over IMAP and never changed.

Sees     every mail of the folders that are named, read or unread; with the folder of sent mail
         among them the brand's answers too. Attachments are not looked at; of each mail the first
         megabyte.
Needs    [sources.email] base_url of the mail server, user and password (of an app, where the server
         wants one); own_accounts with email:ADDRESS, so that answers are known as such.
Limits   the server's own. What is deleted in the mailbox stays here as long as [privacy] says.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from domain.clock import iso
from domain.contract import Contract
from domain.errors import ConfigError
from listener.clean import UnreadableError, count
from listener.contracts import contract_of
from listener.dates import instant
from listener.source import Page, Watch
from listener.sources.email.imap import Folder, opened
from listener.sources.email.posts import mention_of
from listener.sources.email.settings import EmailSettings
from listener.streams import each_stream
from listener.walk import FIRST_LOOK

_PER_PAGE = 10  # mails of one fetch: ten megabytes at most
_MOST_PAGES = 50  # of one pass and folder; the next pass goes on behind them


class EmailSource:
    """The folders of one mailbox, each with its own place to go on from."""

    name = "email"
    contract: Contract = contract_of("email")

    def __init__(self, settings: EmailSettings) -> None:
        if not settings.base_url:
            raise ConfigError("sources.email.base_url is missing: imaps://imap.example.org")
        password = settings.password.get_secret_value()
        self._open = partial(opened, settings.base_url, settings.user, password)
        self._folders, self._brand = settings.folders, settings.brand.strip().casefold()

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; nothing for another brand than the one it is bound to."""
        if self._brand and watch.brand and watch.brand.casefold() != self._brand:
            return

        def walk(folder: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            with self._open(folder) as opened_folder:
                yield from _walk(opened_folder, state or {}, since, now)

        yield from each_stream(cursor, self._folders, walk)

    def check(self) -> str:
        """Open every folder and look for the mails of today."""
        counts = []
        for name in self._folders:
            with self._open(name) as folder:
                folder.since(datetime.now(UTC).date())
                counts.append(f"{name} with {folder.count} mails")
        return f"email: {', '.join(counts)} can be read"


def _walk(
    folder: Folder, state: Mapping[str, Any], since: datetime | None, now: datetime
) -> Iterator[Page]:
    """Forward by the mails' numbers, which only grow: a mail that comes late has a higher one."""
    read_at = instant(state.get("read_at"))
    same = state.get("uidvalidity") == folder.validity and read_at is not None
    known = (count(state.get("uid")) or 0) if same else 0
    if same and since is None:
        uids = folder.after(known)[: _PER_PAGE * _MOST_PAGES]
    else:
        # The first pass, a backfill, or the server has numbered everything anew. It knows days,
        # not instants, and those of its own clock.
        back_to = since or read_at or now - FIRST_LOOK
        uids = folder.since((back_to - timedelta(days=1)).date())
    for start in range(0, len(uids), _PER_PAGE):
        batch = uids[start : start + _PER_PAGE]
        known = max(known, batch[-1])
        cursor = _cursor(folder, known, now)
        yield _page(folder, batch, cursor, now, backlog=not same or since is not None)
    if not uids:
        # Nothing is there: what comes from now on is new.
        known = max(known, folder.next_uid - 1)
        yield Page((), _cursor(folder, known, now), 0)


def _cursor(folder: Folder, uid: int, now: datetime) -> dict[str, Any]:
    return {"uidvalidity": folder.validity, "uid": uid, "read_at": iso(now)}


def _page(
    folder: Folder, uids: list[int], cursor: dict[str, Any], now: datetime, *, backlog: bool
) -> Page:
    mails = folder.fetch(uids)
    mentions, broken = [], []
    for mail in mails:
        try:
            mention = mention_of(mail.raw, mail.received_at, now)
        except UnreadableError as error:
            broken.append(f"email: mail {mail.uid} of {folder.name}: {error}")
        else:
            mentions += [mention] if mention is not None else []
    return Page(tuple(mentions), cursor, len(mails), tuple(broken), backlog=backlog)
