"""Keeps the keys that lead from authors to customers' records as the records are."""

from crm.linking import keys
from earshot.core.app import App
from storage import customer_keys, sealing
from storage.customer_keys import Held


def refresh(app: App) -> int:
    """Make the keys of records that are new or have changed; return how many those were."""
    done = 0
    while True:
        with app.database.begin() as session:
            records = customer_keys.unkeyed(session)
            mark = sealing.marker(session)
            made = {one.row.id: {mark(key) for key in _keys(one)} for one in records}
            customer_keys.replace(session, made)
        if not records:
            return done
        done += len(records)


def _keys(record: Held) -> set[str]:
    return keys.of_record(
        record.row.name,
        record.emails,
        record.phones,
        record.row.website,
        [(entry.network, entry.handle) for entry in record.handles],
    )
