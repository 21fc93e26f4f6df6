"""What the sources of reviews share: whose they are, and a review with the answer it got.

A reviewer is known here by the review alone: the name shown is free to choose, so two of one name
may be two people, and one who takes the brand's name is not the brand.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.brand import OwnAccount
from domain.mention import Author, Mention
from listener.clean import UnreadableError, not_ahead, words
from listener.source import Watch

FIRST_LOOK = timedelta(days=30)
ANSWERED_WITHIN = timedelta(days=7)  # so long a review is looked at again for the answer it got


def of_brand(watch: Watch, apps: Mapping[str, str]) -> list[str]:
    """Which of these (of an app, a business) are this brand's; values: names of brands."""
    return [app for app, brand in apps.items() if brand.casefold() == watch.brand.casefold()]


def reviewer(review_id: str, name: object, *, location: object = "") -> Author:
    return Author(
        id=f"reviewer of {review_id}", handle="", name=words(name), location=words(location)
    )


def stars(value: object) -> float:
    """One to five. Raises UnreadableError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 5:  # noqa: PLR2004
        raise UnreadableError("its stars are not 1 to 5")
    return float(value)


def with_answer(
    review: Mention, answer: str, at: datetime | None, *, account: str, watch: Watch, now: datetime
) -> list[Mention]:
    """The review, after the answer it got if there is one and the brand owns the account.

    account: under which the brand answers, which is the number of the business or the app. An
    answer by one that is not among own_accounts would count as a mention: it is left out.
    """
    own = Author(id=account, handle=account)
    if not answer or at is None or not _owns(watch.own_accounts, review.source, own):
        return [review]
    reply = Mention(
        source=review.source,
        external_id=f"{review.external_id}/answer",
        text=answer,
        published_at=not_ahead(at, now),
        url=review.url,
        parent_id=review.external_id,
        conversation_id=review.external_id,
        author=own,
    )
    return [reply, review]


def _owns(accounts: tuple[OwnAccount, ...], source: str, author: Author) -> bool:
    return any(account.is_author(source, author) for account in accounts)
