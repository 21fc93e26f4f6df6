"""Reads what is new for the order numbers that it names: what posts are about, not who wrote them.

It knows no order: what is named is stored, so that an order that is imported later is found, too.
"""

from collections.abc import Sequence

from crm.linking import own_words
from crm.order_numbers import named
from earshot.core.app import App
from storage import mention_orders

READ_AT_ONCE = 500


def read(app: App) -> int:
    """Read every mention that is new or says something else now; return how many name a number."""
    ours, rivals = _ours(app), [one.name for one in app.config.tracked if one.brand is None]
    naming = 0
    while True:
        with app.database.begin() as session:
            unread = mention_orders.unread(session, limit=READ_AT_ONCE)
            found = {
                one.mention_id: [
                    (number.number, number.quoted or one.is_repost)
                    for number in named(one.text, ours=ours, rivals=rivals)
                ]
                for one in unread
            }
            telling = [one.mention_id for one in unread if own_words.may_tell(one.text)]
            if found:
                mention_orders.save(session, found, telling)
            naming += sum(map(bool, found.values()))
        if len(unread) < READ_AT_ONCE:
            return naming


def _ours(app: App) -> Sequence[str]:
    """What our brands and their accounts are called."""
    brands = [one.brand for one in app.config.tracked if one.brand is not None]
    accounts = [own.account for brand in brands for own in brand.accounts]
    return [*(brand.name for brand in brands), *(one for one in accounts if not one.isdigit())]
