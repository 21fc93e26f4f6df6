"""What each network's rules allow us to keep, link and answer."""

from datetime import date, timedelta

from domain.contract import Contract

# Where no period is written, this is long enough to leave the choice to [privacy] retention_days.
_NO_PERIOD = timedelta(days=3650)
_READ_ON = date(2026, 11, 21)

X = Contract(
    source="x",
    may_link=True,
    may_reply="when mentioned",
    retention=_NO_PERIOD,
    delete_within=timedelta(hours=24),
    sunset=None,
    reason=(
        "An author may be linked to a customer only on a basis: express consent, or a handle the "
        "customer gave you directly and would expect to be used so; people without a prior "
        "relationship are never linked. No storage period is written for posts that still stand."
    ),
    reference=(
        "X developer terms: restricted use cases (off-X matching), policy (deletions), "
        "changelog of 2026-02-23 (replies); https://docs.x.com/developer-terms/restricted-use-cases"
    ),
    read_on=_READ_ON,
)

REDDIT = Contract(
    source="reddit",
    may_link=False,
    may_reply="no",
    retention=_NO_PERIOD,
    delete_within=timedelta(hours=48),
    sunset=date(2027, 3, 1),
    reason=(
        "Reddit forbids matching its data with off-platform identifiers, so an author is never "
        "linked to a customer. No storage period is written for posts that still stand."
    ),
    reference=(
        "Reddit Data API terms and wiki (matching, deleted content within 48 h); closing dates as "
        "announced 2026-09-30, read in projects that quote them, not at Reddit itself; "
        "https://support.reddithelp.com/hc/en-us/articles/16160319875092"
    ),
    read_on=_READ_ON,
)

CONTRACTS = {contract.source: contract for contract in (X, REDDIT)}

_ALIASES = {"twitter": "x"}  # what exports of other tools call it


def contract_of(source: str) -> Contract:
    """The contract of a source; one that came by import and is not known here gets the default."""
    name = source.strip().lower()
    name = _ALIASES.get(name, name)
    return CONTRACTS.get(name) or Contract(
        source=name,
        may_link=True,
        may_reply="no",
        retention=_NO_PERIOD,
        delete_within=timedelta(hours=24),
        sunset=None,
        reason=(
            "We have read no rules of this network: who imported the file answers for them, and an "
            "author is linked only by a handle the customer gave you. No storage period is known."
        ),
        reference="none: imported by you",
        read_on=_READ_ON,
    )
